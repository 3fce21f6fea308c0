using System.Buffers.Binary;
using System.Globalization;
using BootProtocol.Elf;
using BootProtocol.Memory;

namespace BootProtocol.Domains;

/// <summary>The symbols that a kernel asks for behind itself, by its note BSD_SYMTAB: a small ELF file with its size in front.</summary>
/// <remarks>
/// The form is that of xen/common/libelf/libelf-loader.c, where the ELF header and the section headers start as far apart as those of 64
/// bits, whatever the kernel is. Two mistakes of it are not repeated: what it leaves as it happens to be, such as the first section
/// header, is zero here; and for kernels of 32 bits it sets aside too little for the headers, so that the names can be left out.
/// </remarks>
internal static class XenPvSymbols
{
    private const int SectionCount = 3;
    private const int SymbolIndex = 1;
    private const int NameIndex = 2;

    /// <summary>Where the ELF file starts, behind its size.</summary>
    private const int FileAt = sizeof(uint);

    /// <summary>Where its section headers start, from the ELF file on.</summary>
    private const int SectionsAt = ElfHeader.Layout.Size64;

    private const int HeadLength = FileAt + SectionsAt + (SectionCount * SectionHeader.Layout.Size64);

    /// <summary>The most bytes of symbols and names: with all that is around them, they still have room in 2 GiB.</summary>
    private const int MaximumLength = int.MaxValue - X86Page.Size;

    /// <summary>Makes what is to follow a kernel, from its last byte on.</summary>
    /// <param name="file">The kernel.</param>
    /// <param name="kernelEnd">The physical address behind its last byte.</param>
    /// <returns>The bytes; none if the kernel has no symbols.</returns>
    /// <exception cref="BootException">The sections are broken, or the symbols are too many.</exception>
    public static byte[] Make(ElfFile file, Paddr kernelEnd)
    {
        if (FindSymbols(file.Sections) is not { } symbols)
            return [];
        Section names = file.Sections[(int)symbols.Link];
        CheckLength((long)symbols.Bytes.Length + names.Bytes.Length);
        int word = (int)file.Word / 8;
        int gap = (int)(unchecked(0 - kernelEnd.Value) & ((ulong)word - 1));
        int symbolsAt = Align(HeadLength, word);
        int namesAt = Align(symbolsAt + symbols.Bytes.Length, word);
        byte[] bytes = new byte[gap + Align(namesAt + names.Bytes.Length, word)];

        Span<byte> place = bytes.AsSpan(gap);
        BinaryPrimitives.WriteInt32LittleEndian(place, namesAt + names.Bytes.Length - FileAt);
        WriteHeader(file, place[FileAt..]);
        Span<byte> headers = place[(FileAt + SectionsAt)..];
        int size = file.Word == WordSize.Bits32 ? SectionHeader.Layout.Size32 : SectionHeader.Layout.Size64;
        SectionHeader.Writer header = CopyHeader(file, symbols, headers[(SymbolIndex * size)..], size);
        header.FileOffset = (ulong)(symbolsAt - FileAt);
        header.Link = NameIndex;
        header = CopyHeader(file, names, headers[(NameIndex * size)..], size);
        header.FileOffset = (ulong)(namesAt - FileAt);
        symbols.Bytes.CopyTo(place[symbolsAt..]);
        names.Bytes.CopyTo(place[namesAt..]);
        return bytes;
    }

    /// <summary>The first symbol table, if it leads to a table of names.</summary>
    private static Section? FindSymbols(SectionList sections)
    {
        foreach (Section section in sections)
        {
            if (section.Type != SectionType.SymbolTable)
                continue;
            bool hasNames = section.Link < (uint)sections.Count && sections[(int)section.Link].Type == SectionType.StringTable;
            return hasNames ? section : null;
        }

        return null;
    }

    private static void CheckLength(long length)
    {
        if (length <= MaximumLength)
            return;
        string expected = string.Create(CultureInfo.InvariantCulture, $"at most {MaximumLength} bytes of symbols and names");
        throw new BootFormatException(
            BootErrorCode.TooLarge, "note Xen", "BSD_SYMTAB", null, expected, string.Create(CultureInfo.InvariantCulture, $"{length} bytes"));
    }

    private static void WriteHeader(ElfFile file, Span<byte> place)
    {
        bool isNarrow = file.Word == WordSize.Bits32;
        int size = isNarrow ? ElfHeader.Layout.Size32 : ElfHeader.Layout.Size64;
        file.Bytes.Read(0, size).CopyTo(place);
        ElfHeader.Writer header = ElfHeader.Edit(place[..size], file.Word);
        header.Version = 1;
        header.ProgramHeaderOffset = 0;
        header.SectionHeaderOffset = SectionsAt;
        header.HeaderSize = (ushort)size;
        header.ProgramHeaderSize = 0;
        header.ProgramHeaderCount = 0;
        header.SectionHeaderSize = (ushort)(isNarrow ? SectionHeader.Layout.Size32 : SectionHeader.Layout.Size64);
        header.SectionHeaderCount = SectionCount;
        header.SectionNamesIndex = 0;
    }

    private static SectionHeader.Writer CopyHeader(ElfFile file, Section section, Span<byte> place, int size)
    {
        ulong table = file.Header.SectionHeaderOffset + ((ulong)section.Index * file.Header.SectionHeaderSize);
        file.Bytes.Read((long)table, size).CopyTo(place);
        return SectionHeader.Edit(place[..size], file.Word);
    }

    private static int Align(int value, int alignment) => (value + alignment - 1) & -alignment;
}
