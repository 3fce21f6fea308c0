using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using BootProtocol.Images;
using BootProtocol.Pe;

namespace BootProtocol.Repack;

/// <summary>Lays an EFI program out again whose sections changed.</summary>
/// <remarks>
/// Sections keep address and place in the file until the first that cannot; those behind it move as far as they must. What lies between
/// sections, such as a table of symbols, stays between them.
/// </remarks>
internal sealed class PeEditor
{
    private const int MaximumAlignment = 1 << 16;
    private const uint PageSize = 0x1000;
    private const string Structure = "pe_opt_hdr";

    private readonly ReadOnlyMemory<byte> _file;
    private readonly int _headersOffset;
    private readonly int _optional;
    private readonly int _table;
    private readonly uint _fileAlignment;
    private readonly uint _memoryAlignment;
    private readonly uint _headerSize;
    private readonly bool _hasDebugDirectory;
    private readonly long _dataSize;
    private readonly long _oldDataLength;
    private readonly long _symbols;
    private readonly PeSectionPlan[] _inFile;

    /// <summary>Takes a file apart.</summary>
    /// <param name="file">The file, without a signature.</param>
    /// <exception cref="BootFormatException">Its headers are broken, or its sections do not lie in it apart from each other.</exception>
    public PeEditor(ReadOnlyMemory<byte> file)
    {
        _file = file;
        if (!PeView.TryFind(file.Span, out PeView pe))
            throw new BootFormatException(BootErrorCode.Missing, "image", "", 0, "PE headers", "none");
        if (pe.Fault.IsError)
            throw pe.Fault.ToException();
        _headersOffset = pe.Offset;
        _optional = pe.Offset + PeHeader.Layout.Size;
        _table = _optional + pe.Header.OptHdrSize;
        _symbols = pe.Header.SymbolTable;
        const int Debug = (int)DataDirectoryIndex.Debug;
        _hasDebugDirectory = pe.DataDirectory.Count > Debug && pe.DataDirectory[Debug].Size > 0;
        if (pe.TryGetOptionalHeader64(out Pe32PlusOptionalHeader wide))
            (_fileAlignment, _memoryAlignment, _headerSize, _dataSize) = (wide.FileAlign, wide.SectionAlign, wide.HeaderSize, wide.DataSize);
        else if (pe.TryGetOptionalHeader32(out Pe32OptionalHeader narrow))
            (_fileAlignment, _memoryAlignment, _headerSize, _dataSize) = (narrow.FileAlign, narrow.SectionAlign, narrow.HeaderSize, narrow.DataSize);
        RequireAlignment("file_align", _fileAlignment);
        RequireAlignment("section_align", _memoryAlignment);
        Sections = ReadSections(file, pe);
        _inFile = [.. Sections.Where(static section => section.OldLength > 0).OrderBy(static section => section.OldOffset)];
        for (int i = 1; i < _inFile.Length; i++)
        {
            if (_inFile[i].OldOffset < _inFile[i - 1].OldOffset + _inFile[i - 1].OldLength)
                throw OutOfPlace(file.Length, _inFile[i].OldLength, _inFile[i].OldOffset!.Value);
        }

        _oldDataLength = DataLength();
        if (_headerSize > file.Length || _headerSize < _table + ((long)Sections.Count * SectionHeader.Layout.Size))
            throw Broken("header_size", $"that of all headers in a file of {file.Length} bytes", $"{_headerSize}");
    }

    /// <summary>The sections in the order of their headers, to be changed.</summary>
    public List<PeSectionPlan> Sections { get; }

    /// <summary>Lays the file out.</summary>
    /// <param name="hasChecksum">Whether to write a checksum.</param>
    /// <returns>The file in parts.</returns>
    /// <exception cref="BootRequestException">There is no room for the section headers, or it is too large.</exception>
    public ImmutableArray<ReadOnlyMemory<byte>> Build(bool hasChecksum)
    {
        long headers = RoomForHeaders();
        PlaceInMemory();
        List<ReadOnlyMemory<byte>> parts = PlaceInFile(headers, out long symbols);
        byte[] head = Headers(headers, symbols);
        parts[0] = head;
        if (hasChecksum)
        {
            var sum = new PeChecksum();
            foreach (ReadOnlyMemory<byte> part in parts)
                sum.Add(part.Span);
            Write(head, _optional + Pe32PlusOptionalHeader.Layout.Offset.Csum, sum.Finish());
        }

        return [.. parts];
    }

    private static List<PeSectionPlan> ReadSections(ReadOnlyMemory<byte> file, PeView pe)
    {
        var sections = new List<PeSectionPlan>();
        foreach (SectionHeader header in pe.Sections)
        {
            if (header.RawDataSize > 0 && (long)header.DataAddr + header.RawDataSize > file.Length)
                throw OutOfPlace(file.Length, header.RawDataSize, header.DataAddr);
            string name = Encoding.UTF8.GetString(header.Name.TrimEnd((byte)0));
            sections.Add(new PeSectionPlan(
                name, header, header.RawDataSize == 0 ? default : file.Slice((int)header.DataAddr, (int)header.RawDataSize)));
        }

        return sections;
    }

    private static BootFormatException OutOfPlace(long file, long length, long offset) => new(
        BootErrorCode.OutOfBounds,
        "section_header",
        "data_addr",
        null,
        FormattableString.Invariant($"contents inside a file of {file} bytes, apart from those of other sections"),
        FormattableString.Invariant($"{length} bytes at offset 0x{offset:x}"));

    private long RoomForHeaders()
    {
        long end = _table + ((long)Sections.Count * SectionHeader.Layout.Size);
        long size = Math.Max(_headerSize, Up(end, _fileAlignment));
        long first = Sections.Count == 0 ? long.MaxValue : Sections.Min(static section => section.Address == 0 ? long.MaxValue : section.Address);
        if (size == _headerSize || (size <= first && !_hasDebugDirectory))
            return size;
        throw new BootRequestException(
            BootErrorCode.NoRoom,
            "section_header",
            "",
            null,
            FormattableString.Invariant($"at most {Math.Min(first, _headerSize)} bytes of headers, the room in front of the first section"),
            FormattableString.Invariant($"{end} bytes with {Sections.Count} sections"));
    }

    /// <summary>Gives each section an address behind those before it, its own where it can.</summary>
    private void PlaceInMemory()
    {
        // The program's own sections stay where its code looks for them; what is in front of one must have room there.
        long[] limits = new long[Sections.Count];
        long limit = long.MaxValue;
        for (int i = Sections.Count - 1; i >= 0; i--)
        {
            limits[i] = limit;
            if (!UnifiedKernelSection.IsPart(Sections[i].Name) && Sections[i].Address != 0)
                limit = Math.Min(limit, Sections[i].Address);
        }

        long next = 0;
        var placed = new List<PeSectionPlan>(Sections.Count);
        var last = new List<PeSectionPlan>();
        for (int i = 0; i < Sections.Count; i++)
        {
            PeSectionPlan section = Sections[i];
            if (TryPlace(section, limits[i], ref next))
            {
                placed.Add(section);
            }
            else
            {
                section.Address = 0;
                last.Add(section);
            }
        }

        foreach (PeSectionPlan section in last)
            TryPlace(section, long.MaxValue, ref next);
        Sections.Clear();
        Sections.AddRange(placed);
        Sections.AddRange(last);
        if (next > uint.MaxValue)
            throw new BootRequestException(
                BootErrorCode.TooLarge, "image", "", null, "an image of less than 4 GiB in memory", FormattableString.Invariant($"{next} bytes"));
    }

    /// <summary>Gives a section an address, its own where it can; false if it does not end in front of the limit there.</summary>
    private bool TryPlace(PeSectionPlan section, long limit, ref long next)
    {
        bool isMoved = UnifiedKernelSection.IsPart(section.Name) && (section.Address == 0 || section.Address < next);
        if (isMoved)
            section.Address = Up(next, Math.Max(_memoryAlignment, PageSize));
        long end = section.Address + section.MemorySize;
        if (end > limit && (isMoved || section.IsChanged))
            return false;
        next = Math.Max(next, Up(end, _memoryAlignment));
        return true;
    }

    /// <summary>Gives each section its place in the file.</summary>
    /// <param name="headers">Bytes of headers.</param>
    /// <param name="symbols">Where the table of symbols is then.</param>
    /// <returns>The file in parts, the headers first.</returns>
    private List<ReadOnlyMemory<byte>> PlaceInFile(long headers, out long symbols)
    {
        var parts = new List<ReadOnlyMemory<byte>> { default };
        symbols = 0;
        long at = headers;
        long old = _headerSize;
        bool isMoved = headers != _headerSize;
        var kept = new HashSet<PeSectionPlan>(Sections);
        foreach (PeSectionPlan section in _inFile)
        {
            Between(section.OldOffset!.Value, ref symbols);
            if (kept.Contains(section))
                Place(section);
            old = section.OldOffset!.Value + section.OldLength;
            isMoved |= at != old;
        }

        Between(_file.Length, ref symbols);
        foreach (PeSectionPlan section in Sections.Where(static section => section.OldLength == 0))
            Place(section);
        return parts;

        void Between(long end, ref long symbols)
        {
            if (end <= old)
                return;
            ReadOnlyMemory<byte> gap = _file[(int)old..(int)end];
            if (_symbols >= old && _symbols < end)
                symbols = at + (_symbols - old);
            if (isMoved && !gap.Span.ContainsAnyExcept((byte)0))
                return;
            Add(gap);
        }

        void Place(PeSectionPlan section)
        {
            if (section.Contents.IsEmpty)
            {
                section.Offset = 0;
                section.WriteHeader(0);
                return;
            }

            Pad();
            section.Offset = at;
            Add(section.Contents);
            Pad();
            section.WriteHeader(at - section.Offset);
        }

        void Pad()
        {
            if (Up(at, _fileAlignment) > at)
                Add(new byte[Up(at, _fileAlignment) - at]);
        }

        void Add(ReadOnlyMemory<byte> part)
        {
            parts.Add(part);
            at += part.Length;
        }
    }

    private byte[] Headers(long length, long symbols)
    {
        byte[] head = new byte[length];
        _file.Span[..(int)_headerSize].CopyTo(head);
        int oldCount = PeHeader.Parse(head.AsSpan(_headersOffset)).Sections;
        head.AsSpan(_table, oldCount * SectionHeader.Layout.Size).Clear();
        for (int i = 0; i < Sections.Count; i++)
            Sections[i].Header.CopyTo(head, _table + (i * SectionHeader.Layout.Size));
        PeHeader.Writer pe = PeHeader.Edit(head.AsSpan(_headersOffset));
        pe.Sections = (ushort)Sections.Count;
        pe.SymbolTable = (uint)symbols;
        Write(head, _optional + Pe32PlusOptionalHeader.Layout.Offset.DataSize, (uint)Math.Max(0, _dataSize + DataLength() - _oldDataLength));
        long end = Sections.Max(section => Up(section.Address + section.MemorySize, _memoryAlignment));
        Write(head, _optional + Pe32PlusOptionalHeader.Layout.Offset.ImageSize, (uint)end);
        Write(head, _optional + Pe32PlusOptionalHeader.Layout.Offset.HeaderSize, (uint)length);
        PeFields.ClearChecksum(head);
        PeFields.ClearCertificates(head);
        return head;
    }

    private long DataLength() => Sections.Where(static section => SectionHeader.Parse(section.Header).Flags.HasFlag(PeSectionFlags.InitializedData))
        .Sum(section => Up(section.Contents.Length, _fileAlignment));

    private static long Up(long value, uint alignment) => (value + alignment - 1) & -(long)alignment;

    private static void Write(Span<byte> head, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(head[offset..], value);

    private static void RequireAlignment(string field, uint value)
    {
        if (!uint.IsPow2(value) || value > MaximumAlignment)
            throw Broken(field, $"a power of two up to {MaximumAlignment}", $"{value}");
    }

    private static BootFormatException Broken(string field, FormattableString expected, FormattableString found) => new(
        BootErrorCode.BadValue, Structure, field, null, FormattableString.Invariant(expected), FormattableString.Invariant(found));
}
