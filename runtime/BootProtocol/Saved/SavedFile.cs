using System.Collections.Immutable;
using System.Text;
using BootProtocol.XenStream;

namespace BootProtocol.Saved;

/// <summary>Reads the file of a saved domain: xl's header and libxl's records, as far as they are there; the rest is <see cref="XcStreamReader"/>'s.</summary>
/// <param name="stream">The file.</param>
/// <param name="sink">Takes the pages of a PV domain; null if they are not needed.</param>
internal sealed class SavedFile(Stream stream, SavedPageSink? sink)
{
    /// <summary>More than any configuration has.</summary>
    private const uint MostOptional = 16 << 20;

    private const uint NewestLibxl = 2;

    private readonly StreamCursor _cursor = new(stream);
    private readonly SavedDomain _domain = new();
    private readonly ImmutableArray<SavedRecord>.Builder _records = ImmutableArray.CreateBuilder<SavedRecord>();

    /// <summary>What stands at a file's start.</summary>
    public enum Start
    {
        /// <summary>xl's header.</summary>
        Xl,

        /// <summary>The head of libxl's stream.</summary>
        Libxl,

        /// <summary>The head of libxenguest's stream.</summary>
        Libxc,
    }

    /// <summary>Recognises a file; null if it is none of a saved domain.</summary>
    public static Start? KindOf(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith(XlHeaderHead.Layout.Constant.Magic))
            return Start.Xl;
        if (LibxlHeader.TryParse(start, out _, out _))
            return Start.Libxl;

        // The marker and the id are all that is looked at.
        byte[] image = new byte[XcImageHeader.Layout.Size];
        start[..Math.Min(start.Length, LibxlHeader.Layout.Size)].CopyTo(image);
        return XcImageHeader.TryParse(image, out _, out _) ? Start.Libxc : null;
    }

    /// <summary>Reads it.</summary>
    public SavedDomain Read()
    {
        byte[] head = new byte[SavedDomain.HeadLength];
        const string Name = "saved domain";
        _cursor.Read(head.AsSpan(0, LibxlHeader.Layout.Size), Name);
        Start? start = KindOf(head.AsSpan(0, LibxlHeader.Layout.Size));
        if (start is null && head.AsSpan().StartsWith("Xen saved domain"u8))
        {
            _cursor.Read(head.AsSpan(LibxlHeader.Layout.Size), "xl_header", "magic");
            start = KindOf(head);
        }

        switch (start)
        {
            case Start.Xl:
                ReadXlHeader(head);
                _cursor.Read(head.AsSpan(0, LibxlHeader.Layout.Size), "libxl_header");
                ReadLibxl(head.AsSpan(0, LibxlHeader.Layout.Size));
                break;
            case Start.Libxl:
                ReadLibxl(head.AsSpan(0, LibxlHeader.Layout.Size));
                break;
            case Start.Libxc:
                new XcStreamReader(_cursor, _domain, _records, sink).Read(head.AsSpan(0, LibxlHeader.Layout.Size));
                break;
            default:
                throw new BootFormatException(
                    BootErrorCode.WrongMagic, Name, "", 0, "the head of xl's file, of libxl's or libxenguest's stream", "something else");
        }

        if (!_cursor.IsAtEnd())
            throw new BootFormatException(BootErrorCode.Malformed, Name, "", _cursor.Position, "the end of the file behind the last record", "more bytes");
        _domain.Records = _records.ToImmutable();
        return _domain;
    }

    private void ReadXlHeader(ReadOnlySpan<byte> magic)
    {
        byte[] bytes = new byte[XlHeaderHead.Layout.Size];
        magic.CopyTo(bytes);
        _cursor.Read(bytes.AsSpan(magic.Length), "xl_header");
        if (!XlHeaderHead.TryParse(bytes, out XlHeaderHead head, out ParseError error))
            throw error.ToException();
        XlSaveFlags flags = head.MandatoryFlags;
        if ((flags & ~(XlSaveFlags.Json | XlSaveFlags.StreamV2)) != 0 || !flags.HasFlag(XlSaveFlags.StreamV2))
            throw Bad("xl_header", "mandatory_flags", XlHeaderHead.Layout.Offset.MandatoryFlags, "STREAM_V2, and JSON or not", $"0x{(uint)flags:x}");
        uint length = head.OptionalDataLen;
        if (length > MostOptional)
            throw Bad("xl_header", "optional_data_len", XlHeaderHead.Layout.Offset.OptionalDataLen, $"at most {MostOptional}", $"{length}");
        _domain.HasXlHeader = true;
        if (length == 0)
            return;
        byte[] optional = _cursor.Read(length, "xl_header", "optional_data");
        if (!XlConfiguration.TryParse(optional, out XlConfiguration configuration, out error))
            throw error.MovedBy(XlHeaderHead.Layout.Size).ToException();
        _domain.Configuration = Encoding.UTF8.GetString(configuration.Text).TrimEnd('\0');
        _domain.IsJson = flags.HasFlag(XlSaveFlags.Json);
    }

    private void ReadLibxl(ReadOnlySpan<byte> head)
    {
        long at = _cursor.Position - head.Length;
        if (!LibxlHeader.TryParse(head, out LibxlHeader header, out ParseError error))
            throw error.MovedBy(at).ToException();
        if (header.Version != NewestLibxl)
            throw Bad("libxl_header", "version", at + LibxlHeader.Layout.Offset.Version, $"{NewestLibxl}", $"{header.Version}");
        if ((header.Options & 1) != 0)
            throw Bad("libxl_header", "options", at + LibxlHeader.Layout.Offset.Options, "records of little endian", $"0x{header.Options:x}");
        _domain.LibxlVersion = header.Version;
        bool hasContext = false;
        Span<byte> record = stackalloc byte[LibxlRecordHead.Layout.Size];
        while (true)
        {
            long start = _cursor.Position;
            _cursor.Read(record, "libxl_record");
            LibxlRecordHead begin = LibxlRecordHead.Parse(record);
            (LibxlRecordType type, uint length) = (begin.Type, begin.Length);
            if (!Enum.IsDefined(type))
                throw Bad("libxl_record", "type", start, "a kind that is known", $"0x{(uint)type:x}");
            _records.Add(new SavedRecord(true, (uint)type, start, length));
            _cursor.Skip((length + 7L) & ~7L, "libxl_record", RecordNames.Find(LibxlRecordTypeLayout.Info, (ulong)type));
            if (type == LibxlRecordType.End)
                break;
            if (type != LibxlRecordType.LibxcContext)
                continue;
            if (hasContext)
                throw Bad("libxl_record", "type", start, "one LIBXC_CONTEXT", "another one");
            hasContext = true;
            new XcStreamReader(_cursor, _domain, _records, sink).Read([]);
        }

        if (!hasContext)
            throw Bad("libxl_record", "type", _cursor.Position - LibxlRecordHead.Layout.Size, "LIBXC_CONTEXT before the end", "END");
    }

    private static BootFormatException Bad(string structure, string field, long offset, string expected, string found) =>
        new(BootErrorCode.BadValue, structure, field, offset, expected, found);
}
