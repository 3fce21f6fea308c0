using System.Globalization;
using System.Text;

namespace BootProtocol.Symbols;

/// <summary>A symbol of a kernel: a function, a variable or a place.</summary>
/// <example><code>
/// if (kernel.Symbols is { } symbols &amp;&amp; symbols.TryFind("linux_banner", out KernelSymbol banner))
///     Console.WriteLine($"{banner.Address} {banner.Kind} {banner.Name}, {banner.Size} bytes");
/// </code></example>
public readonly struct KernelSymbol
{
    private readonly KernelSymbols _symbols;

    internal KernelSymbol(KernelSymbols symbols, int index)
    {
        _symbols = symbols;
        Index = index;
    }

    /// <summary>The symbol's number, from 0, in the order of addresses.</summary>
    public int Index { get; }

    /// <summary>Its virtual address, as linked; of a variable that each processor has, its place in their area in kernels up to 6.14.</summary>
    public Vaddr Address => new(_symbols.AddressOf(Index));

    /// <summary>
    /// Its kind by the letters of nm: <c>T</c> for code, <c>D</c> for data, <c>R</c> for data that is not written, <c>B</c> for what begins with
    /// zeros, <c>A</c> for a value, <c>W</c> for weak; small letters where no other file sees it.
    /// </summary>
    public char Kind => (char)_symbols.TextOf(Index)[0];

    /// <summary>The bytes up to the next symbol's address, which includes padding; 0 for the last one.</summary>
    public ulong Size => _symbols.SizeOf(Index);

    /// <summary>The name's bytes; valid as long as the table is.</summary>
    public ReadOnlySpan<byte> NameBytes => _symbols.TextOf(Index)[1..];

    /// <summary>The name. It is made anew each time.</summary>
    public string Name => Encoding.UTF8.GetString(NameBytes);

    /// <summary>The line that <c>/proc/kallsyms</c> of the running kernel has for it: address, kind, name.</summary>
    public override string ToString()
    {
        string address = Address.Value.ToString(_symbols.Word == WordSize.Bits64 ? "x16" : "x8", CultureInfo.InvariantCulture);
        return $"{address} {Kind} {Name}";
    }
}
