using System.Text;
using BootProtocol.Boot.Tests.Cli;
using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>One boot of Xen for all tests of the tool in its control domain.</summary>
[CollectionDefinition(Name)]
public sealed class XenHost : IAsyncLifetime, ICollectionFixture<XenHost>
{
    public const string Name = "Debian's Xen";

    /// <summary>Xen's own tool says it; what is freed is scrubbed before it counts.</summary>
    private const string FreeMemory = "sleep 2; xl info | grep -E '^(free_memory|outstanding_claims)'; xl list | tail -n +2";

    /// <summary>Memory of the Linux domains, in MiB.</summary>
    internal const int LinuxMemory = 200;

    /// <summary>Memory of GRUB's domain, in MiB.</summary>
    internal const int GrubMemory = 64;

    /// <summary>Memory of the sample guest's domain, in MiB.</summary>
    internal const int SampleMemory = 48;

    internal const string SampleCommandLine = "as a real  guest";

    private const string ShowConsole = "bootproto xen console $id --destroy-on-exit";

    private ControlDomainRun? _run;

    /// <summary>A file in the initial ramdisk of the Linux domains.</summary>
    internal static byte[] Data { get; } = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000)));

    internal static byte[] Initrd { get; } = UserSpace.Archive(WordSize.Bits64, Data);

    internal ToolRun this[string step] => _run![step];

    /// <summary>The command line of a Linux domain.</summary>
    internal static string CommandLine(string kernel) => $"console=hvc0 panic=-1 kernel={kernel}";

    public async ValueTask InitializeAsync()
    {
        var control = new ControlDomain();
        control.AddProgram(NativeTool.Bootproto);
        control.AddProgram(NativeTool.XenDomains);
        control.AddStep("list", "bootproto xen list");
        control.AddStep("list-json", "bootproto xen list --json");
        control.AddStep("destroy-missing", "bootproto xen destroy 7");
        control.AddStep("console-missing", "bootproto xen console 7");
        AddGuests(control);
        control.AddStep("start-6.1", $"{Start("6.1", CommandLine("6.1"), LinuxMemory, withInitrd: true)} --console --destroy-on-exit");
        control.AddStep("xenstored", """
            xenstored --pid-file /run/xen/xenstored.pid && xen-init-dom0 && xenconsoled --pid-file=/run/xen/xenconsoled.pid
            """);
        control.AddStep("list-named", "bootproto xen list");
        control.AddStep("free-before", FreeMemory);
        control.AddStep("talk", "XenDomains talk");
        control.AddStep("refuse", "XenDomains refuse");
        control.AddStep("side", "XenDomains side 3");
        control.AddStep("many", "XenDomains many 100");
        control.AddStep("free-after", FreeMemory);
        foreach (string kernel in (string[])["6.1", "6.12"])
            AddPaused(control, $"linux-{kernel}", kernel, CommandLine(kernel), LinuxMemory, withInitrd: true, ShowConsole);
        AddPaused(control, "grub", "grub", "", GrubMemory, withInitrd: false, WaitForBanner);
        AddPaused(control, "sample", "sample", SampleCommandLine, SampleMemory, withInitrd: true, ShowConsole);
        control.AddStep(
            "combined",
            $"bootproto xen start --with-boot-params --memory {SampleMemory} --cmdline '{SampleCommandLine}' --console --destroy-on-exit");
        control.AddStep("inspect-started", $"{Id("grub")}; bootproto xen inspect $id");
        control.AddStep("destroy-grub", $"{Id("grub")}; bootproto xen destroy $id");
        control.AddStep("start-wrong", "bootproto xen start /bin/busybox");
        control.AddStep("list-end", "bootproto xen list");
        _run = await control.RunAsync();
        string transcript = Repository.File("artifacts", "results", "xen.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(transcript)!);
        await File.WriteAllTextAsync(transcript, _run.Transcript);
    }

    private static void AddGuests(ControlDomain control)
    {
        string kernels = Repository.File("tests", ".cache", "kernels");
        control.AddFile("6.1", File.ReadAllBytes(Path.Combine(kernels, "6.1-cloud-amd64", "vmlinuz")));
        control.AddFile("6.12", File.ReadAllBytes(Path.Combine(kernels, "6.12-amd64", "vmlinuz")));
        control.AddFile("grub", File.ReadAllBytes(Path.Combine(kernels, "grub-xen", "grub-x86_64-xen.bin")));
        control.AddFile("sample", SampleGuest.Create(WordSize.Bits64));
        control.AddFile("initrd", Initrd);
    }

    private static string Start(string kernel, string commandLine, int memory, bool withInitrd) =>
        $"bootproto xen start /files/{kernel} --memory {memory} --cmdline '{commandLine}'{(withInitrd ? " --initrd /files/initrd" : "")}";

    /// <summary>Steps for a domain that is paused, looked at, compared with what Xen's own tool makes of the same, and started.</summary>
    private static void AddPaused(
        ControlDomain control, string name, string kernel, string commandLine, int memory, bool withInitrd, string console)
    {
        string start = Start(kernel, commandLine, memory, withInitrd);
        control.AddStep($"pause-{name}", $"{start} --name {name} --paused > /tmp/{name}; code=$?; cat /tmp/{name}; exit $code");
        control.AddStep($"list-{name}", "bootproto xen list");
        control.AddStep($"inspect-{name}", $"{Id(name)}; bootproto xen inspect $id");
        control.AddFile($"{name}.cfg", Encoding.ASCII.GetBytes($"""
            name = "xl-{name}"
            type = "pv"
            kernel = "/files/{kernel}"
            {(withInitrd ? "ramdisk = \"/files/initrd\"" : "")}
            extra = "{commandLine}"
            memory = {memory}
            vcpus = 1

            """.ReplaceLineEndings("\n")));
        control.AddStep($"compare-{name}", $"""
            {Id(name)}
            xl create -p /files/{name}.cfg >&2
            XenDomains compare $id $(xl domid xl-{name})
            code=$?
            xl destroy xl-{name} >&2
            exit $code
            """);
        control.AddStep($"console-{name}", $"{Id(name)}; bootproto xen unpause $id; {console}");
    }

    private static string Id(string name) => $"set -- $(cat /tmp/{name}); id=$2";

    /// <summary>GRUB waits for a person behind its banner.</summary>
    private const string WaitForBanner = """
        bootproto xen console $id > /tmp/banner &
        seconds=0
        until grep -q 'Welcome to GRUB!' /tmp/banner || [ $seconds = 30 ]; do
            sleep 1
            seconds=$((seconds + 1))
        done
        kill $!
        cat /tmp/banner
        """;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
