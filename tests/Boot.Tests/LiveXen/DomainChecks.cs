using System.IO.Hashing;
using BootProtocol.Boot.Tests.Cli;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>What holds of domains on every Xen.</summary>
internal static class DomainChecks
{
    /// <summary>Before it is started it breaks no rule, and each of its pages is that of the domain which Xen's own tool builds.</summary>
    public static void Paused(PausedDomain domain, Func<string, ToolRun> steps, ITestOutputHelper output)
    {
        int pages = domain.Memory << 8;
        Assert.Matches($@"^domain \d+ \({domain.Name}\): paused\n$", steps($"pause-{domain.Name}").Succeeded());
        Assert.Matches($@"(?m)^ +\d+ +{domain.Name} +{domain.Memory} +1 +0\.0 +paused$", steps($"list-{domain.Name}").Succeeded());
        Assert.Matches($@"^domain \d+, {pages} frames: breaks none of \d+ rules\n$", steps($"inspect-{domain.Name}").Succeeded());
        string compared = steps($"compare-{domain.Name}").Succeeded();
        output.WriteLine(compared);
        string[] lines = compared.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches($"^pages: {pages} and {pages}, not zero: [1-9]", lines[0]);
        Assert.Matches("^page tables: [1-9][0-9]*, pages of the frame list: [1-9]", lines[1]);
        Assert.Equal(["different pages: 0", "context: equal, shared_info: equal"], lines[2..]);
    }

    /// <summary>The report of the sample guest as a domain.</summary>
    public static GuestReport Sample(ToolRun run, string ring, ITestOutputHelper output)
    {
        output.WriteLine(run.Output);
        var report = GuestReport.Parse(run.Succeeded());
        Assert.True(report.IsComplete);
        Assert.Equal("xen-pv", report["entry"]);
        Assert.Equal(ring, report["ring"]);
        Assert.Equal("on", report["paging"]);
        Assert.Equal("fault", report["page-table-write"]);
        Assert.Equal((ulong)XenHost.Sample.Memory << 8, report.Number("pages"));
        Assert.All(report.All("command-line"), line => Assert.Equal(XenHost.Sample.CommandLine, line));
        return report;
    }

    /// <summary>GRUB's start, and its answer to what was typed.</summary>
    public static void Grub(Func<string, ToolRun> steps, ITestOutputHelper output)
    {
        Paused(XenHost.Grub, steps, output);
        ToolRun run = steps($"console-{XenHost.Grub.Name}");
        output.WriteLine(run.Output);
        Assert.Contains("Welcome to GRUB!", run.Output, StringComparison.Ordinal);
        Assert.Contains(XenHost.GrubAnswer, run.Output, StringComparison.Ordinal);
    }

    /// <summary>The sample guest, paused first, with its initial ramdisk.</summary>
    public static void Sample(Func<string, ToolRun> steps, string magic, string ring, ITestOutputHelper output)
    {
        Paused(XenHost.Sample, steps, output);
        GuestReport report = Sample(steps($"console-{XenHost.Sample.Name}"), ring, output);
        Assert.Equal(magic, report["magic"]);
        Assert.Equal((ulong)XenHost.Initrd.Length, report.Number("mod-len"));
        Assert.Equal(Crc32.HashToUInt32(XenHost.Initrd), report.Number("initrd-crc32"));
    }

    /// <summary>The sample guest, restored of a file: up to its end, with its initial ramdisk mapped.</summary>
    public static void Restored(ToolRun run, string magic, string ring, ITestOutputHelper output)
    {
        GuestReport report = Sample(run, ring, output);
        Assert.Equal(magic, report["magic"]);
        Assert.Equal((ulong)XenHost.Initrd.Length, report.Number("mod-len"));
        Assert.Equal(Crc32.HashToUInt32(XenHost.Initrd), report.Number("initrd-crc32"));
        Restored(run, XenHost.Sample.Memory);
    }

    /// <summary>A restored domain breaks no rule before it runs: what a restore leaves in rdx and in shared_info is known for that.</summary>
    public static void Restored(ToolRun run, int memory)
    {
        Assert.Contains("Restore successful", run.Errors, StringComparison.Ordinal);
        Assert.Matches($@"(?m)^domain \d+, {memory << 8} frames, restored: breaks none of \d+ rules$", run.Errors);
    }

    /// <summary>One structure for native and Xen: the register leads to boot_params, and these to start_info.</summary>
    public static void Combined(GuestReport report, string magic)
    {
        Assert.Equal(["0x53726448", magic], report.All("magic"));
        Assert.Equal(2ul, report.Number("subarch"));
        Assert.NotEqual(report.Number("pointer"), report.Number("subarch-data"));
    }

    /// <summary>Linux came to its user space, with the memory, the command line and the file that it was given.</summary>
    public static void Linux(ToolRun run, PausedDomain domain, ITestOutputHelper output)
    {
        output.WriteLine(run.Output);
        run.Succeeded();
        var space = UserSpace.Read(run);
        Assert.Equal(domain.CommandLine, space.CommandLine);
        Assert.Equal(UserSpace.SumOf(WordSize.Bits64, XenHost.Data), space.File);
        Assert.Equal((ulong)domain.Memory << 20, space.Map.Last(static range => range.Type == "System RAM").Last + 1);
    }

    /// <summary>Each step was refused once, and no domain was left.</summary>
    public static void Refused(ToolRun run, ITestOutputHelper output)
    {
        string[] lines = run.Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        output.WriteLine(string.Join('\n', lines));
        Assert.InRange(lines.Length, 30, 100);
        Assert.Equal($"steps refused: {lines.Length - 1}", lines[^1]);
        Assert.All(lines[..^1], line => Assert.Matches("^cannot [^:]+: ENOMEM, not enough memory; domains: 1$", line));
    }

    /// <summary>There is no domain but the control domain.</summary>
    public static void NothingLeft(ToolRun list) => Assert.DoesNotMatch(@"(?m)^ +[1-9]\d* ", list.Succeeded());
}
