using BootProtocol.Cli.Inspection;
using BootProtocol.Cli.Reports;

namespace BootProtocol.Cli.Dumping;

/// <summary>Shows structures field by field, and their bytes line by line.</summary>
internal static class DumpReport
{
    private const int LineLength = 16;

    /// <summary>The most bytes that stand beside a field; the lines below the fields have all.</summary>
    private const int MostBytes = 8;

    private const string Same = "the same bytes up to the next line";

    private static readonly ReportColumn[] _fields =
    [
        new("offset", ReportTone.Faint, IsRight: true),
        new("bytes"),
        new("field", ReportTone.Key),
        new("value", ReportTone.Value),
        new("meaning", ReportTone.Faint),
    ];

    private static readonly ReportColumn[] _lines =
    [
        new("offset", ReportTone.Faint, IsRight: true),
        new("bytes", IsWhole: true),
        new("fields that start there", ReportTone.Key),
    ];

    /// <summary>Makes the report.</summary>
    public static Report Create(IEnumerable<DumpedStructure> structures) => new([.. structures.SelectMany(Parts)]);

    private static IEnumerable<ReportPart> Parts(DumpedStructure dumped)
    {
        yield return InspectionSections.Heading(dumped.Record.Structure.Name, dumped.Offset, dumped.Offset + dumped.Bytes.Length);
        yield return new ReportTable(_fields, [.. dumped.Rows.Select(row => Cells(dumped, row))]);
        yield return new ReportText("bytes", IsHeading: true);
        yield return new ReportTable(_lines, [.. Lines(dumped)]);
    }

    private static string[] Cells(DumpedStructure dumped, RecordRow row)
    {
        ReadOnlySpan<byte> bytes = dumped.BytesOf(row);
        string shown = Hex(bytes[..Math.Min(bytes.Length, MostBytes)]);
        return
        [
            row.Offset is { } offset ? $"0x{offset:x}" : "",
            bytes.Length > MostBytes ? $"{shown} .." : shown,
            row.Name,
            row.Text,
            row.Doc,
        ];
    }

    /// <summary>
    /// Lines of bytes whose places in the file are multiples of their length. One line stands for all that follow a line of the same bytes, up to
    /// the next field and without the last line, which shows where the structure ends.
    /// </summary>
    private static IEnumerable<string[]> Lines(DumpedStructure dumped)
    {
        long end = dumped.Offset + dumped.Bytes.Length;
        ILookup<long, string> names = dumped.Rows.Where(static row => row.Offset is not null)
            .ToLookup(static row => row.Offset!.Value / LineLength, static row => row.Name);
        string above = "";
        bool isLeftOut = false;
        for (long line = dumped.Offset / LineLength; line * LineLength < end; line++)
        {
            long first = Math.Max(line * LineLength, dumped.Offset);
            long last = Math.Min((line + 1) * LineLength, end);
            string missing = string.Concat(Enumerable.Repeat("-- ", (int)(first - (line * LineLength))));
            string bytes = Hex(dumped.Bytes.AsSpan((int)(first - dumped.Offset), (int)(last - first)));
            bool isSame = bytes == above && !names.Contains(line) && last < end;
            if (!isSame)
                yield return [$"0x{line * LineLength:x}", missing + bytes, string.Join(' ', names[line])];
            else if (!isLeftOut)
                yield return ["", Same, ""];
            above = bytes;
            isLeftOut = isSame;
        }
    }

    private static string Hex(ReadOnlySpan<byte> bytes)
    {
        var text = new System.Text.StringBuilder(bytes.Length * 3);
        foreach (byte value in bytes)
            text.Append(text.Length > 0 ? " " : "").Append(Convert.ToHexStringLower([value]));
        return text.ToString();
    }
}
