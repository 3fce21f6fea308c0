using BootProtocol.Elf;

namespace BootProtocol.Symbols;

/// <summary>The section headers of a kernel with those of a symbol table and of stack frames, and the names of all.</summary>
internal sealed class AddedSections
{
    /// <summary>How many are added at most: symbols, their names, frames, and names of sections where there are none.</summary>
    public const int Added = 4;

    private readonly ElfFile _elf;
    private readonly int _size;
    private readonly int _old;
    private readonly int _namesIndex;
    private readonly int _symbolsName;
    private readonly int _stringsName;
    private readonly int _namesName;
    private readonly int _framesName;

    /// <summary>Takes the sections of a kernel.</summary>
    /// <exception cref="BootFormatException">They are broken.</exception>
    public AddedSections(ElfFile elf, bool hasFrames)
    {
        _elf = elf;
        SectionList sections = elf.Sections;
        _size = sections.Count > 0 ? elf.Header.SectionHeaderSize : ViewAccess.SizeOf<SectionHeader>(elf.Word);

        // Section header 0 is none.
        _old = Math.Max(1, sections.Count);
        int index = sections.Count > 0 ? NamesIndex(sections) : 0;
        var names = new List<byte>(index == 0 ? [0] : sections[index].Bytes.ToArray());
        _symbolsName = Add(names, ".symtab"u8);
        _stringsName = Add(names, ".strtab"u8);
        _namesName = Add(names, ".shstrtab"u8);
        _framesName = hasFrames ? Add(names, ".debug_frame"u8) : 0;
        Names = [.. names];
        _namesIndex = index == 0 ? _old + 2 : index;
        Count = _old + 2 + (index == 0 ? 1 : 0) + (hasFrames ? 1 : 0);
    }

    /// <summary>The number of section headers.</summary>
    public int Count { get; }

    /// <summary>The names of all sections.</summary>
    public byte[] Names { get; }

    /// <summary>The ELF header for them.</summary>
    /// <param name="offset">Where the section headers are in the file.</param>
    /// <param name="size">The header's bytes.</param>
    public byte[] Header(long offset, int size)
    {
        byte[] bytes = _elf.Bytes.Read(0, size).ToArray();
        ElfHeader.Writer header = ElfHeader.Edit(bytes, _elf.Word);
        header.SectionHeaderOffset = (ulong)offset;
        header.SectionHeaderCount = (ushort)Count;
        header.SectionHeaderSize = (ushort)_size;
        header.SectionNamesIndex = (ushort)_namesIndex;
        return bytes;
    }

    /// <summary>The section headers.</summary>
    /// <param name="symbolsAt">Where the symbols are in the file.</param>
    /// <param name="table">The symbols.</param>
    /// <param name="stringsAt">Where their names are.</param>
    /// <param name="namesAt">Where the names of sections are.</param>
    /// <param name="framesAt">Where the frames are, if there are any.</param>
    /// <param name="framesSize">Their bytes.</param>
    public byte[] Headers(long symbolsAt, ElfSymbolTable table, long stringsAt, long namesAt, long framesAt, int framesSize)
    {
        byte[] bytes = new byte[Count * _size];
        int used = _elf.Sections.Count * _size;
        if (used > 0)
            _elf.Bytes.Read((long)_elf.Header.SectionHeaderOffset, used).CopyTo(bytes);

        SectionHeader.Writer symbols = Create(bytes, _old, _symbolsName, SectionType.SymbolTable, symbolsAt, table.Symbols.Length);
        symbols.Link = (uint)_old + 1;
        symbols.Info = (uint)table.LocalCount;
        symbols.Alignment = (ulong)(_elf.Word == WordSize.Bits64 ? sizeof(ulong) : sizeof(uint));
        symbols.EntrySize = (ulong)ViewAccess.SizeOf<Symbol>(_elf.Word);
        _ = Create(bytes, _old + 1, _stringsName, SectionType.StringTable, stringsAt, table.Strings.Length);
        SectionHeader.Writer names = _namesIndex < _old
            ? SectionHeader.Edit(bytes.AsSpan(_namesIndex * _size), _elf.Word)
            : Create(bytes, _namesIndex, _namesName, SectionType.StringTable, namesAt, Names.Length);
        names.FileOffset = (ulong)namesAt;
        names.Size = (ulong)Names.Length;
        if (_framesName != 0)
            _ = Create(bytes, Count - 1, _framesName, SectionType.ProgramBits, framesAt, framesSize);
        return bytes;
    }

    private SectionHeader.Writer Create(byte[] bytes, int index, int name, SectionType type, long offset, int size)
    {
        SectionHeader.Writer header = SectionHeader.Create(bytes.AsSpan(index * _size), _elf.Word);
        header.NameOffset = (uint)name;
        header.Type = type;
        header.FileOffset = (ulong)offset;
        header.Size = (ulong)size;
        header.Alignment = 1;
        return header;
    }

    /// <summary>The index of the names; what the header has no room for is in section header 0.</summary>
    private int NamesIndex(SectionList sections)
    {
        const ushort Elsewhere = ushort.MaxValue;
        ushort index = _elf.Header.SectionNamesIndex;
        return index == Elsewhere ? (int)sections[0].Link : index;
    }

    private static int Add(List<byte> names, ReadOnlySpan<byte> name)
    {
        int place = names.Count;
        names.AddRange(name);
        names.Add(0);
        return place;
    }
}
