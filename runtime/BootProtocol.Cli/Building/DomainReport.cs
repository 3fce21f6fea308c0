using System.Globalization;
using BootProtocol.Cli.Reports;
using BootProtocol.Domains;
using BootProtocol.Reports;

namespace BootProtocol.Cli.Building;

/// <summary>Shows people what was built.</summary>
internal static class DomainReport
{
    private static readonly ReportColumn[] _factColumns = [new("", ReportTone.Key), new("", ReportTone.Value)];

    /// <summary>The columns of a map of memory.</summary>
    public static readonly ReportColumn[] MapColumns =
    [
        new("region", ReportTone.Key),
        new("start", ReportTone.Value, IsRight: true),
        new("end", ReportTone.Value, IsRight: true),
        new("size", IsRight: true),
        new("virtual", IsRight: true),
        new("reason", ReportTone.Faint),
    ];

    /// <summary>The columns of registers.</summary>
    public static readonly ReportColumn[] CpuColumns = [new("", ReportTone.Key), new("", ReportTone.Value), new("", ReportTone.Faint)];

    /// <summary>Makes the report.</summary>
    /// <param name="built">The domain.</param>
    /// <param name="output">The file that it was written to; null if it was not.</param>
    public static Report Create(BuiltDomain built, string? output)
    {
        using var tables = DomainTables.Of(built.Domain);
        var parts = new List<ReportPart>
        {
            new ReportText(built.ImageName, IsHeading: true),
            new ReportTable(_factColumns, Facts(built, output, tables), HasHead: false),
            new ReportText("memory", IsHeading: true),
            new ReportTable(MapColumns, [.. DomainMap.Of(built.Domain).Select(DomainText.Cells)]),
        };
        List<string[]> cpu = Processor(built.Domain, tables);
        if (cpu.Count > 0)
        {
            parts.Add(new ReportText("processor", IsHeading: true));
            parts.Add(new ReportTable(CpuColumns, cpu, HasHead: false));
        }

        parts.AddRange(tables.Parts());
        return new Report(parts);
    }

    /// <summary>The rows of a domain's registers.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="tables">What its JSON says.</param>
    public static List<string[]> Processor(Domain domain, DomainTables tables)
    {
        List<string[]> rows = [.. CpuFacts.Of(domain).Select(static fact => new[] { fact.Name, fact.Value, fact.Meaning })];
        rows.AddRange(tables.RegistersBeyond([.. rows.SelectMany(static row => row[0].Split(", "))]));
        return rows;
    }

    private static List<string[]> Facts(BuiltDomain built, string? output, DomainTables tables)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        DomainRequest request = built.Request;
        var facts = new List<string[]>
        {
            new[] { "boot", DomainText.Summary(built.Domain) },
            new[] { "kernel", tables.Kernel },
            new[] { "memory", $"{ByteSize.Format(request.Memory)}, {tables.RamSize} bytes of it in the memory map" },
        };
        if (request.CommandLine is { Length: > 0 } commandLine)
            facts.Add(["command line", Specs.SpecText.Printable(commandLine)]);
        string[] initrds = [.. request.InitrdNames];
        if (initrds.Length > 0)
        {
            string name = initrds.Length == 1 ? "initrd" : string.Create(culture, $"{initrds.Length} initrds");
            facts.Add([name, string.Join(", ", initrds)]);
        }

        if (output is not null)
            facts.Add(["output", output]);
        return facts;
    }
}
