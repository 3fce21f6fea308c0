using System.Globalization;
using BootProtocol.Cli.Reports;
using BootProtocol.Specs;
using BootProtocol.Xen.Domains;

namespace BootProtocol.Cli.Control;

/// <summary>A list of domains for a person.</summary>
internal static class DomainListReport
{
    private const int PagesInMebibyte = 256;

    private static readonly ReportColumn[] _columns =
    [
        new("id", ReportTone.Key, IsRight: true),
        new("name", ReportTone.Value),
        new("MiB", ReportTone.Value, IsRight: true),
        new("vcpus", ReportTone.Value, IsRight: true),
        new("seconds", ReportTone.Value, IsRight: true),
        new("state", ReportTone.Value),
    ];

    /// <summary>Makes the report.</summary>
    public static Report Create(DomainList list) => new(
    [
        new ReportText($"Xen {list.Version}, domctl interface 0x{list.DomctlVersion:x}", IsHeading: true),
        new ReportText($"runs {string.Join(' ', list.Capabilities)}"),
        new ReportTable(_columns, [.. list.Domains.Select(domain => Row(domain.Info, domain.Name))]),
    ]);

    private static string[] Row(DomainInfo info, string? name) =>
    [
        info.Id.ToString(CultureInfo.InvariantCulture),
        SpecText.Printable(name ?? ""),
        (info.Pages / PagesInMebibyte).ToString(CultureInfo.InvariantCulture),
        info.OnlineVCpus.ToString(CultureInfo.InvariantCulture),
        info.ProcessorTime.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture),
        string.Join(' ', DomainList.States(info)),
    ];
}
