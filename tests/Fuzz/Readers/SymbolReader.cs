using BootProtocol.Elf;
using BootProtocol.Symbols;
using BootProtocol.Symbols.Rust;

namespace BootProtocol.Fuzz.Readers;

/// <summary>Reads a table of symbols: the input is what a kernel is made of, for each word size.</summary>
internal static class SymbolReader
{
    /// <summary>Reads the bytes of a kernel's only segment.</summary>
    public static void Read(byte[] image, Facts facts)
    {
        foreach (WordSize word in (ReadOnlySpan<WordSize>)[WordSize.Bits32, WordSize.Bits64])
        {
            facts.AskAll($"{word}", () =>
            {
                KernelSymbols? symbols = KernelSymbols.Read(ElfFile.Open(KernelBytes.FromMemory(NoteSegmentReader.Wrap(image, word))));
                return symbols is null ? ["none"] : symbols.Select(static symbol => $"{symbol} {symbol.Size}").Prepend($"{symbols.Form} {symbols.HasOrder}");
            });
        }
    }

    /// <summary>Reads a name of Rust.</summary>
    public static void ReadName(byte[] name, Facts facts) => facts.Ask("name", () => RustName.Demangle(System.Text.Encoding.Latin1.GetString(name)));
}
