using System.Text.Json;
using BootProtocol.Cli.Reports;
using BootProtocol.Kernels.Options;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>The section of <c>inspect</c> about the options that a kernel was built with.</summary>
internal static class OptionsSection
{
    private static readonly ReportColumn[] _columns = [new("option", ReportTone.Key), new("witness", ReportTone.Value)];

    /// <summary>Makes the parts of the report.</summary>
    public static IEnumerable<ReportPart> Report(ImageInspection inspection)
    {
        if (Read(inspection) is not { } options)
            return [];
        if (options.IsComplete)
        {
            return
            [
                new ReportText("config (the kernel's own, CONFIG_IKCONFIG)", IsHeading: true),
                new ReportTable([_columns[0]], [.. options.Select(static option => (string[])[SpecText.Printable(option.ToString())])]),
            ];
        }

        string[][] rows = [.. options.Select(static option => (string[])[option.ToString(), option.Witness!])];
        return [new ReportText("config (the kernel carries none; what it proves)", IsHeading: true), new ReportTable(_columns, rows)];
    }

    /// <summary>Writes an object, or null for a kernel that says and proves nothing.</summary>
    public static void WriteJson(ImageInspection inspection, Utf8JsonWriter writer)
    {
        if (Read(inspection) is not { } options)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteBoolean("complete", options.IsComplete);
        writer.WriteStartArray("options");
        foreach (KernelOption option in options)
        {
            writer.WriteStartObject();
            writer.WriteString("name", option.Name);
            writer.WriteString("state", StateName(option.State));
            writer.WriteString("value", option.Value);
            writer.WriteString("witness", option.Witness);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static KernelConfiguration? Read(ImageInspection inspection) =>
        inspection.Kernel is { } kernel && inspection.Faults.Try(kernel.ReadOptions) is { Count: > 0 } options ? options : null;

    private static string StateName(KernelOptionState state) => state switch
    {
        KernelOptionState.BuiltIn => "y",
        KernelOptionState.Module => "m",
        KernelOptionState.Value => "value",
        KernelOptionState.NotSet => "n",
        _ => "not-built-in",
    };
}
