using System.Globalization;
using BootProtocol.Cli.Reports;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Layouts;

/// <summary>Shows what a number can choose.</summary>
internal static class ChoiceLayout
{
    private static readonly ReportColumn[] _columns =
    [
        new("value", ReportTone.Value, IsRight: true),
        new("called"),
        new("type"),
        new("name", ReportTone.Key),
        new("meaning", ReportTone.Faint),
    ];

    /// <summary>Makes the report.</summary>
    public static Report CreateReport(SpecChoice choice)
    {
        SpecEnumeration? values = choice.Enumeration?.Invoke();
        var rows = new List<string[]>();
        foreach (SpecAlternative row in choice.Alternatives)
            rows.Add([Values(row), Called(row, values), row.Type, row.Name, row.Doc.Replace('\n', ' ')]);
        return new Report(
        [
            new ReportText($"choice {choice.Name}", IsHeading: true),
            new ReportText(choice.Doc),
            new ReportText(Facts(choice)),
            new ReportTable(_columns, rows),
        ]);
    }

    /// <summary>Protocol, and the type of the number that chooses.</summary>
    public static string Facts(SpecChoice choice) =>
        string.Create(CultureInfo.InvariantCulture, $"protocol {choice.Protocol}; by {choice.TagType}, {choice.TagSize} bytes");

    /// <summary>Writes an object with the alternatives.</summary>
    public static void WriteJson(SpecChoice choice, TextWriter output) => JsonOutput.Write(output, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("name", choice.Name);
        writer.WriteString("kind", "choice");
        writer.WriteString("tag", choice.TagType);
        writer.WriteStartArray("alternatives");
        foreach (SpecAlternative row in choice.Alternatives)
        {
            writer.WriteStartObject();
            writer.WriteString("name", row.Name);
            writer.WriteNumber("first", row.First);
            writer.WriteNumber("last", row.Last);
            writer.WriteString("type", row.Type);
            writer.WriteString("doc", row.Doc);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>The numbers that choose a row.</summary>
    public static string Values(SpecAlternative row) => row.First == row.Last ? $"0x{row.First:x}" : $"0x{row.First:x}..0x{row.Last:x}";

    /// <summary>What a number that chooses is called; empty where it has no name.</summary>
    public static string Called(SpecAlternative row, SpecEnumeration? values) =>
        values is not null && row.First == row.Last ? new SpecEnumValue(values, row.First).Name ?? "" : "";
}
