using BootProtocol.Boot.Tests.Cli;
using BootProtocol.Boot.Tests.LiveXen;
using BootProtocol.Sample;
using BootProtocol.Testing;
using Xunit.Sdk;

namespace BootProtocol.Boot.Tests.LiveKvm;

/// <summary>One boot of a Linux with KVM for all tests of <c>bootproto run --vmm</c>.</summary>
[CollectionDefinition(Name)]
public sealed class KvmHost : IAsyncLifetime, ICollectionFixture<KvmHost>
{
    public const string Name = "KVM in QEMU";

    private const string Quiet = "console=ttyS0 quiet panic=-1 mitigations=off cryptomgr.notests";

    /// <summary>An endless loop: jmp to itself.</summary>
    private static readonly byte[] _loop = [0xeb, 0xfe];

    /// <summary>A guest without end on a terminal, whose mode is shown before, during and after it; a signal ends it, or a key.</summary>
    private static ReadOnlySpan<byte> OnTerminal => """
        mode() { echo $1: $(stty -F $terminal -a | grep -oE '[-]?(icanon|isig|opost)'); }
        terminal=$(tty)
        mode before
        {
            tries=0
            until stty -F $terminal -a | grep -q -e -icanon || [ $tries = 400 ]; do
                sleep 0.2
                tries=$((tries + 1))
            done
            mode during
            : > /tmp/during
            [ -z "$1" ] || kill -$1 $(cat /tmp/pid)
        } &
        sh -c 'echo $$ > /tmp/pid; exec bootproto run --vmm loop --boot pvh --timeout 100'
        echo code: $?
        mode after
        : > /tmp/after

        """u8;

    /// <summary>
    /// A guest of 256 MiB that waits for a line: then the most memory that its VMM has had, and what of the guest's own is there, in KiB.
    /// </summary>
    private static ReadOnlySpan<byte> MeasuringMemory => """
        rm -f keys out
        mkfifo keys
        bootproto run --vmm $1 --memory 256M --initrd reporting --cmdline "$2" --timeout 200 < keys > out &
        pid=$!
        exec 3> keys
        while kill -0 $pid && ! grep -q '^date:' out; do sleep 0.5; done
        awk '/^VmHWM:/ { print $1, $2 }' /proc/$pid/status
        awk '$1 == "Size:" { guest = $2 == 640 || ($2 > 250000 && $2 < 270000) } $1 == "Rss:" && guest { sum += $2 }
            END { print "guest: " sum }' /proc/$pid/smaps
        echo line >&3
        wait $pid
        echo code: $?

        """u8;

    private ControlDomainRun? _run;
    private SkipException? _skipped;

    /// <summary>A file in an initial ramdisk.</summary>
    internal static byte[] Data { get; } = [.. Enumerable.Range(0, 30_000).Select(static i => (byte)(i * 7))];

    /// <summary>The second disk.</summary>
    internal static byte[] SecondDisk { get; } = [.. Enumerable.Range(0, 1 << 20).Select(static i => (byte)(i >> 9))];

    /// <summary>What the steps have left.</summary>
    internal Dictionary<string, byte[]> Files { get; private set; } = [];

    internal ToolRun this[string step] => _run is null ? throw _skipped! : _run[step];

    /// <summary>Boots; where what is booted could not be fetched, the tests are skipped, as they would be had they looked for it.</summary>
    public async ValueTask InitializeAsync()
    {
        try
        {
            (_run, Files) = await BootAsync();
            string file = Repository.File("artifacts", "results", "kvm.txt");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, _run.Transcript + _run.Machine.Output);
        }
        catch (SkipException missing)
        {
            _skipped = missing;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<(ControlDomainRun Run, Dictionary<string, byte[]> Files)> BootAsync()
    {
        NeedsAttribute.Check(Need.Qemu, "a machine with KVM");
        var host = new KvmMachineHost();
        host.AddProgram(NativeTool.Bootproto);
        AddSamples(host);
        AddEnds(host);
        AddKernels(host);
        AddDisks(host);
        AddConsole(host);
        AddRefusals(host);
        return await host.RunAsync();
    }

    private static void AddSamples(KvmMachineHost host)
    {
        host.AddFile("ramdisk", Data);
        foreach ((int bits, string way) in KvmSampleTests.Ways)
        {
            host.AddStep(
                $"sample-{bits}-{way}",
                $"bootproto run --vmm --sample --bits {bits} --boot {way} --initrd ramdisk --memory 64M --cmdline 'on kvm' --timeout 200");
        }
    }

    private static void AddEnds(KvmMachineHost host)
    {
        using var folder = new TemporaryFolder();
        (string Name, byte[] Code)[] guests =
        [
            ("off", GuestEndTests.Off), ("undefined", GuestEndTests.Undefined), ("bad-tables", GuestEndTests.BadTables), ("loop", _loop),
            .. GuestEndTests.Resets.Where(static row => row.Data.Item1 != "breakpoint").Select(static row => (row.Data.Item1, row.Data.Item2)),
        ];
        foreach ((string name, byte[] code) in guests)
            host.AddFile(name, File.ReadAllBytes(GuestEndTests.Write(folder.File(name), code)));
        foreach (string name in (string[])["off", "undefined", "bad-tables", "keyboard", "0xcf9"])
            host.AddStep(name, $"bootproto run --vmm {name} --boot pvh --timeout 200");
        host.AddFile("on-terminal", OnTerminal);
        host.AddStep("keys", $"({Until("during")}; printf 'abc\\003\\001x'; {Until("after")}) | script -qec 'sh on-terminal' /dev/null");

        // Without SIGQUIT, which the shell of that machine has every program ignore.
        foreach (string signal in (string[])["HUP", "INT", "TERM"])
            host.AddStep($"signal-{signal}", $"rm /tmp/during /tmp/after; ({Until("after")}) | script -qec 'sh on-terminal {signal}' /dev/null");
        host.AddStep("timeout", "bootproto run --vmm loop --boot pvh --vcpus 3 --timeout 2");
    }

    private static string Until(string file) => $"until [ -f /tmp/{file} ]; do sleep 0.2; done";

    private static void AddKernels(KvmMachineHost host)
    {
        host.AddFile("6.1", File.ReadAllBytes(Fetched.Find("kernels", "kvm-guest", "vmlinuz")));
        host.AddFile("6.12", File.ReadAllBytes(Fetched.Find("kernels", "kvm-host", "vmlinuz")));
        if (File.Exists(Repository.File("tests", ".cache", "kernels", "sid-cloud-amd64", "vmlinuz")))
        {
            host.AddFile("newest", File.ReadAllBytes(Fetched.Find("kernels", "sid-cloud-amd64", "vmlinuz")));
            host.AddStep("linux-newest", Linux("newest", 1));
        }

        host.AddFile("reporting", KvmGuestFiles.Reporting());
        host.AddFile("user-space", UserSpace.Archive(WordSize.Bits64, Data));
        host.AddFile("measure", MeasuringMemory);
        foreach (string kernel in (string[])["6.1", "6.12"])
            host.AddStep($"memory-{kernel}", $"sh measure {kernel} '{Quiet}'");
        foreach (int vcpus in (int[])[1, 2])
            host.AddStep($"linux-{vcpus}", Linux("6.1", vcpus));
        host.AddStep(
            "linux-6.12",
            $"bootproto run --vmm 6.12 --memory 4G --kaslr random --seed 5 --initrd user-space --cmdline '{Quiet}' --timeout 200");
    }

    private static string Linux(string kernel, int vcpus) =>
        $"echo typed by a script | bootproto run --vmm {kernel} --vcpus {vcpus} --memory 160M --initrd reporting --cmdline '{Quiet}' --timeout 200";

    private static void AddDisks(KvmMachineHost host)
    {
        host.AddFile("switching", KvmGuestFiles.Switching());
        host.AddFile("disk", KvmGuestFiles.Disk());
        host.AddFile("second", SecondDisk);
        host.AddStep(
            "disk",
            $"bootproto run 6.1 --disk disk --disk second,ro --memory 128M --initrd switching --cmdline '{Quiet}' --timeout 200; "
            + "cp disk second /results");
    }

    private static void AddConsole(KvmMachineHost host)
    {
        host.AddFile("talking", KvmGuestFiles.Talking());
        host.AddStep(
            "console",
            $"echo typed on the console | bootproto run 6.1 --console virtio --memory 128M --initrd talking --cmdline '{Quiet}' --timeout 200");
    }

    private static void AddRefusals(KvmMachineHost host)
    {
        host.AddStep("no-rights", "chmod 600 /dev/kvm; su nobody -c 'bootproto run --vmm --sample'");
        host.AddStep("no-disk", "bootproto run --sample --disk nothing");
        host.AddStep("xen-pv", "bootproto run --vmm --sample --boot xen-pv");
        host.AddStep("no-driver", "rm /dev/kvm; bootproto run --vmm --sample");
        host.AddStep("by-itself", "bootproto run --sample --timeout 200");
    }
}
