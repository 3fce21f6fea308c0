using System.Globalization;
using System.Text.Json;
using BootProtocol.Cli.Reports;
using BootProtocol.Images;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>The section of <c>inspect</c> about the parts of a unified kernel image.</summary>
internal static class UnifiedKernelSections
{
    private static readonly ReportColumn[] _columns =
    [
        new("section", ReportTone.Key),
        new("profile", ReportTone.Faint, IsRight: true),
        new("offset", ReportTone.Value, IsRight: true),
        new("size", ReportTone.Value, IsRight: true),
        new("text", ReportTone.Value),
    ];

    /// <summary>Makes the parts of the report.</summary>
    public static IEnumerable<ReportPart> Report(ImageInspection inspection) => inspection.Opened.UnifiedKernel is { } unified
        ? [new ReportText("parts of the unified kernel image", IsHeading: true), new ReportTable(_columns, [.. unified.Sections.Select(Row)])]
        : [];

    /// <summary>Writes an array, or null for an image that is in none.</summary>
    public static void WriteJson(ImageInspection inspection, Utf8JsonWriter writer)
    {
        if (inspection.Opened.UnifiedKernel is not { } unified)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartArray();
        foreach (UnifiedKernelSection section in unified.Sections)
        {
            writer.WriteStartObject();
            writer.WriteString("name", section.Name);
            if (section.Profile is { } profile)
                writer.WriteNumber("profile", profile);
            else
                writer.WriteNull("profile");
            writer.WriteNumber("offset", section.Offset);
            writer.WriteNumber("size", section.Length);
            writer.WriteString("text", section.IsText ? section.Text : null);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string[] Row(UnifiedKernelSection section) =>
    [
        section.Name,
        section.Profile?.ToString(CultureInfo.InvariantCulture) ?? "",
        section.Offset.ToString(CultureInfo.InvariantCulture),
        section.Length.ToString(CultureInfo.InvariantCulture),
        section.IsText ? SpecText.Printable(string.Join("; ", section.Text.Trim('\n').Split('\n'))) : "",
    ];
}
