using System.Buffers;
using System.Globalization;
using System.Text;
using BootProtocol.Specs;
using BootProtocol.Symbols;
using BootProtocol.Symbols.Rust;

namespace BootProtocol.Cli.SymbolLists;

/// <summary>
/// Writes symbols as <c>/proc/kallsyms</c> and <c>System.map</c> have them: address, kind, name, in which what does not print is spelt out.
/// </summary>
internal static class SymbolMap
{
    /// <summary>Address, blank, kind, blank.</summary>
    private const int Head = 19;

    /// <summary>Writes a line for each.</summary>
    public static void Write(IEnumerable<KernelSymbol> symbols, WordSize word, TextWriter output)
    {
        // A kernel has hundreds of thousands: no string is made for any of them.
        string format = word == WordSize.Bits64 ? "x16" : "x8";
        char[] line = ArrayPool<char>.Shared.Rent(1024);
        foreach (KernelSymbol symbol in symbols)
        {
            ReadOnlySpan<byte> name = symbol.NameBytes;
            if (line.Length < Head + name.Length + 1)
            {
                ArrayPool<char>.Shared.Return(line);
                line = ArrayPool<char>.Shared.Rent(Head + name.Length + 1);
            }

            symbol.Address.Value.TryFormat(line, out int length, format, CultureInfo.InvariantCulture);
            line[length++] = ' ';
            line[length++] = symbol.Kind;
            line[length++] = ' ';
            Span<char> text = line.AsSpan(length, Encoding.UTF8.GetChars(name, line.AsSpan(length)));
            if (text.ContainsAnyExceptInRange(' ', '~'))
            {
                output.Write($"{line.AsSpan(0, length)}{SpecText.Printable(text.ToString())}\n");
                continue;
            }

            length += text.Length;
            line[length++] = '\n';
            output.Write(line.AsSpan(0, length));
        }

        ArrayPool<char>.Shared.Return(line);
    }

    /// <summary>Writes a line for each, with names of Rust as people write them.</summary>
    public static void WriteDemangled(IEnumerable<KernelSymbol> symbols, TextWriter output)
    {
        foreach (KernelSymbol symbol in symbols)
            output.Write($"{symbol.ToString()[..^symbol.Name.Length]}{SpecText.Printable(RustName.Demangle(symbol.Name))}\n");
    }

    /// <summary>Writes where an address is as the kernel's own messages do: <c>NAME+0xOFFSET/0xSIZE</c>.</summary>
    public static void WritePlace(KernelSymbol symbol, ulong address, bool isDemangled, TextWriter output)
    {
        string name = SpecText.Printable(isDemangled ? RustName.Demangle(symbol.Name) : symbol.Name);
        output.Write(string.Create(CultureInfo.InvariantCulture, $"{name}+0x{address - symbol.Address.Value:x}/0x{symbol.Size:x}\n"));
    }
}
