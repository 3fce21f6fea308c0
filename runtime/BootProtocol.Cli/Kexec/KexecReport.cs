using System.Globalization;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Reports;
using BootProtocol.Kexec;
using BootProtocol.Reports;

namespace BootProtocol.Cli.Kexec;

/// <summary>Shows a kernel that was laid out in the machine's memory.</summary>
internal static class KexecReport
{
    private static readonly ReportColumn[] _factColumns = [new("", ReportTone.Key), new("", ReportTone.Value)];

    private static readonly ReportColumn[] _segmentColumns =
    [
        new("segment", ReportTone.Value, IsRight: true),
        new("end", ReportTone.Value, IsRight: true),
        new("size", IsRight: true),
        new("copied", IsRight: true),
    ];

    /// <summary>For people.</summary>
    /// <param name="name">The image's name.</param>
    /// <param name="request">What was wanted.</param>
    /// <param name="plan">What came of it.</param>
    public static Report Create(string name, DomainRequest request, KexecPlan plan)
    {
        using var tables = DomainTables.Of(plan.Domain);
        var parts = new List<ReportPart>
        {
            new ReportText(name, IsHeading: true),
            new ReportTable(_factColumns, Facts(request, plan, tables), HasHead: false),
            new ReportText("memory", IsHeading: true),
            new ReportTable(DomainReport.MapColumns, [.. DomainMap.Of(plan.Regions, plan.Domain.Map).Select(DomainText.Cells)]),
            new ReportText("segments", IsHeading: true),
            new ReportTable(_segmentColumns, [.. plan.Segments.Select(static segment => new[]
            {
                segment.Address.ToString(),
                new Paddr(segment.Address.Value + segment.MemorySize).ToString(),
                ByteSize.Format(segment.MemorySize),
                ByteSize.Format((ulong)segment.Bytes.Length),
            })]),
            new ReportText("processor", IsHeading: true),
            new ReportTable(DomainReport.CpuColumns, DomainReport.Processor(plan.Domain, tables), HasHead: false),
        };
        parts.AddRange(tables.Parts());
        return new Report(parts);
    }

    /// <summary>For programs.</summary>
    /// <param name="name">The image's name.</param>
    /// <param name="plan">What came of it.</param>
    /// <param name="output">Where it goes.</param>
    public static void WriteJson(string name, KexecPlan plan, TextWriter output) => JsonOutput.Write(output, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("file", name);
        writer.WriteString("purpose", NameOf(plan.Purpose));
        writer.WriteString("command_line", plan.CommandLine);
        writer.WriteString("entry", plan.Entry.ToString());
        writer.WriteStartArray("segments");
        foreach (Output.PhysicalSegment segment in plan.Segments)
        {
            writer.WriteStartObject();
            writer.WriteString("start", segment.Address.ToString());
            writer.WriteNumber("size", segment.MemorySize);
            writer.WriteNumber("copied", segment.Bytes.Length);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("kexec_regions");
        foreach (Memory.Region region in plan.Regions.Except(plan.Domain.Regions))
        {
            writer.WriteStartObject();
            writer.WriteString("name", region.Name);
            writer.WriteString("start", region.Start.ToString());
            writer.WriteString("end", region.End.ToString());
            writer.WriteString("reason", region.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        DomainJson.WriteProperties(plan.Domain, writer);
        writer.WriteEndObject();
    });

    /// <summary>A purpose's word.</summary>
    public static string NameOf(KexecPurpose purpose) => purpose == KexecPurpose.Panic ? "panic" : "restart";

    private static List<string[]> Facts(DomainRequest request, KexecPlan plan, DomainTables tables)
    {
        var facts = new List<string[]>
        {
            new[] { "for", plan.Purpose == KexecPurpose.Panic ? "a panic of the running kernel" : "a restart" },
            new[] { "kernel", tables.Kernel },
            new[] { "entry", plan.Entry.ToString() },
            new[] { "loaded", string.Create(CultureInfo.InvariantCulture, $"{ByteSize.Format(plan.Size)} in {plan.Segments.Length} segments") },
        };
        if (plan.CommandLine.Length > 0)
            facts.Add(["command line", Specs.SpecText.Printable(plan.CommandLine)]);
        string[] initrds = [.. request.InitrdNames];
        if (initrds.Length > 0)
            facts.Add(["initrd", string.Join(", ", initrds)]);
        return facts;
    }
}
