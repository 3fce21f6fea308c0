using System.Text;
using BootProtocol.Elf;
using BootProtocol.Sample.Code;
using BootProtocol.Sample.Linking;

namespace BootProtocol.Sample.Files;

/// <summary>Writes the linked guest as an ELF file: headers, the image, symbols, names, section headers.</summary>
internal sealed class GuestElf
{
    /// <summary>Where the image starts in the file: offsets and addresses have to agree below the page size.</summary>
    private const int ImageOffset = X86Page.Size;

    private static readonly string[] _tables = [".symtab", ".strtab", ".shstrtab"];

    private readonly LinkedGuest _guest;
    private readonly List<byte> _file = [];
    private readonly int _headerSize;
    private readonly int _segmentSize;
    private readonly int _sectionSize;
    private readonly int _symbolSize;

    private GuestElf(LinkedGuest guest)
    {
        _guest = guest;
        bool narrow = guest.Word == WordSize.Bits32;
        _headerSize = narrow ? ElfHeader.Layout.Size32 : ElfHeader.Layout.Size64;
        _segmentSize = narrow ? ProgramHeader.Layout.Size32 : ProgramHeader.Layout.Size64;
        _sectionSize = narrow ? SectionHeader.Layout.Size32 : SectionHeader.Layout.Size64;
        _symbolSize = narrow ? Symbol.Layout.Size32 : Symbol.Layout.Size64;
    }

    /// <summary>Makes the file.</summary>
    public static byte[] Write(LinkedGuest guest) => new GuestElf(guest).Write();

    private byte[] Write()
    {
        foreach (GuestSection section in _guest.Sections.Where(section => section.Type != SectionType.NoBits))
        {
            PadTo(ImageOffset + section.Offset);
            _file.AddRange(section.Bytes);
        }

        string[] names = [.. _guest.Sections.Select(section => section.Name), .. _tables];
        (byte[] symbols, byte[] symbolNames) = GuestSymbols.Write(_guest, _symbolSize);
        int symbolOffset = Append(symbols);
        int symbolNameOffset = Append(symbolNames);
        byte[] sectionNames = Encoding.ASCII.GetBytes("\0" + string.Concat(names.Select(name => name + "\0")));
        int sectionNameOffset = Append(sectionNames);
        int sectionOffset = Append(new byte[(1 + names.Length) * _sectionSize]);

        byte[] file = [.. _file];
        int segmentCount = WriteSegments(file.AsSpan(_headerSize));
        WriteHeader(file, sectionOffset, 1 + names.Length, segmentCount);
        Span<byte> place = file.AsSpan(sectionOffset + _sectionSize);
        WriteSections(place, names);
        place = place[(_guest.Sections.Length * _sectionSize)..];
        WriteTable(place, SectionType.SymbolTable, symbolOffset, symbols.Length);
        WriteTable(place[_sectionSize..], SectionType.StringTable, symbolNameOffset, symbolNames.Length);
        WriteTable(place[(2 * _sectionSize)..], SectionType.StringTable, sectionNameOffset, sectionNames.Length);
        return file;
    }

    private void WriteHeader(Span<byte> file, int sectionOffset, int sectionCount, int segmentCount)
    {
        bool narrow = _guest.Word == WordSize.Bits32;
        ElfHeader.Writer header = ElfHeader.Create(file, _guest.Word);
        ElfIdent.Writer identification = ElfIdent.Create(file);
        identification.Class = narrow ? ElfClass.Class32 : ElfClass.Class64;
        identification.Data = ElfData.LittleEndian;
        identification.Version = 1;
        header.Type = ElfType.Executable;
        header.Machine = narrow ? ElfMachine.I386 : ElfMachine.X8664;
        header.Version = 1;
        header.Entry = new Vaddr((ulong)_guest.OffsetOf(narrow ? GuestEntry.Linux32 : GuestEntry.Linux64) + GuestLayout.PhysicalAddress);
        header.ProgramHeaderOffset = (ulong)_headerSize;
        header.SectionHeaderOffset = (ulong)sectionOffset;
        header.HeaderSize = (ushort)_headerSize;
        header.ProgramHeaderSize = (ushort)_segmentSize;
        header.ProgramHeaderCount = (ushort)segmentCount;
        header.SectionHeaderSize = (ushort)_sectionSize;
        header.SectionHeaderCount = (ushort)sectionCount;
        header.SectionNamesIndex = (ushort)(sectionCount - 1);
    }

    /// <summary>Writes the program headers: neighbouring sections of the same rights are one segment.</summary>
    private int WriteSegments(Span<byte> place)
    {
        int count = 0;
        foreach (IGrouping<SectionFlags, GuestSection> group in _guest.Sections.GroupBy(section => section.Flags & ~SectionFlags.Allocate))
        {
            GuestSection first = group.First();
            GuestSection last = group.Last();
            GuestSection stored = group.Last(section => section.Type != SectionType.NoBits);
            ProgramHeader.Writer segment = WriteSegment(place[(count++ * _segmentSize)..], SegmentType.Load, first.Offset);
            segment.Flags = SegmentFlags.Read
                | (group.Key.HasFlag(SectionFlags.Write) ? SegmentFlags.Write : 0)
                | (group.Key.HasFlag(SectionFlags.Execute) ? SegmentFlags.Execute : 0);
            segment.FileSize = (ulong)(stored.Offset + stored.Size - first.Offset);
            segment.MemorySize = (ulong)(last.Offset + last.Size - first.Offset);
            segment.Alignment = X86Page.Size;
        }

        GuestSection notes = _guest.Sections.First(section => section.Type == SectionType.Note);
        ProgramHeader.Writer note = WriteSegment(place[(count++ * _segmentSize)..], SegmentType.Note, notes.Offset);
        note.Flags = SegmentFlags.Read;
        note.FileSize = (ulong)notes.Size;
        note.MemorySize = (ulong)notes.Size;
        note.Alignment = sizeof(uint);

        ProgramHeader.Writer stack = ProgramHeader.Create(place[(count++ * _segmentSize)..], _guest.Word);
        stack.Type = SegmentType.GnuStack;
        stack.Flags = SegmentFlags.Read | SegmentFlags.Write;
        return count;
    }

    private ProgramHeader.Writer WriteSegment(Span<byte> place, SegmentType type, int offset)
    {
        ProgramHeader.Writer segment = ProgramHeader.Create(place, _guest.Word);
        segment.Type = type;
        segment.FileOffset = (ulong)(ImageOffset + offset);
        segment.VirtualAddress = new Vaddr(_guest.ImageAddress + (ulong)offset);
        segment.PhysicalAddress = new Paddr(GuestLayout.PhysicalAddress + (ulong)offset);
        return segment;
    }

    /// <summary>Writes the section headers: the names of all, and the rest for those of the image.</summary>
    private void WriteSections(Span<byte> place, string[] names)
    {
        int name = 1;
        for (int i = 0; i < names.Length; i++)
        {
            SectionHeader.Writer header = SectionHeader.Create(place[(i * _sectionSize)..], _guest.Word);
            header.NameOffset = (uint)name;
            name += names[i].Length + 1;
            if (i >= _guest.Sections.Length)
                continue;
            GuestSection section = _guest.Sections[i];
            header.Type = section.Type;
            header.Flags = (ulong)section.Flags;
            header.Address = new Vaddr(_guest.ImageAddress + (ulong)section.Offset);
            header.FileOffset = (ulong)(ImageOffset + section.Offset);
            header.Size = (ulong)section.Size;
            header.Alignment = section.Type == SectionType.Note ? sizeof(uint) : (ulong)X86Page.Size;
        }
    }

    private void WriteTable(Span<byte> place, SectionType type, int offset, int size)
    {
        SectionHeader.Writer header = SectionHeader.Edit(place, _guest.Word);
        header.Type = type;
        header.FileOffset = (ulong)offset;
        header.Size = (ulong)size;
        header.Alignment = 1;
        if (type != SectionType.SymbolTable)
            return;
        header.EntrySize = (ulong)_symbolSize;
        header.Link = (uint)(_guest.Sections.Length + 2); // the section with the names
        header.Info = 1; // the first symbol that is not local
        header.Alignment = (ulong)((int)_guest.Word / 8);
    }

    /// <summary>Appends bytes at the next place that is aligned to a word.</summary>
    /// <returns>Where they are.</returns>
    private int Append(byte[] bytes)
    {
        int word = (int)_guest.Word / 8;
        PadTo((_file.Count + word - 1) / word * word);
        int offset = _file.Count;
        _file.AddRange(bytes);
        return offset;
    }

    private void PadTo(int offset) => _file.AddRange(new byte[offset - _file.Count]);
}
