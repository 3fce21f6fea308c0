using System.Globalization;
using BootProtocol.Cli.OwnSpecs;
using BootProtocol.Cli.Reports;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Layouts;

/// <summary>Lists everything that specs describe.</summary>
internal static class CatalogReport
{
    private static readonly ReportColumn[] _columns =
    [
        new("name", ReportTone.Key),
        new("kind"),
        new("protocol"),
        new("size", ReportTone.Value, IsRight: true),
        new("meaning", ReportTone.Faint),
    ];

    /// <summary>Makes the list.</summary>
    public static Report Create(SpecLibrary library)
    {
        var rows = new List<string[]>();
        foreach (SpecStructure structure in library.Structures)
            rows.Add([structure.Name, "struct", structure.Protocol, Sizes(structure), FirstLine(structure.Doc)]);
        foreach (SpecChoice choice in library.Choices)
            rows.Add([choice.Name, "choice", choice.Protocol, "", FirstLine(choice.Doc)]);
        foreach (SpecEnumeration enumeration in library.Enumerations)
            rows.Add([enumeration.Name, enumeration.Word, enumeration.Protocol, Number(enumeration.Size), FirstLine(enumeration.Doc)]);
        foreach (SpecNotes notes in library.Notes)
            rows.Add([notes.Name, "notes", notes.Protocol, "", FirstLine(notes.Doc)]);
        return new Report([new ReportTable(_columns, rows)]);
    }

    /// <summary>The size in bytes, or that of the 32-bit and that of the 64-bit variant.</summary>
    public static string Sizes(SpecStructure structure) =>
        string.Join('|', structure.Variants.Select(variant => Number(variant.Size)));

    /// <summary>The first line of a doc.</summary>
    public static string FirstLine(string doc) => doc.Split('\n', 2)[0];

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
