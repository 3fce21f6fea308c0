namespace BootProtocol.Elf;

/// <summary>Finds the header tables of an ELF file, numbers that do not fit in the ELF header included.</summary>
internal readonly ref struct ElfTableReader
{
    /// <summary>A number in the ELF header that says: look in section header 0.</summary>
    private const ushort Extended = 0xffff;

    private readonly KernelBytes _bytes;
    private readonly WordSize _word;
    private readonly ElfHeader _header;

    /// <summary>Reads the tables of a file.</summary>
    public ElfTableReader(KernelBytes bytes, WordSize word, ElfHeader header)
    {
        _bytes = bytes;
        _word = word;
        _header = header;
    }

    private bool IsNarrow => _word == WordSize.Bits32;

    /// <summary>Finds the program headers; a table of no entries if there are none.</summary>
    /// <exception cref="BootFormatException">They lie outside of the file, or are too small.</exception>
    public ElfTable ReadPrograms()
    {
        ulong offset = _header.ProgramHeaderOffset;
        ulong count = _header.ProgramHeaderCount;
        if (count == 0 || offset == 0)
            return default;
        if (count == Extended && _header.SectionHeaderOffset != 0 && ReadFirstSection().Info is var extended and not 0)
            count = extended;
        return Check(
            offset,
            count,
            _header.ProgramHeaderSize,
            ViewAccess.SizeOf<ProgramHeader>(_word),
            ("e_phoff", IsNarrow ? ElfHeader.Layout.Offset32.ProgramHeaderOffset : ElfHeader.Layout.Offset64.ProgramHeaderOffset),
            ("e_phentsize", IsNarrow ? ElfHeader.Layout.Offset32.ProgramHeaderSize : ElfHeader.Layout.Offset64.ProgramHeaderSize));
    }

    /// <summary>Finds the section headers; a table of no entries if there are none.</summary>
    /// <exception cref="BootFormatException">They lie outside of the file, or are too small.</exception>
    public ElfTable ReadSections()
    {
        ulong offset = _header.SectionHeaderOffset;
        if (offset == 0)
            return default;
        ulong count = _header.SectionHeaderCount;
        if (count == 0)
            count = ReadFirstSection().Size;
        return CheckSections(count);
    }

    /// <summary>Finds the index of the section with the section names; 0 if there is none.</summary>
    /// <exception cref="BootFormatException">Section header 0, which should hold it, lies outside of the file.</exception>
    public uint ReadNamesIndex() =>
        _header.SectionNamesIndex == Extended && _header.SectionHeaderOffset != 0 ? ReadFirstSection().Link : _header.SectionNamesIndex;

    private SectionHeader ReadFirstSection()
    {
        ElfTable first = CheckSections(1);
        return ViewAccess.View<SectionHeader>(_bytes.Read(first.Offset, ViewAccess.SizeOf<SectionHeader>(_word)), _word);
    }

    private ElfTable CheckSections(ulong count) => Check(
        _header.SectionHeaderOffset,
        count,
        _header.SectionHeaderSize,
        ViewAccess.SizeOf<SectionHeader>(_word),
        ("e_shoff", IsNarrow ? ElfHeader.Layout.Offset32.SectionHeaderOffset : ElfHeader.Layout.Offset64.SectionHeaderOffset),
        ("e_shentsize", IsNarrow ? ElfHeader.Layout.Offset32.SectionHeaderSize : ElfHeader.Layout.Offset64.SectionHeaderSize));

    private ElfTable Check(
        ulong offset, ulong count, ushort stride, int size, (string Name, int At) offsetField, (string Name, int At) sizeField)
    {
        if (count == 0)
            return default;
        if (stride < size)
            throw ElfFaults.Number("elf_ehdr", sizeField.Name, sizeField.At, ElfFaults.Text($"at least {size} bytes"), stride);
        UInt128 length = (UInt128)count * stride;
        if (offset + length > (UInt128)_bytes.Length || count > int.MaxValue)
            throw ElfFaults.Outside("elf_ehdr", offsetField.Name, offsetField.At, offset, length, _bytes.Length);
        return new ElfTable((long)offset, (int)count, stride);
    }
}
