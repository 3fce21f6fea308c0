using System.Globalization;
using BootProtocol.Cli.Reports;
using BootProtocol.Saved;
using BootProtocol.Specs;
using BootProtocol.XenStream;

namespace BootProtocol.Cli.Saved;

/// <summary>Shows what a saved domain's file says.</summary>
internal static class SavedReport
{
    private static readonly ReportColumn[] _facts = [new("", ReportTone.Key), new("", ReportTone.Value)];

    private static readonly ReportColumn[] _records =
    [
        new("of"),
        new("record", ReportTone.Key),
        new("count", ReportTone.Value, IsRight: true),
        new("bytes", ReportTone.Value, IsRight: true),
        new("first at", ReportTone.Faint, IsRight: true),
    ];

    private static readonly ReportColumn[] _pages = [new("pages", ReportTone.Key), new("count", ReportTone.Value, IsRight: true)];

    private static readonly ReportColumn[] _processors =
    [
        new("vcpu", ReportTone.Key, IsRight: true),
        new("at", ReportTone.Value),
        new("stack", ReportTone.Value),
        new("top table", ReportTone.Value),
        new("flags", ReportTone.Value),
        new("extended bytes", ReportTone.Faint, IsRight: true),
        new("xsave bytes", ReportTone.Faint, IsRight: true),
        new("msr bytes", ReportTone.Faint, IsRight: true),
    ];

    /// <summary>Makes the report.</summary>
    public static Report Create(string file, SavedDomain domain)
    {
        var parts = new List<ReportPart>
        {
            new ReportText(SpecText.Printable(file), IsHeading: true),
            new ReportTable(_facts, [.. Facts(domain)], HasHead: false),
        };
        if (domain.Processors.Length > 0)
        {
            parts.Add(new ReportText("processors", IsHeading: true));
            parts.Add(new ReportTable(_processors, [.. domain.Processors.Select(one => Row(domain, one))]));
        }

        if (domain.Pages.Count > 0)
        {
            parts.Add(new ReportText("pages", IsHeading: true));
            parts.Add(new ReportTable(_pages, [.. domain.Pages.Select(static pair => new[] { SavedFacts.Name(pair.Key), Text(pair.Value) })]));
        }

        parts.Add(new ReportText("records", IsHeading: true));
        parts.Add(new ReportTable(_records, [.. Records(domain)]));
        return new Report([.. parts]);
    }

    private static IEnumerable<string[]> Facts(SavedDomain domain)
    {
        string libxl = domain.LibxlVersion is { } version ? $", in libxl's of version {version}" : "";
        yield return ["kind", SavedFacts.Kind(domain)];
        if (domain.Name is { } name)
            yield return ["name", SpecText.Printable(name)];
        if (domain.Handle is { } handle)
            yield return ["uuid", $"{handle}"];
        if (domain.Configuration is { } configuration)
            yield return ["configuration", $"{(domain.IsJson ? "JSON" : "xl's own language")}, {Text((ulong)configuration.Length)} characters"];
        yield return ["stream", $"version {domain.StreamVersion}{libxl}, of Xen {SavedFacts.Version(domain)}"];
        yield return
        [
            "domain",
            domain.Type != XcDomainType.X86Pv ? "HVM or PVH"
            : domain.Word is { } word ? $"PV, {(int)word} bits, {domain.PageTableLevels} levels of page tables" : "PV",
        ];
        if (domain.FrameCount is { } frames)
            yield return ["memory", $"{frames} frames, {ByteSize.Format(frames * X86Page.Size)}"];
        yield return ["state", domain.HasRun ? "it had run when it was saved" : "it has not run yet"];
    }

    private static string[] Row(SavedDomain domain, SavedProcessor processor)
    {
        var state = SavedFacts.State(domain, processor);
        return
        [
            Text(processor.Id),
            state is { } at ? $"0x{at.InstructionPointer:x}" : "",
            state is { } stack ? $"0x{stack.StackPointer:x}" : "",
            state is { } table ? $"{table.TopTable}" : "",
            state is { } flags ? $"{flags.Flags}" : "",
            Text((ulong)processor.ExtendedLength),
            Text((ulong)processor.XsaveLength),
            Text((ulong)processor.RegistersLength),
        ];
    }

    /// <summary>Records of one kind in a row are one line.</summary>
    private static IEnumerable<string[]> Records(SavedDomain domain)
    {
        for (int first = 0; first < domain.Records.Length;)
        {
            SavedRecord record = domain.Records[first];
            int end = first;
            ulong bytes = 0;
            while (end < domain.Records.Length && (domain.Records[end].IsLibxl, domain.Records[end].Type) == (record.IsLibxl, record.Type))
                bytes += domain.Records[end++].Length;
            yield return [SavedFacts.Layer(record), SavedFacts.Name(record), Text((ulong)(end - first)), Text(bytes), $"0x{record.Offset:x}"];
            first = end;
        }
    }

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
