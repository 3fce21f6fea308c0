using System.Globalization;
using BootProtocol.Cli.Reports;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Layouts;

/// <summary>Shows the known ELF notes of an owner.</summary>
internal static class NotesLayout
{
    private static readonly ReportColumn[] _columns =
    [
        new("type", ReportTone.Value, IsRight: true),
        new("holds"),
        new("name", ReportTone.Key),
        new("meaning", ReportTone.Faint),
    ];

    /// <summary>Makes the report.</summary>
    public static Report CreateReport(SpecNotes notes)
    {
        var rows = new List<string[]>();
        foreach (SpecNote note in notes.Notes)
            rows.Add([Number(note.Number), note.Type, note.Name, note.Doc.Replace('\n', ' ')]);
        return new Report(
        [
            new ReportText($"notes {notes.Name}", IsHeading: true),
            new ReportText(notes.Doc),
            new ReportText(Facts(notes)),
            new ReportTable(_columns, rows),
        ]);
    }

    /// <summary>Protocol and owner.</summary>
    public static string Facts(SpecNotes notes) => $"protocol {notes.Protocol}; owner \"{notes.Owner}\"";

    /// <summary>Writes an object with the notes.</summary>
    public static void WriteJson(SpecNotes notes, TextWriter output) => JsonOutput.Write(output, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("name", notes.Name);
        writer.WriteString("owner", notes.Owner);
        writer.WriteStartArray("notes");
        foreach (SpecNote note in notes.Notes)
        {
            writer.WriteStartObject();
            writer.WriteString("name", note.Name);
            writer.WriteNumber("type", note.Number);
            writer.WriteString("holds", note.Type);
            writer.WriteString("doc", note.Doc);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>The number of a kind of notes.</summary>
    public static string Number(uint value) =>
        value < 0x10000 ? value.ToString(CultureInfo.InvariantCulture) : $"0x{value:x}";
}
