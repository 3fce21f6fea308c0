using System.Text.Json;
using BootProtocol.Cli.Reports;

namespace BootProtocol.Cli.Inspection;

/// <summary>A part of what <c>inspect</c> shows behind the summary.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="NeedsKernel">Whether the image's kernel has to be decoded for it.</param>
/// <param name="Report">Makes the parts of the report, headings included; none if the image has nothing of the kind.</param>
/// <param name="WriteJson">Writes the value, null if the image has nothing of the kind.</param>
internal sealed record InspectionSection(
    string Name,
    bool NeedsKernel,
    Func<ImageInspection, IEnumerable<ReportPart>> Report,
    Action<ImageInspection, Utf8JsonWriter> WriteJson)
{
    /// <summary>Whether the whole document has it as a property of its own, and not within another section's value.</summary>
    public bool IsTopLevel { get; init; } = true;

    /// <summary>Whether it is shown only where it is asked for by name, as it is long.</summary>
    public bool IsOnDemand { get; init; }

    /// <summary>Its name in JSON.</summary>
    public string Property { get; init; } = Name;
}
