using System.Text;

namespace BootProtocol.Elf;

/// <summary>A symbol and its name.</summary>
/// <example><code>
/// foreach (SymbolEntry entry in kernel.Elf.Symbols)
///     Console.WriteLine($"0x{entry.Symbol.Value:x} {entry.Name}");
/// </code></example>
public readonly ref struct SymbolEntry
{
    private readonly SymbolTable _table;

    internal SymbolEntry(SymbolTable table, int index, Symbol symbol)
    {
        _table = table;
        Index = index;
        Symbol = symbol;
    }

    /// <summary>The symbol's number, from 0.</summary>
    public int Index { get; }

    /// <summary>Value, size, kind and binding.</summary>
    public Symbol Symbol { get; }

    /// <summary>The name's bytes, without its NUL.</summary>
    /// <exception cref="BootFormatException">The name lies outside of the table of texts, or is longer than the limits allow.</exception>
    public ReadOnlySpan<byte> NameBytes => _table.NameOf(Index, Symbol.NameOffset);

    /// <summary>The name.</summary>
    /// <exception cref="BootFormatException">The name lies outside of the table of texts, or is longer than the limits allow.</exception>
    public string Name => Encoding.UTF8.GetString(NameBytes);
}
