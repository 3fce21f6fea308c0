using System.Globalization;
using BootProtocol.Cli.Reports;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>Makes a table of notes.</summary>
internal static class NotesTable
{
    /// <summary>The most bytes of a descriptor of unknown meaning to show to a person; JSON has all.</summary>
    private const int ShownBytes = 64;

    private static readonly ReportColumn[] _columns =
    [
        new("owner", ReportTone.Faint),
        new("type", ReportTone.Faint, IsRight: true),
        new("name", ReportTone.Key),
        new("value", ReportTone.Value),
    ];

    /// <summary>Makes the table.</summary>
    public static ReportTable Create(IReadOnlyList<NoteFact> notes) => new(
        _columns,
        [.. notes.Select(static note => new[]
        {
            SpecText.Printable(note.Owner),
            note.Type is { } type ? string.Create(CultureInfo.InvariantCulture, $"{type}") : "",
            SpecText.Printable(note.Name ?? ""),
            Spell(note),
        })]);

    /// <summary>The value, or the bytes where it has no known meaning.</summary>
    public static string Spell(NoteFact note, int shownBytes = ShownBytes)
    {
        if (note.Value is { } value)
            return value.ToString();
        ReadOnlySpan<byte> bytes = note.Descriptor is { } descriptor ? descriptor.Span : default;
        return bytes.Length <= shownBytes
            ? Convert.ToHexStringLower(bytes)
            : string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(bytes[..shownBytes])}... ({bytes.Length} bytes)");
    }
}
