using System.IO.Hashing;
using System.Text;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>PVH domains: built and left paused, compared with what Xen's own tool builds, and then started.</summary>
internal static class PvhSteps
{
    private const int VCpus = 2;

    private const string Brought = "smp: Brought up 1 node, 2 CPUs";

    /// <summary>The sample guest.</summary>
    private static PausedDomain Sample { get; } = XenHost.Sample with { Name = "pvh-sample" };

    /// <summary>More than lies below the devices of a PC: the rest is above 4 GiB.</summary>
    private const ulong Large = 4200UL << 20;

    private const ulong LowEnd = 0xfc000000;

    /// <summary>Debian's kernel, which takes emulated hardware virtualisation a while.</summary>
    private static PausedDomain Linux { get; } = XenHost.Linux("6.12") with { Name = "pvh-linux" };

    /// <summary>Adds the steps.</summary>
    public static void Add(ControlDomain control)
    {
        Add(control, Sample);
        Add(control, Linux);
        control.AddStep("pvh-refuse", "XenDomains refuse-pvh");
    }

    /// <summary>Adds the step of a domain with memory above 4 GiB.</summary>
    public static void AddLarge(ControlDomain control) => control.AddStep(
        "pvh-large", $"bootproto xen start --sample --boot pvh --memory {Large >> 20} --console --destroy-on-exit");

    /// <summary>A guest with memory above 4 GiB finds all of it.</summary>
    public static void CheckLarge(Func<string, ToolRun> steps, ITestOutputHelper output) => Assert.Equal(
        [
            $"0x0 0x{LowEnd:x} 1", "0xfeff8000 0x8000 2", "0xfc000000 0x1000 3", $"0x100000000 0x{Large - LowEnd:x} 1",
        ],
        Report(steps("pvh-large"), output).All("memory"));

    /// <summary>What the sample guest says as a PVH domain.</summary>
    public static GuestReport Report(ToolRun run, ITestOutputHelper output)
    {
        output.WriteLine(run.Output);
        var report = GuestReport.Parse(run.Succeeded());
        Assert.True(report.IsComplete);
        Assert.Equal("pvh", report["entry"]);
        Assert.Equal("off", report["paging"]);
        Assert.Equal("0", report["ring"]);
        return report;
    }

    private static void Add(ControlDomain control, PausedDomain domain)
    {
        control.AddFile($"{domain.Name}.cfg", Encoding.ASCII.GetBytes(Configuration(domain).ReplaceLineEndings("\n")));
        control.AddStep($"pause-{domain.Name}", $"""
            {domain.Start} --boot pvh --vcpus {VCpus} --name {domain.Name} --paused > /tmp/{domain.Name}
            code=$?
            cat /tmp/{domain.Name}
            exit $code
            """);
        control.AddStep($"compare-{domain.Name}", $"""
            set -- $(cat /tmp/{domain.Name}); id=$2
            xl create -p /files/{domain.Name}.cfg >&2 || exit
            XenDomains compare-pvh $id $(xl domid xl-{domain.Name})
            code=$?
            xl destroy xl-{domain.Name} >&2
            exit $code
            """);
        control.AddStep(
            $"console-{domain.Name}", $"set -- $(cat /tmp/{domain.Name}); id=$2; bootproto xen unpause $id; bootproto xen console $id --destroy-on-exit");
    }

    /// <summary>The sample guest is what Xen's own tool builds, ACPI's tables aside, and finds all of it.</summary>
    public static void CheckSample(Func<string, ToolRun> steps, ITestOutputHelper output)
    {
        Check(Sample, steps, output);
        GuestReport report = Report(steps($"console-{Sample.Name}"), output);
        Assert.Equal(Sample.CommandLine, report["command-line"]);
        Assert.Equal(0xfc000000ul, report.Number("rsdp"));
        Assert.Equal(
            [$"0x0 0x{Sample.Memory << 20:x} 1", "0xfeff8000 0x8000 2", "0xfc000000 0x1000 3"],
            report.All("memory"));
        Assert.Equal(Crc32.HashToUInt32(XenHost.Initrd), report.Number("initrd-crc32"));
    }

    /// <summary>So is Linux, which finds both of its processors by ACPI's tables, and comes to its user space.</summary>
    public static void CheckLinux(Func<string, ToolRun> steps, ITestOutputHelper output)
    {
        Check(Linux, steps, output);
        ToolRun run = steps($"console-{Linux.Name}");
        DomainChecks.Linux(run, Linux, output);
        Assert.Contains(Brought, run.Output, StringComparison.Ordinal);
        Assert.Contains("Booting kernel on Xen PVH", run.Output, StringComparison.Ordinal);
    }

    private static void Check(PausedDomain domain, Func<string, ToolRun> steps, ITestOutputHelper output)
    {
        Assert.Matches($@"^domain \d+ \({domain.Name}\): paused\n$", steps($"pause-{domain.Name}").Succeeded());
        string compared = steps($"compare-{domain.Name}").Succeeded();
        output.WriteLine(compared);
        string[] lines = compared.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches($"^pages: {domain.Memory << 8}, not zero: [1-9]", lines[0]);
        Assert.Equal("different pages: 0", lines[1]);
        Assert.Equal(
            [
                $"start of day: equal, memory map: equal (0x0-0x{domain.Memory << 20:x} Ram, 0xfeff8000-0xff000000 Reserved)",
                "state: equal, memory types: equal",
            ],
            lines[2..4]);
        Assert.Equal(7, lines[4..].Length);
        Assert.All(lines[4..], static line => Assert.Matches("^[A-Za-z]+: equal ", line));
    }

    private static string Configuration(PausedDomain domain) => $"""
        name = "xl-{domain.Name}"
        type = "pvh"
        kernel = "/files/{domain.Kernel}"
        ramdisk = "/files/{domain.Initrd}"
        extra = "{domain.CommandLine}"
        memory = {domain.Memory}
        vcpus = {VCpus}

        """;
}
