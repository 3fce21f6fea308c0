using System.Globalization;
using BootProtocol.Cli.Reports;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Layouts;

/// <summary>Shows the values of flags, of an enumeration or of constants.</summary>
internal static class EnumerationLayout
{
    /// <summary>Makes the report.</summary>
    public static Report CreateReport(SpecEnumeration enumeration)
    {
        ReportColumn[] columns =
        [
            new(enumeration.IsFlags ? "bit" : "value", ReportTone.Value, IsRight: true),
            new(enumeration.IsFlags ? "mask" : "hex", ReportTone.Value, IsRight: true),
            new("name", ReportTone.Key),
            new("versions"),
            new("access"),
            new("meaning", ReportTone.Faint),
        ];
        var rows = new List<string[]>();
        foreach (SpecEnumerator row in enumeration.Enumerators)
            rows.Add([Place(enumeration, row), $"0x{row.Value:x}", row.Name, row.Gate, row.Access, row.Doc.Replace('\n', ' ')]);

        return new Report(
        [
            new ReportText($"{enumeration.Word} {enumeration.Name}", IsHeading: true),
            new ReportText(enumeration.Doc),
            new ReportText(Facts(enumeration)),
            new ReportTable(columns, rows),
        ]);
    }

    /// <summary>Protocol and size.</summary>
    public static string Facts(SpecEnumeration enumeration) =>
        string.Create(CultureInfo.InvariantCulture, $"protocol {enumeration.Protocol}; size {enumeration.Size}");

    /// <summary>Writes an object with the values.</summary>
    public static void WriteJson(SpecEnumeration enumeration, TextWriter output) => JsonOutput.Write(output, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("name", enumeration.Name);
        writer.WriteString("kind", enumeration.Word);
        writer.WriteNumber("size", enumeration.Size);
        writer.WriteStartArray("values");
        foreach (SpecEnumerator row in enumeration.Enumerators)
        {
            writer.WriteStartObject();
            writer.WriteString("name", row.Name);
            writer.WriteNumber("value", row.Value);
            writer.WriteString("gate", row.Gate);
            writer.WriteString("access", row.Access);
            writer.WriteString("doc", row.Doc);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>The value of a row; of flags its bit or bits.</summary>
    public static string Place(SpecEnumeration enumeration, SpecEnumerator row)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        if (!enumeration.IsFlags)
            return row.Value.ToString(culture);
        return row.IsBitField ? string.Create(culture, $"{row.LowBit}..{row.HighBit}") : row.LowBit.ToString(culture);
    }
}
