using System.Globalization;
using BootProtocol.Pe;
using BootProtocol.Specs;

namespace BootProtocol.Images;

/// <summary>The PE headers of an image: what EFI firmware, and those who sign images, see in it.</summary>
/// <remarks>What is cut off or broken behind the first header costs what stands there, and shows in <see cref="Fault"/>.</remarks>
/// <example><code>
/// if (unified.TryGetPe(out PeView pe))
/// {
///     foreach (var section in pe.Sections)
///         Console.WriteLine($"{Encoding.ASCII.GetString(section.Name)} at 0x{section.DataAddr:x}");
/// }
/// </code></example>
public readonly ref struct PeView
{
    private const int SignatureLength = 4;

    private readonly ReadOnlySpan<byte> _optional;
    private readonly ReadOnlySpan<byte> _directory;
    private readonly ReadOnlySpan<byte> _sections;

    private PeView(ReadOnlySpan<byte> image, int offset)
    {
        Offset = offset;
        Header = PeHeader.Parse(image[offset..]);

        long optionalOffset = offset + PeHeader.Layout.Size;
        int optionalSize = Header.OptHdrSize;
        ParseError fault = default;
        _optional = Take(
            image, optionalOffset, optionalSize, "pe_hdr", "opt_hdr_size", offset + PeHeader.Layout.Offset.OptHdrSize, ref fault);
        int fixedSize = 0;
        uint directories = 0;
        if (_optional.Length >= sizeof(ushort) && HasWideOptionalHeader)
        {
            fixedSize = Pe32PlusOptionalHeader.Layout.Size;
            if (Pe32PlusOptionalHeader.TryParse(_optional, out Pe32PlusOptionalHeader header, out ParseError error))
                directories = header.DataDirs;
            else
                Keep(ref fault, At(error, optionalOffset));
        }
        else if (_optional.Length > 0)
        {
            fixedSize = Pe32OptionalHeader.Layout.Size;
            if (Pe32OptionalHeader.TryParse(_optional, out Pe32OptionalHeader header, out ParseError error))
                directories = header.DataDirs;
            else
                Keep(ref fault, At(error, optionalOffset));
        }

        long available = Math.Max(0, _optional.Length - fixedSize) / DataDirectoryEntry.Layout.Size;
        int entries = (int)Math.Min(directories, available);
        DirectoryOffset = optionalOffset + fixedSize;
        _directory = entries == 0 ? default : _optional.Slice(fixedSize, entries * DataDirectoryEntry.Layout.Size);
        ReadOnlySpan<byte> sections = Take(
            image,
            optionalOffset + optionalSize,
            Header.Sections * SectionHeader.Layout.Size,
            "pe_hdr",
            "sections",
            offset + PeHeader.Layout.Offset.Sections,
            ref fault);
        _sections = sections[..(sections.Length / SectionHeader.Layout.Size * SectionHeader.Layout.Size)];
        Fault = fault;
    }

    /// <summary>What is wrong with the headers: they do not all lie in the file, or are broken. Without an error if nothing is.</summary>
    public ParseError Fault { get; }

    /// <summary>The file offset of the PE signature.</summary>
    public int Offset { get; }

    /// <summary>Signature and COFF header.</summary>
    public PeHeader Header { get; }

    /// <summary>Whether the optional header is that of PE32+, with addresses of 64 bits.</summary>
    public bool HasWideOptionalHeader => _optional.Length >= sizeof(ushort) && _optional[0] == 0x0b && _optional[1] == 0x02;

    /// <summary>The entries of the data directory that are there.</summary>
    public ViewList<DataDirectoryEntry> DataDirectory => new(_directory, WordSize.Bits64);

    /// <summary>
    /// The file offset and the bytes of the certificate table, which signatures are in; both 0 if there is none. Nothing of it is checked.
    /// </summary>
    public (long Offset, long Length) Certificates
    {
        get
        {
            const int Index = (int)DataDirectoryIndex.Certs;
            if (DataDirectory.Count <= Index || DataDirectory[Index] is not { Size: > 0 } entry)
                return default;
            return (entry.VirtualAddress, entry.Size);
        }
    }

    /// <summary>The file offset of the data directory.</summary>
    internal long DirectoryOffset { get; }

    /// <summary>The file offset of the optional header's checksum; both kinds have it at one place.</summary>
    internal long ChecksumOffset => Offset + PeHeader.Layout.Size + Pe32PlusOptionalHeader.Layout.Offset.Csum;

    /// <summary>The section headers.</summary>
    public ViewList<SectionHeader> Sections => new(_sections, WordSize.Bits64);

    /// <summary>Gets the optional header of PE32.</summary>
    /// <param name="header">The header, without the data directory.</param>
    /// <returns>False if the image has none, or that of PE32+.</returns>
    public bool TryGetOptionalHeader32(out Pe32OptionalHeader header)
    {
        header = default;
        return !HasWideOptionalHeader && !_optional.IsEmpty && Pe32OptionalHeader.TryParse(_optional, out header, out _);
    }

    /// <summary>Gets the optional header of PE32+.</summary>
    /// <param name="header">The header, without the data directory.</param>
    /// <returns>False if the image has none, or that of PE32.</returns>
    public bool TryGetOptionalHeader64(out Pe32PlusOptionalHeader header)
    {
        header = default;
        return HasWideOptionalHeader && Pe32PlusOptionalHeader.TryParse(_optional, out header, out _);
    }

    /// <summary>Decodes signature and COFF header.</summary>
    public SpecRecord DescribeHeader() => SpecReader.Read(PeHeader.Layout.Info, Header.AsSpan());

    /// <summary>Decodes the optional header; null if the image has none.</summary>
    public SpecRecord? DescribeOptionalHeader() => _optional.IsEmpty
        ? null
        : SpecReader.Read(HasWideOptionalHeader ? Pe32PlusOptionalHeader.Layout.Info : Pe32OptionalHeader.Layout.Info, _optional);

    /// <summary>Decodes the data directory.</summary>
    public IReadOnlyList<SpecRecord> DescribeDataDirectory() =>
        Describe(DataDirectoryEntry.Layout.Info, _directory, DataDirectoryEntry.Layout.Size);

    /// <summary>Decodes the section headers.</summary>
    public IReadOnlyList<SpecRecord> DescribeSections() => Describe(SectionHeader.Layout.Info, _sections, SectionHeader.Layout.Size);

    /// <summary>Finds the PE headers of a file.</summary>
    /// <returns>False if the file does not start with <c>MZ</c>, or the MS-DOS header does not lead to a PE signature and header.</returns>
    internal static bool TryFind(ReadOnlySpan<byte> image, out PeView view)
    {
        view = default;
        if (!MzHeader.TryParse(image, out MzHeader dos, out _) || dos.Peaddr > image.Length - SignatureLength)
            return false;
        int offset = (int)dos.Peaddr;
        if (!image.Slice(offset, SignatureLength).SequenceEqual("PE\0\0"u8))
            return false;
        if (!PeHeader.TryParse(image[offset..], out _, out _))
            return false;
        view = new PeView(image, offset);
        return true;
    }

    private static List<SpecRecord> Describe(SpecStructure structure, ReadOnlySpan<byte> bytes, int size)
    {
        var records = new List<SpecRecord>(bytes.Length / size);
        for (; bytes.Length >= size; bytes = bytes[size..])
            records.Add(SpecReader.Read(structure, bytes));
        return records;
    }

    /// <summary>Takes a part of the file, or what there is of it.</summary>
    private static ReadOnlySpan<byte> Take(
        ReadOnlySpan<byte> image, long offset, int length, string structure, string field, long fieldOffset, scoped ref ParseError fault)
    {
        if (offset + length <= image.Length)
            return image.Slice((int)offset, length);
        Keep(ref fault, new ParseError(
            BootErrorCode.OutOfBounds,
            structure,
            field,
            fieldOffset,
            string.Create(CultureInfo.InvariantCulture, $"headers that end inside a file of {image.Length} bytes"),
            string.Create(CultureInfo.InvariantCulture, $"{length} bytes from offset 0x{offset:x}")));
        return offset < image.Length ? image[(int)offset..] : default;
    }

    /// <summary>The first fault counts: it is the reason for those behind it.</summary>
    private static void Keep(scoped ref ParseError fault, ParseError found) => fault = fault.IsError ? fault : found;

    private static ParseError At(ParseError error, long offset) =>
        new(error.Code, error.Structure, error.Field, offset + error.Offset, error.Expected, error.Found);
}
