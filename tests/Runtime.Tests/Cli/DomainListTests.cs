using System.Globalization;
using BootProtocol.Cli;
using BootProtocol.Cli.Control;
using BootProtocol.Cli.Reports;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary><c>bootproto xen list</c> for a list that was made up; where a Xen is, the boot tests show what it lists.</summary>
public sealed class DomainListTests
{
    /// <summary>A list with a name that is longer than most.</summary>
    internal static DomainList Example { get; } = new(
        "4.17.7",
        ["xen-3.0-x86_64", "hvm-3.0-x86_32", "hvm-3.0-x86_32p", "hvm-3.0-x86_64", "and-more-of-these", "than-fit-into-one-line"],
        0x15,
        [(Domain(0), "Domain-0"), (Domain(32000), "a-domain-that-somebody-has-given-quite-a-long-name-to"), (Domain(5), null)]);

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    public void Numbers_and_names_stay_whole(int width)
    {
        using var output = new StringWriter();
        using var console = new ToolConsole(output, TextWriter.Null) { IsTerminal = true, Width = width };
        ReportPrinter.Print(DomainListReport.Create(Example), console);
        string[] words = output.ToString().Split([' ', '\n', ','], StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("32000", words);
        Assert.Contains((12345678UL / 256).ToString(CultureInfo.InvariantCulture), words);
        Assert.Contains("a-domain-that-somebody-has-given-quite-a-long-name-to", words);
        Assert.All(Example.Capabilities, capability => Assert.Contains(capability, words));
        IEnumerable<string> lines = output.ToString().Split('\n').Where(static line => line.Trim().Contains(' ', StringComparison.Ordinal));
        Assert.All(lines, line => Assert.True(line.Length <= width, line));
    }

    private static DomainInfo Domain(ushort id) => new()
    {
        Id = id,
        State = DomainState.Running | DomainState.Paused,
        Pages = 12345678,
        MaxPages = 12345679,
        SharedInfo = new Mfn(5),
        ProcessorTime = TimeSpan.FromSeconds(1234.5),
        OnlineVCpus = 12,
        Handle = Guid.Parse("6f3f0c3e-30a0-4c2b-8a4e-0123456789ab"),
    };
}
