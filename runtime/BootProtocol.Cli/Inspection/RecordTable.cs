using System.Globalization;
using BootProtocol.Cli.Reports;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>Makes a table of a structure's fields: where, which, what it holds, what it means.</summary>
internal static class RecordTable
{
    private static readonly ReportColumn[] _columns =
    [
        new("offset", ReportTone.Faint, IsRight: true),
        new("field", ReportTone.Key),
        new("value", ReportTone.Value),
        new("meaning", ReportTone.Faint),
    ];

    /// <summary>Makes the table.</summary>
    /// <param name="record">The structure.</param>
    /// <param name="offset">Its place in the file.</param>
    public static ReportTable Create(SpecRecord record, long offset) => new(
        _columns,
        [.. Rows(record, offset).Select(static row => new[] { row.Offset is { } place ? $"0x{place:x}" : "", row.Name, row.Text, row.Doc })]);

    /// <summary>Lists a structure's fields, those of nested structures one by one, and what is computed of them.</summary>
    /// <param name="record">The structure.</param>
    /// <param name="offset">Its place in the file.</param>
    public static IReadOnlyList<RecordRow> Rows(SpecRecord record, long offset)
    {
        var rows = new List<RecordRow>();
        Add(rows, record, offset, "");
        return rows;
    }

    /// <summary>Makes a table of several structures of one kind: a row for each, a column for each field.</summary>
    /// <param name="records">The structures; at least one.</param>
    /// <param name="names">What each is, by its index; null for no such column.</param>
    public static ReportTable CreateSideBySide(IReadOnlyList<SpecRecord> records, SpecEnumeration? names = null)
    {
        var columns = new List<ReportColumn>();
        if (names is not null)
            columns.Add(new ReportColumn("entry", ReportTone.Key));
        foreach (SpecRecordField field in records[0].Fields)
            columns.Add(new ReportColumn(field.Field.Name, ReportTone.Value, IsRight: field.Value is SpecNumber or SpecAddress));

        var rows = new List<string[]>();
        for (int i = 0; i < records.Count; i++)
        {
            IEnumerable<string> cells = records[i].Fields.Select(Spell);
            rows.Add(names is null ? [.. cells] : [new SpecEnumValue(names, (ulong)i).ToString(), .. cells]);
        }

        return new ReportTable(columns, rows);
    }

    private static void Add(List<RecordRow> rows, SpecRecord record, long offset, string prefix)
    {
        foreach (SpecRecordField field in record.Fields)
        {
            string name = prefix + field.Field.Name;
            long place = offset + field.Offset;
            switch (field.Value)
            {
                case SpecRecord nested:
                    Add(rows, nested, place, $"{name}.");
                    break;
                case SpecArray { Elements.IsEmpty: false } array when field.Field.Kind == SpecKind.Structure:
                    Add(rows, array, place, name);
                    break;
                default:
                    rows.Add(new RecordRow(place, field.Size, name, field.Value, Spell(field), Summary(field.Field.Doc)));
                    break;
            }
        }

        foreach (SpecRecordComputed computed in record.Computed)
        {
            SpecNumber? number = computed.Value is { } value ? SpecNumber.Unsigned(value) : null;
            string text = number?.ToString() ?? "no number of 64 bits";
            rows.Add(new RecordRow(null, 0, prefix + computed.Computed.Name, number, text, Summary(computed.Computed.Doc)));
        }
    }

    /// <summary>Adds the structures of an array, or of the arrays in it.</summary>
    private static void Add(List<RecordRow> rows, SpecArray array, long place, string prefix)
    {
        for (int i = 0; i < array.Elements.Length; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{prefix}[{i}]");
            if (array.Elements[i] is SpecRecord item)
                Add(rows, item, place + item.Start, $"{name}.");
            else
                Add(rows, (SpecArray)array.Elements[i], place, name);
        }
    }

    /// <summary>The first sentence or line of a doc: enough beside a value, and <c>layout</c> shows the rest.</summary>
    private static string Summary(string doc)
    {
        int end = doc.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? doc : doc[..end];
    }

    private static string Spell(SpecRecordField field)
    {
        string text = field.Value switch
        {
            SpecNumber number when field.Field.Constant is not null => SpellConstant(number.Bits),
            _ => field.Value.ToString(),
        };
        return field.IsZeroStandIn ? $"{text} (stored as 0)" : text;
    }

    /// <summary>Constants are magic numbers, and many of them are text.</summary>
    private static string SpellConstant(ulong bits)
    {
        Span<char> characters = stackalloc char[sizeof(ulong)];
        int count = 0;
        for (ulong rest = bits; rest != 0; rest >>= 8)
        {
            char character = (char)(rest & 0xff);
            if (!char.IsAsciiLetterOrDigit(character))
                return $"0x{bits:x}";
            characters[count++] = character;
        }

        return count < 2 ? $"0x{bits:x}" : $"0x{bits:x} \"{characters[..count]}\"";
    }
}
