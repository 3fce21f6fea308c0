using System.Globalization;
using BootProtocol.Cli.Reports;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Layouts;

/// <summary>Shows where the fields of a structure stand, in both variants if it has two.</summary>
internal static class StructureReport
{
    /// <summary>Makes the report.</summary>
    public static Report Create(SpecStructure structure)
    {
        ReportTable table = structure.Variants.Length == 1 ? Single(structure) : Double(structure);
        var parts = new List<ReportPart>
        {
            new ReportText($"struct {structure.Name}", IsHeading: true),
            new ReportText(structure.Doc),
            new ReportText(Facts(structure)),
            table,
        };
        if (!structure.Variants[^1].Tail.IsEmpty)
            parts.AddRange([new ReportText("behind them", IsHeading: true), Tail(structure)]);
        if (!structure.Computed.IsEmpty)
            parts.AddRange([new ReportText("computed", IsHeading: true), Computed(structure)]);
        return new Report(parts);
    }

    private static ReportTable Tail(SpecStructure structure)
    {
        ReportColumn[] columns = [new("type"), new("name", ReportTone.Key), new("extent"), new("access"), new("meaning", ReportTone.Faint)];
        IEnumerable<string[]> rows = structure.Variants[^1].Tail.Select((row, i) => new[]
        {
            row.Field.Type,
            IsNamed(row.Field) ? row.Field.Name : "(pad)",
            Extent(row, structure.Variants[0].Tail[i]),
            row.Field.Access,
            Meaning(row.Field),
        });
        return new ReportTable(columns, [.. rows]);
    }

    /// <summary>What the size and the place of a row behind the fixed part depend on.</summary>
    /// <param name="row">The row.</param>
    /// <param name="narrow">The same row of the 32-bit variant.</param>
    public static string Extent(SpecTail row, SpecTail narrow)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        var parts = new List<string>();
        if (row.Condition is { } condition)
            parts.Add($"when {condition.Text}");
        if (row.Field.IsLeb128)
            parts.Add("1 to 10 bytes");
        else if (row.Extent == SpecExtent.One && !row.HasVaryingElements)
            parts.Add(string.Create(culture, $"{row.Field.Size} byte{(row.Field.Size == 1 ? "" : "s")}"));
        if (row.TagName is { } tag)
            parts.Add(row.IsSized ? $"by {tag}, sized" : $"by {tag}");
        if (row.BytesName is { } bytes)
            parts.Add($"bytes {bytes}");
        if (row.UntilField is { } until)
            parts.Add($"until {Until(until, row.UntilValue)}");
        if (row.Alignment != narrow.Alignment)
            parts.Add(string.Create(culture, $"align {narrow.Alignment}|{row.Alignment}"));
        else if (row.Alignment > 1)
            parts.Add(string.Create(culture, $"align {row.Alignment}"));
        return string.Join(", ", parts);
    }

    /// <summary>How the last element is found, or the last byte.</summary>
    public static string Until(string field, ulong value) =>
        field.Length == 0 ? value.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{field} = {value}");

    private static ReportTable Computed(SpecStructure structure)
    {
        ReportColumn[] columns = [new("name", ReportTone.Key), new("computed as"), new("versions"), new("meaning", ReportTone.Faint)];
        IEnumerable<string[]> rows = structure.Computed.Select(computed =>
            new[] { computed.Name, computed.Formula.Text, computed.Gate?.Text ?? "", computed.Doc.Replace('\n', ' ') });
        return new ReportTable(columns, [.. rows]);
    }

    /// <summary>Protocol, versions, sizes and the words of the head.</summary>
    public static string Facts(SpecStructure structure) => string.Join("; ", [$"protocol {structure.Protocol}", .. AllFacts(structure)]);

    /// <summary>What is to be said of the structure as a whole: versions, sizes, where it starts and ends.</summary>
    public static IEnumerable<string> AllFacts(SpecStructure structure)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        var facts = new List<string>();
        if (structure.Versions is { } versions)
            facts.Add($"versions {Version(versions.Lowest, versions)} to {Version(versions.Highest, versions)} by {versions.Field}");
        foreach (SpecVariant variant in structure.Variants)
        {
            string bits = variant.Bits == 0 ? "" : string.Create(culture, $"{variant.Bits} bits: ");
            string size = variant.Tail.IsEmpty ? "size" : "size of the fixed part";
            string step = variant.Step > 1 ? string.Create(culture, $", the whole a multiple of {variant.Step}") : "";
            facts.Add(string.Create(culture, $"{bits}{size} {variant.Size}, alignment {variant.Alignment}{step}"));
        }

        if (structure.IsPacked)
            facts.Add("packed");
        if (structure.IsBigEndian)
            facts.Add("big-endian");
        if (structure.BaseOffset != 0)
            facts.Add($"starts at file offset 0x{structure.BaseOffset:x}");
        if (structure.EndByte is { } end)
            facts.Add($"ends behind the bytes that byte 0x{structure.BaseOffset + end:x} counts");
        if (structure.LengthField is { } length)
            facts.Add($"length in {length}");
        return facts;
    }

    private static ReportTable Single(SpecStructure structure)
    {
        bool hasBase = structure.BaseOffset != 0;
        var columns = new List<ReportColumn> { Number("offset") };
        if (hasBase)
            columns.Add(Number("in file"));
        columns.AddRange([Number("size"), .. WordColumns()]);

        var rows = new List<string[]>();
        foreach (SpecField field in structure.Variants[0].Fields)
        {
            var row = new List<string> { Hex(field.Offset) };
            if (hasBase)
                row.Add(Hex(structure.BaseOffset + field.Offset));
            row.AddRange([Decimal(field.Size), .. Words(field)]);
            rows.Add([.. row]);
        }

        return new ReportTable(columns, rows);
    }

    private static ReportTable Double(SpecStructure structure)
    {
        ReportColumn[] columns = [Number("32: offset"), Number("size"), Number("64: offset"), Number("size"), .. WordColumns()];
        var rows = new List<string[]>();
        foreach ((SpecField? narrow, SpecField? wide) in Pair(structure))
            rows.Add([.. Place(narrow), .. Place(wide), .. Words((wide ?? narrow)!)]);
        return new ReportTable(columns, rows);
    }

    /// <summary>Brings the fields of both variants together by their names; pads have none and are left out.</summary>
    public static List<(SpecField? Narrow, SpecField? Wide)> Pair(SpecStructure structure)
    {
        var pairs = new List<(SpecField? Narrow, SpecField? Wide)>();
        var wideFields = new Queue<SpecField>(structure.Variants[1].Fields.Where(IsNamed));
        var narrowNames = structure.Variants[0].Fields.Where(IsNamed).Select(field => field.Name).ToHashSet(StringComparer.Ordinal);
        foreach (SpecField narrow in structure.Variants[0].Fields.Where(IsNamed))
        {
            while (wideFields.TryPeek(out SpecField? only) && !narrowNames.Contains(only.Name))
                pairs.Add((null, wideFields.Dequeue()));
            bool isInBoth = wideFields.TryPeek(out SpecField? next) && next.Name == narrow.Name;
            pairs.Add((narrow, isInBoth ? wideFields.Dequeue() : null));
        }

        pairs.AddRange(wideFields.Select(wide => ((SpecField?)null, (SpecField?)wide)));
        return pairs;
    }

    private static bool IsNamed(SpecField field) => field.Name.Length > 0;

    private static string[] Place(SpecField? field) => field is null ? ["-", "-"] : [Hex(field.Offset), Decimal(field.Size)];

    private static ReportColumn Number(string name) => new(name, ReportTone.Value, IsRight: true);

    private static ReportColumn[] WordColumns() =>
    [
        new("type"),
        new("name", ReportTone.Key),
        new("versions"),
        new("access"),
        new("meaning", ReportTone.Faint),
    ];

    private static string[] Words(SpecField field) =>
    [
        field.Type,
        IsNamed(field) ? field.Name : "(pad)",
        field.Gate?.Text ?? "",
        field.Access,
        Meaning(field),
    ];

    /// <summary>The doc of a field, and what its value can be.</summary>
    public static string Meaning(SpecField field)
    {
        string text = field.Doc.Replace('\n', ' ') + string.Concat(Remarks(field).Select(static remark => $" [{remark}]"));
        return field.Pointee is { } pointee ? $"{text} [points at {pointee}]" : text;
    }

    /// <summary>What is said of a field's values.</summary>
    public static IEnumerable<string> Remarks(SpecField field)
    {
        if (field.Condition is { } condition)
            yield return $"when {condition.Text}";
        if (field.Constant is { } constant)
            yield return $"always 0x{constant:x}";
        if (!field.ConstantBytes.IsEmpty)
            yield return $"always {Convert.ToHexStringLower(field.ConstantBytes.AsSpan())}";
        if (field.Else is { } other)
            yield return $"else {Quantity(other)}";
        if (field.Zero is { } zero)
            yield return $"0 stands for {Quantity(zero)}";
        foreach (SpecRule rule in field.Rules)
            yield return rule.IsChecked ? $"{rule.Text}, checked" : rule.Text;
        if (field.Checksum is { } checksum)
            yield return $"checksum {checksum.Text}";
    }

    private static string Quantity(ulong value) => value < 0x1000 ? value.ToString(CultureInfo.InvariantCulture) : $"0x{value:x}";

    private static string Hex(int value) => $"0x{value:x}";

    private static string Decimal(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Version(uint version, SpecVersions versions) => versions.IsDotted
        ? ProtocolVersion.FromRaw((ushort)version).ToString()
        : version.ToString(CultureInfo.InvariantCulture);
}
