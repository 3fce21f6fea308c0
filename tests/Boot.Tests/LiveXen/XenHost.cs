using System.Text;
using BootProtocol.Boot.Tests.Cli;
using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>One boot of Debian's Xen for all tests of the tool in its control domain.</summary>
[CollectionDefinition(Name)]
[Needs(Need.Xen)]
public sealed class XenHost : XenFixture, ICollectionFixture<XenHost>
{
    public const string Name = "Debian's Xen";

    /// <summary>What nobody typed as it stands here: GRUB has carried the commands out.</summary>
    internal const string GrubAnswer = "typed and understood";

    /// <summary>Memory of the Linux domains, in MiB.</summary>
    private const int LinuxMemory = 200;

    /// <summary>Xen's own tool says it, once it is the same twice: what is freed is scrubbed before it counts, by processors that have time for it.</summary>
    internal const string FreeMemory = """
        free() { xl info | grep -E '^(free_memory|outstanding_claims)'; }
        now=$(free)
        before=
        until [ "$now" = "$before" ]; do
            sleep 2
            before=$now
            now=$(free)
        done
        echo "$now"
        """;

    private const string FreeMemoryAndDomains = $"""
        {FreeMemory}
        xl list | tail -n +2
        """;

    /// <summary>Input that cannot be read does not end a session; a terminal that is closed does.</summary>
    private const string HangUp = """
        bootproto xen start --sample --paused --console --destroy-on-exit --name hung-up < / > /tmp/seen &
        seconds=0
        until grep -q paused /tmp/seen || [ $seconds = 200 ]; do
            sleep 1
            seconds=$((seconds + 1))
        done
        sleep 1
        xl domid hung-up && kill -HUP $! && wait $! && ! xl domid hung-up
        """;

    /// <summary>A file in the initial ramdisk.</summary>
    internal static byte[] Data { get; } = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000)));

    internal static byte[] Initrd { get; } = UserSpace.Archive(WordSize.Bits64, Data);

    internal static PausedDomain Grub { get; } = new("grub", "grub", 64);

    internal static ConsoleDialogue GrubDialogue { get; } = new("grub>", """set a=under\necho typed and ${a}stood\n""", GrubAnswer);

    internal static PausedDomain Sample { get; } = new("sample", "sample", 48, "as a real  guest", "initrd");

    /// <summary>A domain of one of Debian's kernels.</summary>
    internal static PausedDomain Linux(string kernel) =>
        new($"linux-{kernel}", kernel, LinuxMemory, $"console=hvc0 panic=-1 mitigations=off cryptomgr.notests kernel={kernel}", "initrd");

    /// <summary>Adds what all hosts start with: the tools, and the initial ramdisk.</summary>
    internal static ControlDomain Prepare(string? xen = null, string? tools = null, int memory = 3072)
    {
        var control = new ControlDomain(tools) { Xen = xen, Memory = memory };
        control.AddProgram(NativeTool.Bootproto);
        control.AddProgram(NativeTool.XenDomains);
        control.AddFile("initrd", Initrd);
        return control;
    }

    /// <summary>Adds the step in which the services of an ordinary control domain are started.</summary>
    internal static void AddServices(ControlDomain control) => control.AddStep(
        "xenstored",
        "xenstored --pid-file /run/xen/xenstored.pid && xen-init-dom0 "
        + "&& xenconsoled --pid-file=/run/xen/xenconsoled.pid --log=guest --log-dir=/var/log/xen/console");

    /// <summary>Boots, and writes down what a person would have seen.</summary>
    internal static async Task<ControlDomainRun> RunAsync(ControlDomain control, string transcript)
    {
        ControlDomainRun run = await control.RunAsync();
        string file = Repository.File("artifacts", "results", transcript);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        string written = $"{file}.{Environment.ProcessId}";
        await File.WriteAllTextAsync(written, run.Transcript);
        File.Move(written, file, overwrite: true);
        return run;
    }

    private protected override async Task<ControlDomainRun> BootAsync()
    {
        ControlDomain control = Prepare();
        control.AddFile("6.1", File.ReadAllBytes(Fetched.Find("kernels", "6.1-cloud-amd64", "vmlinuz")));
        control.AddFile("6.12", File.ReadAllBytes(Fetched.Find("kernels", "6.12-amd64", "vmlinuz")));
        control.AddFile("grub", File.ReadAllBytes(Fetched.Find("kernels", "grub-xen", "grub-x86_64-xen.bin")));
        control.AddFile("sample", SampleGuest.Create(WordSize.Bits64));
        control.AddStep("list", "bootproto xen list");
        control.AddStep("list-json", "bootproto xen list --json");
        control.AddStep("destroy-missing", "bootproto xen destroy 7");
        control.AddStep("console-missing", "bootproto xen console 7");
        control.AddStep("start-6.1", $"{Linux("6.1").Start} --console --destroy-on-exit");
        AddServices(control);
        control.AddStep("list-named", "bootproto xen list");
        control.AddStep("free-before", FreeMemoryAndDomains);
        control.AddStep("talk", "XenDomains talk");
        control.AddStep("refuse", "XenDomains refuse");
        control.AddStep("unsafe", "XenDomains unsafe");
        control.AddStep("side", "XenDomains side 3");
        control.AddStep("many", "XenDomains many 100");
        control.AddStep("free-after", FreeMemoryAndDomains);
        Linux("6.1").AddSteps(control);
        Linux("6.12").AddSteps(control);
        Grub.AddSteps(control, GrubDialogue);
        Sample.AddSteps(control);
        control.AddStep(
            "combined",
            $"bootproto xen start --sample --with-boot-params --memory {Sample.Memory} --cmdline '{Sample.CommandLine}' --console --destroy-on-exit");
        ThreeDomains.AddSteps(control);
        RestoredDomain.AddSample(control, "restored", WordSize.Bits64, version: 3);
        RestoredDomain.AddSample(control, "restored-2", WordSize.Bits64, version: 2);
        RestoredDomain.AddLinux(control, Linux("6.12"), "restored-linux");
        PvhSteps.Add(control);
        CitizenSteps.Add(control);
        CitizenSteps.AddNewest(control);
        control.AddStep("hang-up", HangUp);
        control.AddStep("start-twice", "bootproto xen start --sample --name Domain-0");
        control.AddStep("start-wrong", "bootproto xen start /bin/busybox");
        control.AddStep("start-huge", "bootproto xen start --sample --memory 64G");
        control.AddStep("start-narrow", "bootproto xen start --sample --bits 32");
        control.AddStep("list-end", "bootproto xen list");
        return await RunAsync(control, "xen.txt");
    }
}
