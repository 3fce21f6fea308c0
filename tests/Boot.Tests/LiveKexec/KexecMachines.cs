using System.Text;
using BootProtocol.Boot.Tests.Cli;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;
using Xunit.Sdk;

namespace BootProtocol.Boot.Tests.LiveKexec;

/// <summary>
/// Two machines at once for all tests of <c>bootproto kexec</c>. One has SeaBIOS, 2 processors and memory above 4 GiB, and goes from Debian 6.12 to
/// 6.1, to the newest by the file, to 6.12 with a random offset, and to 6.1 by a panic. The other one has OVMF, 1 processor and page tables of
/// five levels, and goes from 6.12 to the newest with a random offset, and by systemd's shutdown to a unified kernel image of 6.12.
/// </summary>
[CollectionDefinition(Name)]
public sealed class KexecMachines : IAsyncLifetime, ICollectionFixture<KexecMachines>
{
    public const string Name = "kexec in QEMU";

    /// <summary>The command line of the unified kernel image.</summary>
    public const string UnifiedCommandLine = $"{KexecMachine.Quiet} stage=unified of=uki";

    /// <summary>systemd's last program, which restarts the machine.</summary>
    public const string SystemdShutdown = "/lib/systemd/systemd-shutdown";

    private KexecRun? _bios;
    private KexecRun? _efi;
    private SkipException? _skipped;

    internal KexecRun Bios => _bios ?? throw _skipped!;

    internal KexecRun Efi => _efi ?? throw _skipped!;

    /// <summary>Boots; where what is booted could not be fetched, the tests are skipped, as they would be had they looked for it.</summary>
    public async ValueTask InitializeAsync()
    {
        try
        {
            NeedsAttribute.Check(Need.Qemu, "machines with kexec");
            KexecRun[] runs = await Task.WhenAll(BiosAsync(), EfiAsync());
            (_bios, _efi) = (runs[0], runs[1]);
            string file = Repository.File("artifacts", "results", "kexec.txt");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, _bios.Machine.Output + _efi.Machine.Output);
        }
        catch (SkipException missing)
        {
            _skipped = missing;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string Kernel(string name) => Fetched.Find("kernels", name, "vmlinuz");

    private static Task<KexecRun> BiosAsync()
    {
        var machine = new KexecMachine();
        machine.AddFile("6.1", File.ReadAllBytes(Kernel("6.1-cloud-amd64")));
        machine.AddFile("6.12", File.ReadAllBytes(Kernel("6.12-amd64")));
        machine.AddFile("newest", File.ReadAllBytes(Kernel("sid-cloud-amd64")));
        KexecVerdict.AddTo(machine);
        const string Quiet = KexecMachine.Quiet;
        machine.AddStage("first", $"""
            step status bootproto kexec status
            step no-rights "su nobody -c 'bootproto kexec load 6.1'"
            step no-crash-region bootproto kexec load 6.1 --panic
            step nothing-loaded bootproto kexec exec
            {KexecVerdict.Script()}
            pack
            step dry bootproto kexec load 6.1 --initrd /tmp/initrd --dry-run
            step after-dry bootproto kexec status --json
            step load "bootproto kexec load 6.1 --initrd /tmp/initrd --reuse-cmdline --append 'stage=second new=yes'"
            step after-load bootproto kexec status --json
            bootproto kexec exec
            """);
        machine.AddStage("second", $"""
            pack
            step file "bootproto kexec load --file newest --initrd /tmp/initrd --cmdline '{Quiet}'"
            step after-file bootproto kexec status --json
            step unload bootproto kexec unload
            step after-unload bootproto kexec status --json
            step load "bootproto kexec load --file newest --initrd /tmp/initrd --cmdline '{Quiet} stage=third'"
            bootproto kexec exec
            """);
        machine.AddStage("third", $"""
            pack
            step load "bootproto kexec load 6.12 --kaslr random --seed 5 --initrd /tmp/initrd --cmdline '{Quiet} crashkernel=256M stage=fourth'"
            bootproto kexec exec
            """);
        machine.AddStage("fourth", """
            pack
            step load "bootproto kexec load 6.1 --panic --initrd /tmp/initrd --reuse-cmdline --append 'nr_cpus=1 stage=panic'"
            step after-load bootproto kexec status --json
            step memory "grep -e 'System RAM' -e 'Crash kernel' /proc/iomem"
            echo integrity > /sys/kernel/security/lockdown
            step locked bootproto kexec load 6.1
            step locked-file bootproto kexec load --file 6.1
            step locked-unload bootproto kexec unload
            step after-lock bootproto kexec status --json
            sleep 1
            echo c > /proc/sysrq-trigger
            """);
        machine.AddStage("panic", """
            step core "head -c 8192 /proc/vmcore | base64"
            step size "stat -c %s /proc/vmcore"
            """);
        return machine.RunAsync(Kernel("6.12-amd64"), "qemu64", 2, 5 << 10);
    }

    private static Task<KexecRun> EfiAsync()
    {
        var machine = new KexecMachine();
        machine.AddFile("newest", File.ReadAllBytes(Kernel("sid-cloud-amd64")));
        machine.AddFile("uki.efi", Unified());

        // The last program of a shutdown by systemctl kexec; it takes the place of the first program.
        string last = "bootproto kexec exec";
        if (File.Exists(SystemdShutdown))
        {
            machine.AddProgram(SystemdShutdown);
            last = $"exec env LD_LIBRARY_PATH=/lib/x86_64-linux-gnu {Path.GetFileName(SystemdShutdown)} kexec --log-target=console --timeout=5s";
        }

        machine.AddStage("first", $"""
            pack
            step load "bootproto kexec load newest --kaslr random --seed 5 --initrd /tmp/initrd --cmdline '{KexecMachine.Quiet} stage=second'"
            bootproto kexec exec
            """);
        machine.AddStage("second", $"""
            step load bootproto kexec load uki.efi
            {last}
            """);
        return machine.RunAsync(Kernel("6.12-amd64"), "max", 1, 1 << 10, "-bios", Fetched.Find("kernels", "ovmf", "OVMF.fd"));
    }

    /// <summary>A unified kernel image with a ramdisk of its own, which reports.</summary>
    private static byte[] Unified()
    {
        var own = new KexecMachine();
        own.AddStage("unified", "");
        return PeFile.Add(PeFile.Stub(),
        [
            (".osrel", "ID=test\n"u8.ToArray()),
            (".cmdline", Encoding.ASCII.GetBytes(UnifiedCommandLine)),
            (".initrd", own.ToArchive()),
            (".linux", File.ReadAllBytes(Kernel("6.12-amd64"))),
        ]);
    }
}
