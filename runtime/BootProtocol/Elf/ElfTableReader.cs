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
    /// <param name="fault">Why entries are missing: they lie outside of the file, or are too small.</param>
    /// <returns>The entries that are there.</returns>
    public ElfTable ReadPrograms(out ParseError fault)
    {
        fault = default;
        ulong offset = _header.ProgramHeaderOffset;
        ulong count = _header.ProgramHeaderCount;
        if (count == 0 || offset == 0)
            return default;

        // Where section header 0, which should hold the number, is not there, so many there are at least.
        if (count == Extended && TryReadFirstSection(out SectionHeader first) && first.Info != 0)
            count = first.Info;
        return Cut(
            offset,
            count,
            _header.ProgramHeaderSize,
            ViewAccess.SizeOf<ProgramHeader>(_word),
            ("e_phoff", IsNarrow ? ElfHeader.Layout.Offset32.ProgramHeaderOffset : ElfHeader.Layout.Offset64.ProgramHeaderOffset),
            ("e_phentsize", IsNarrow ? ElfHeader.Layout.Offset32.ProgramHeaderSize : ElfHeader.Layout.Offset64.ProgramHeaderSize),
            out fault);
    }

    /// <summary>Finds the section headers; a table of no entries if there are none.</summary>
    /// <param name="fault">Why entries are missing: they lie outside of the file, or are too small.</param>
    /// <returns>The entries that are there.</returns>
    public ElfTable ReadSections(out ParseError fault)
    {
        fault = default;
        if (_header.SectionHeaderOffset == 0)
            return default;
        ulong count = _header.SectionHeaderCount;
        if (count == 0)
            count = TryReadFirstSection(out SectionHeader first) ? first.Size : 1;
        return CutSections(count, out fault);
    }

    /// <summary>Finds the index of the section with the section names; 0 if there is none.</summary>
    public uint ReadNamesIndex() =>
        _header.SectionNamesIndex == Extended && TryReadFirstSection(out SectionHeader first) ? first.Link : _header.SectionNamesIndex;

    private bool TryReadFirstSection(out SectionHeader first)
    {
        first = default;
        if (_header.SectionHeaderOffset == 0 || CutSections(1, out _) is not { Count: 1 } table)
            return false;
        first = ViewAccess.View<SectionHeader>(_bytes.Read(table.Offset, ViewAccess.SizeOf<SectionHeader>(_word)), _word);
        return true;
    }

    private ElfTable CutSections(ulong count, out ParseError fault) => Cut(
        _header.SectionHeaderOffset,
        count,
        _header.SectionHeaderSize,
        ViewAccess.SizeOf<SectionHeader>(_word),
        ("e_shoff", IsNarrow ? ElfHeader.Layout.Offset32.SectionHeaderOffset : ElfHeader.Layout.Offset64.SectionHeaderOffset),
        ("e_shentsize", IsNarrow ? ElfHeader.Layout.Offset32.SectionHeaderSize : ElfHeader.Layout.Offset64.SectionHeaderSize),
        out fault);

    /// <summary>Cuts a table to the entries that lie inside the file.</summary>
    private ElfTable Cut(
        ulong offset,
        ulong count,
        ushort stride,
        int size,
        (string Name, int At) offsetField,
        (string Name, int At) sizeField,
        out ParseError fault)
    {
        fault = default;
        if (count == 0)
            return default;
        if (stride < size)
        {
            fault = ElfFaults.Number("elf_ehdr", sizeField.Name, sizeField.At, ElfFaults.Text($"at least {size} bytes"), stride).Error;
            return default;
        }

        UInt128 length = (UInt128)count * stride;
        if (offset + length <= (UInt128)_bytes.Length && count <= int.MaxValue)
            return new ElfTable((long)offset, (int)count, stride);
        fault = ElfFaults.Outside("elf_ehdr", offsetField.Name, offsetField.At, offset, length, _bytes.Length).Error;
        ulong whole = offset < (ulong)_bytes.Length ? ((ulong)_bytes.Length - offset) / stride : 0;
        return whole == 0 ? default : new ElfTable((long)offset, (int)Math.Min(whole, int.MaxValue), stride);
    }
}
