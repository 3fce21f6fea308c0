using System.Text;
using BootProtocol.Boot.Tests.Cli;
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

    private ControlDomainRun? _run;

    /// <summary>A file in the initial ramdisk of the Linux domains.</summary>
    internal static byte[] Data { get; } = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000)));

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
        control.AddStep("start-6.1", $"{StartLinux("6.1")} --console --destroy-on-exit");
        control.AddStep("xenstored", "xenstored --pid-file /run/xen/xenstored.pid && xen-init-dom0");
        control.AddStep("list-named", "bootproto xen list");
        control.AddStep("free-before", FreeMemory);
        control.AddStep("talk", "XenDomains talk");
        control.AddStep("refuse", "XenDomains refuse");
        control.AddStep("side", "XenDomains side 3");
        control.AddStep("many", "XenDomains many 100");
        control.AddStep("free-after", FreeMemory);
        foreach (string kernel in (string[])["6.1", "6.12"])
            AddPaused(control, $"linux-{kernel}", StartLinux(kernel), "bootproto xen console $id --destroy-on-exit");
        AddPaused(control, "grub", $"bootproto xen start /files/grub --memory {GrubMemory}", WaitForBanner);
        control.AddStep("inspect-started", $"{Id("grub")}; bootproto xen inspect $id");
        control.AddStep("destroy-grub", $"{Id("grub")}; bootproto xen destroy $id");
        control.AddStep("start-wrong", "bootproto xen start /bin/busybox");
        control.AddStep("list-end", "bootproto xen list");
        _run = await control.RunAsync();
    }

    private static void AddGuests(ControlDomain control)
    {
        string kernels = Repository.File("tests", ".cache", "kernels");
        control.AddFile("6.1", File.ReadAllBytes(Path.Combine(kernels, "6.1-cloud-amd64", "vmlinuz")));
        control.AddFile("6.12", File.ReadAllBytes(Path.Combine(kernels, "6.12-amd64", "vmlinuz")));
        control.AddFile("grub", File.ReadAllBytes(Path.Combine(kernels, "grub-xen", "grub-x86_64-xen.bin")));
        control.AddFile("initrd", UserSpace.Archive(WordSize.Bits64, Data));
    }

    private static string StartLinux(string kernel) =>
        $"bootproto xen start /files/{kernel} --initrd /files/initrd --memory {LinuxMemory} --cmdline '{CommandLine(kernel)}'";

    /// <summary>Steps for a domain that is paused, looked at, and started by Xen's own tool.</summary>
    private static void AddPaused(ControlDomain control, string name, string start, string console)
    {
        control.AddStep($"pause-{name}", $"{start} --name {name} --paused > /tmp/{name}; code=$?; cat /tmp/{name}; exit $code");
        control.AddStep($"list-{name}", "bootproto xen list");
        control.AddStep($"inspect-{name}", $"{Id(name)}; bootproto xen inspect $id");
        control.AddStep($"console-{name}", $"{Id(name)}; xl unpause $id; {console}");
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
