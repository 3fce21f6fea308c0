using BootProtocol.Elf;

namespace BootProtocol.Symbols;

/// <summary>Writes a kernel with its symbols as a symbol table of its ELF file, for debuggers and disassemblers.</summary>
/// <remarks>
/// The kernel keeps every byte and offset but those of its ELF header that say where the section headers are: <c>.symtab</c>, <c>.strtab</c>,
/// the names of sections, <c>.debug_frame</c> and the section headers come behind it. A symbol's size goes up to the next symbol or the end of its section.
/// Source: System V ABI, chapter 4.
/// </remarks>
/// <example><code>
/// if (kernel.Symbols is { Word: WordSize.Bits64 } symbols)
/// {
///     using FileStream file = File.Create(Path.Combine(folder, "vmlinux"));
///     Console.WriteLine($"{SymbolElf.Write(kernel.Elf, symbols, file)} bytes for gdb");
/// }
/// </code></example>
public static class SymbolElf
{
    /// <summary>Where each part starts at a multiple of, in bytes.</summary>
    private const int Alignment = 16;

    /// <summary>The first index that stands for something else than a section.</summary>
    private const int ReservedIndex = 0xff00;

    /// <summary>Writes the file.</summary>
    /// <param name="elf">The kernel.</param>
    /// <param name="symbols">Its symbols.</param>
    /// <param name="destination">Where the file goes, front to back.</param>
    /// <param name="frames">Where its functions have their return addresses; null for none.</param>
    /// <returns>The file's size in bytes.</returns>
    /// <exception cref="BootFormatException">
    /// The section headers are broken or too many, the kernel has a symbol table, or its addresses do not fit into its ELF file (Xen).
    /// </exception>
    public static long Write(ElfFile elf, KernelSymbols symbols, Stream destination, KernelFrames? frames = null)
    {
        ArgumentNullException.ThrowIfNull(elf);
        ArgumentNullException.ThrowIfNull(symbols);
        ArgumentNullException.ThrowIfNull(destination);
        if (symbols.Word != elf.Word)
            throw Refused("addresses as wide as the file's", "addresses of 64 bits in a file of 32");
        foreach (Section section in elf.Sections)
        {
            if (section.Type == SectionType.SymbolTable)
                throw Refused("a file without a symbol table", $"section {section.Name}");
        }

        if (elf.Sections.Faults is [var fault, ..])
            throw fault.ToException();
        var sections = new AddedSections(elf, frames is not null);
        if (sections.Count > ReservedIndex)
            throw Refused(KallsymsFaults.Text($"at most {ReservedIndex - AddedSections.Added} sections"), KallsymsFaults.Text($"{elf.Sections.Count}"));
        var table = new ElfSymbolTable(elf, symbols);
        var output = new AlignedOutput(destination, Alignment);
        long length = elf.Bytes.Length;
        long symbolsAt = AlignedOutput.Align(length, Alignment);
        long stringsAt = AlignedOutput.Align(symbolsAt + table.Symbols.Length, Alignment);
        long namesAt = AlignedOutput.Align(stringsAt + table.Strings.Length, Alignment);
        ReadOnlySpan<byte> described = frames is null ? default : frames.DebugFrame.Span;
        long framesAt = AlignedOutput.Align(namesAt + sections.Names.Length, Alignment);
        long headersAt = AlignedOutput.Align(framesAt + described.Length, Alignment);
        byte[] headers = sections.Headers(symbolsAt, table, stringsAt, namesAt, framesAt, described.Length);

        int headerSize = ViewAccess.SizeOf<ElfHeader>(elf.Word);
        output.Write(sections.Header(headersAt, headerSize));
        output.Write(elf.Bytes.Read(headerSize, length - headerSize));
        output.WriteAligned(table.Symbols);
        output.WriteAligned(table.Strings);
        output.WriteAligned(sections.Names);
        output.WriteAligned(described);
        output.WriteAligned(headers);
        return output.Length;
    }

    private static BootFormatException Refused(string expected, string found) =>
        new(BootErrorCode.Unsupported, "elf_ehdr", "", null, expected, found);
}
