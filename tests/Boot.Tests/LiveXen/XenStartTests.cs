using System.IO.Hashing;
using BootProtocol.Boot.Tests.Cli;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>Domains that <c>bootproto xen start</c> builds in the frames of a real Xen.</summary>
[Collection(XenHost.Name)]
public sealed class XenStartTests(XenHost host, ITestOutputHelper output)
{
    [Fact]
    public void Linux_starts_without_xenstored()
    {
        ToolRun run = host["start-6.1"];
        output.WriteLine(run.Output);
        run.Succeeded();
        CheckReport(run, "6.1");
        Assert.StartsWith("domain 1 (bootproto-1): started\n", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("6.1")]
    [InlineData("6.12")]
    public void Paused_linux_is_what_others_build_and_starts(string kernel)
    {
        CheckPaused($"linux-{kernel}", XenHost.LinuxMemory);
        ToolRun run = host[$"console-linux-{kernel}"];
        output.WriteLine(run.Output);
        run.Succeeded();
        CheckReport(run, kernel);
    }

    [Fact]
    public void Paused_grub_is_what_others_build_and_shows_its_banner()
    {
        CheckPaused("grub", XenHost.GrubMemory);
        ToolRun run = host["console-grub"];
        output.WriteLine(run.Output);
        Assert.Contains("Welcome to GRUB!", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Paused_sample_guest_is_what_others_build_and_reports()
    {
        CheckPaused("sample", XenHost.SampleMemory);
        GuestReport report = CheckSample(host["console-sample"]);
        Assert.Equal("xen-3.0-x86_64", report["magic"]);
        Assert.Equal((ulong)XenHost.Initrd.Length, report.Number("mod-len"));
        Assert.Equal(Crc32.HashToUInt32(XenHost.Initrd), report.Number("initrd-crc32"));
    }

    /// <summary>One structure for native and Xen, under a real Xen.</summary>
    [Fact]
    public void Sample_guest_finds_both_structures_through_one_register()
    {
        GuestReport report = CheckSample(host["combined"]);
        Assert.Equal(["0x53726448", "xen-3.0-x86_64"], report.All("magic"));
        Assert.Equal(2ul, report.Number("subarch"));
        Assert.NotEqual(report.Number("pointer"), report.Number("subarch-data"));
    }

    [Fact]
    public void Started_domain_can_not_be_read_back()
    {
        ToolRun run = host["inspect-started"];
        Assert.Equal(1, run.ExitCode);
        Assert.Matches("^error: cannot read the domain back [(]rsi, 0x[0-9a-f]+, is not the address of start_info: .*[)]\n$", run.Errors);
    }

    [Fact]
    public void Kernel_that_is_none_for_Xen_leaves_no_domain()
    {
        ToolRun run = host["start-wrong"];
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("error: /bin/busybox: ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_left() => Assert.DoesNotMatch(@"(?m)^ +[1-9]\d* ", host["list-end"].Succeeded());

    /// <summary>It breaks no rule, and each of its pages is that of the domain which Xen's own tool builds.</summary>
    private void CheckPaused(string name, int memory)
    {
        Assert.Matches($@"^domain \d+ \({name}\): paused\n$", host[$"pause-{name}"].Succeeded());
        Assert.Matches($@"(?m)^ +\d+ +{name} +{memory} +1 +0\.0 +paused$", host[$"list-{name}"].Succeeded());
        Assert.Matches($@"^domain \d+, {memory << 8} frames: breaks none of \d+ rules\n$", host[$"inspect-{name}"].Succeeded());
        string compared = host[$"compare-{name}"].Succeeded();
        output.WriteLine(compared);
        string[] lines = compared.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches($"^pages: {memory << 8} and {memory << 8}, not zero: [1-9]", lines[0]);
        Assert.Equal("different pages: 0", lines[2]);
        Assert.Equal("context: equal, shared_info: equal", lines[3]);
    }

    private GuestReport CheckSample(ToolRun run)
    {
        output.WriteLine(run.Output);
        var report = GuestReport.Parse(run.Succeeded());
        Assert.True(report.IsComplete);
        Assert.Equal("xen-pv", report["entry"]);
        Assert.Equal("3", report["ring"]);
        Assert.Equal("fault", report["page-table-write"]);
        Assert.Equal((ulong)XenHost.SampleMemory << 8, report.Number("pages"));
        Assert.All(report.All("command-line"), line => Assert.Equal(XenHost.SampleCommandLine, line));
        return report;
    }

    private static void CheckReport(ToolRun run, string kernel)
    {
        var space = UserSpace.Read(run);
        Assert.Equal(XenHost.CommandLine(kernel), space.CommandLine);
        Assert.Equal(UserSpace.SumOf(WordSize.Bits64, XenHost.Data), space.File);

        Assert.Equal((ulong)XenHost.LinuxMemory << 20, space.Map.Last(static range => range.Type == "System RAM").Last + 1);
    }
}
