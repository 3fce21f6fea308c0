using System.Text;
using BootProtocol.Elf;

namespace BootProtocol.Runtime.Tests.Elf;

/// <summary>Makes small ELF files: header, program headers, segments, sections, section names, section headers.</summary>
internal sealed class TestElf
{
    public const string NamesSection = ".shstrtab";

    private readonly List<TestSegment> _segments = [];
    private readonly List<TestSection> _sections = [];

    public WordSize Word { get; init; } = WordSize.Bits64;

    public ElfMachine? Machine { get; init; }

    public ulong Entry { get; init; }

    public int HeaderSize => ViewAccess.SizeOf<ElfHeader>(Word);

    public int ProgramHeaderSize { get => field == 0 ? ViewAccess.SizeOf<ProgramHeader>(Word) : field; init; }

    public int SectionHeaderSize { get => field == 0 ? ViewAccess.SizeOf<SectionHeader>(Word) : field; init; }

    /// <summary>Whether counts and the index of names are put into section header 0.</summary>
    public bool IsExtended { get; init; }

    public bool HasSections { get; init; } = true;

    public TestElf Add(params TestSegment[] segments)
    {
        _segments.AddRange(segments);
        return this;
    }

    public TestElf Add(params TestSection[] sections)
    {
        _sections.AddRange(sections);
        return this;
    }

    public ElfFile Open(Limits? limits = null) => ElfFile.Open(KernelBytes.FromMemory(Build()), limits);

    /// <summary>Makes the file. Segments come in their order, each right behind the one before it, and sections after them.</summary>
    public byte[] Build()
    {
        var file = new List<byte>(new byte[HeaderSize + (_segments.Count * ProgramHeaderSize)]);
        int[] segmentPlaces = [.. _segments.Select(segment => Append(file, segment.Data, segment.Alignment))];
        byte[] names = MakeNames(out uint[] nameOffsets);
        List<TestSection> sections = [.. _sections, new(NamesSection, SectionType.StringTable, names)];
        int[] sectionPlaces = [.. HasSections ? sections.Select(section => Append(file, section.Data, section.Alignment)) : []];
        int table = HasSections ? Append(file, new byte[(sections.Count + 1) * SectionHeaderSize], 8) : 0;

        byte[] bytes = [.. file];
        WriteHeader(bytes, table, sections.Count + 1);
        for (int i = 0; i < _segments.Count; i++)
            WriteSegment(bytes.AsSpan(HeaderSize + (i * ProgramHeaderSize)), _segments[i], segmentPlaces[i]);
        for (int i = 0; i < sectionPlaces.Length; i++)
            WriteSection(bytes.AsSpan(table + ((i + 1) * SectionHeaderSize)), sections[i], sectionPlaces[i], nameOffsets[i]);
        if (HasSections && IsExtended)
            WriteExtended(bytes.AsSpan(table), sections.Count + 1);
        return bytes;
    }

    /// <summary>A symbol, for the data of a symbol table.</summary>
    public byte[] MakeSymbol(uint name, ulong value, ulong size, SymbolType kind)
    {
        byte[] bytes = new byte[ViewAccess.SizeOf<Symbol>(Word)];
        Symbol.Writer symbol = Symbol.Create(bytes, Word);
        symbol.NameOffset = name;
        symbol.Value = new Vaddr(value);
        symbol.Size = size;
        symbol.Info = default(SymbolInfo).WithKind(kind).WithBinding(SymbolBinding.Global);
        return bytes;
    }

    private static int Append(List<byte> file, byte[] data, ulong alignment)
    {
        while (alignment > 1 && (ulong)file.Count % alignment != 0)
            file.Add(0);
        int place = file.Count;
        file.AddRange(data);
        return place;
    }

    private byte[] MakeNames(out uint[] offsets)
    {
        var names = new List<byte> { 0 };
        var places = new List<uint>();
        foreach (string name in _sections.Select(section => section.Name).Append(NamesSection))
        {
            places.Add((uint)names.Count);
            names.AddRange(Encoding.UTF8.GetBytes(name));
            names.Add(0);
        }

        offsets = [.. places];
        return [.. names];
    }

    private void WriteHeader(byte[] bytes, int sectionTable, int sectionCount)
    {
        ElfHeader.Writer header = ElfHeader.Create(bytes, Word);
        ElfIdent.Writer ident = ElfIdent.Create(bytes);
        ident.Class = Word == WordSize.Bits32 ? ElfClass.Class32 : ElfClass.Class64;
        ident.Data = ElfData.LittleEndian;
        ident.Version = 1;
        header.Type = ElfType.Executable;
        header.Machine = Machine ?? (Word == WordSize.Bits32 ? ElfMachine.I386 : ElfMachine.X8664);
        header.Version = 1;
        header.Entry = new Vaddr(Entry);
        header.ProgramHeaderOffset = _segments.Count == 0 ? 0 : (ulong)HeaderSize;
        header.SectionHeaderOffset = (ulong)sectionTable;
        header.HeaderSize = (ushort)HeaderSize;
        header.ProgramHeaderSize = (ushort)ProgramHeaderSize;
        header.SectionHeaderSize = (ushort)SectionHeaderSize;
        header.ProgramHeaderCount = IsExtended ? ushort.MaxValue : (ushort)_segments.Count;
        if (sectionTable == 0)
            return;
        header.SectionHeaderCount = IsExtended ? (ushort)0 : (ushort)sectionCount;
        header.SectionNamesIndex = IsExtended ? ushort.MaxValue : (ushort)(sectionCount - 1);
    }

    private void WriteExtended(Span<byte> place, int sectionCount)
    {
        SectionHeader.Writer first = SectionHeader.Create(place, Word);
        first.Size = (ulong)sectionCount;
        first.Link = (uint)sectionCount - 1;
        first.Info = (uint)_segments.Count;
    }

    private void WriteSegment(Span<byte> place, TestSegment segment, int offset)
    {
        ProgramHeader.Writer header = ProgramHeader.Create(place, Word);
        header.Type = segment.Type;
        header.Flags = segment.Flags;
        header.FileOffset = (ulong)offset;
        header.VirtualAddress = new Vaddr(segment.VirtualAddress);
        header.PhysicalAddress = new Paddr(segment.PhysicalAddress);
        header.FileSize = (ulong)segment.Data.Length;
        header.MemorySize = segment.MemorySize ?? (ulong)segment.Data.Length;
        header.Alignment = segment.Alignment;
    }

    private void WriteSection(Span<byte> place, TestSection section, int offset, uint name)
    {
        SectionHeader.Writer header = SectionHeader.Create(place, Word);
        header.NameOffset = name;
        header.Type = section.Type;
        header.Flags = (ulong)section.Flags;
        header.Address = new Vaddr(section.Address);
        header.FileOffset = (ulong)offset;
        header.Size = section.Size ?? (ulong)section.Data.Length;
        header.Link = section.Link;
        header.Info = section.Info;
        header.Alignment = section.Alignment;
        header.EntrySize = section.EntrySize;
    }
}
