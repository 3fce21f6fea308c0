using System.Globalization;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Output;
using BootProtocol.Testing;

namespace BootProtocol.Benchmarks.Peers;

/// <summary>
/// From the start of <c>bootproto run --vmm</c> to the first line that a guest writes to its serial port, against <c>bootproto build</c> of the
/// same: what making a machine of KVM's costs, in instructions of the machine that has the KVM. The guests are the sample, which has a report to
/// make, and one whose first instructions write a line.
/// </summary>
internal static class KvmComparison
{
    private const int Turns = 5;

    /// <summary>mov dx, 0x3f8; mov al, 10; out dx, al; mov dx, 0x604; mov ax, 0x2000; out dx, ax; jmp to itself.</summary>
    private static readonly byte[] _line =
        [0x66, 0xba, 0xf8, 0x03, 0xb0, 0x0a, 0xee, 0x66, 0xba, 0x04, 0x06, 0x66, 0xb8, 0x00, 0x20, 0x66, 0xef, 0xeb, 0xfe];

    private static readonly (string Name, string Guest)[] _guests = [("line", "/guest"), ("sample", "--sample")];

    private static readonly string[] _modules = ["irqbypass", "kvm", "ccp", "kvm-amd"];

    private static string Init => $$"""
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        mount -t proc proc /proc
        mount -t sysfs sys /sys
        mount -t devtmpfs dev /dev
        for module in {{string.Join(' ', _modules)}}; do
            insmod /modules/$module.ko
        done
        for turn in $(seq {{Turns}}); do
            {{string.Concat(_guests.Select(Measurement))}}
        done
        poweroff -f
        """;

    private static string Measurement((string Name, string Guest) one) => $$"""
            echo "{{one.Name}}-start$turn: $(count)"
            bootproto build {{one.Guest}} --boot pvh --memory 64M > /dev/null
            echo "{{one.Name}}-built$turn: $(count)"
            bootproto run --vmm {{one.Guest}} --boot pvh --memory 64M | { read -r line; echo "{{one.Name}}-first$turn: $(count)"; cat > /dev/null; }

        """;

    /// <summary>Compares.</summary>
    public static void Run()
    {
        using var machine = new CountedMachine();
        CpioArchive archive = machine.Archive(Init);
        archive.AddFolder("modules");
        foreach (string module in _modules)
            archive.AddFile($"modules/{module}.ko", File.ReadAllBytes(Cached($"{module}.ko")));
        archive.AddFile("bin/bootproto", machine.Bootproto);
        using var guest = new MemoryStream();
        PvhElf.Write(guest, new Paddr(0x100000), [new PhysicalSegment(new Paddr(0x100000), _line)]);
        archive.AddFile("guest", guest.ToArray());
        string output = machine.Boot(
            Cached("vmlinuz"), archive, "console=ttyS0 quiet panic=-1 mitigations=off no_timer_check cryptomgr.notests", "qemu64,+svm,+npt");
        foreach ((string name, _) in _guests)
        {
            double build = CountedMachine.Middle(output, Turns, $"{name}-start", $"{name}-built");
            double first = CountedMachine.Middle(output, Turns, $"{name}-built", $"{name}-first");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{name}: build {build / 1e6:f0} M instructions, first line {first / 1e6:f0} M, ratio {first / build:f2}"));
        }
    }

    private static string Cached(string file) => Repository.File("tests", ".cache", "kernels", "kvm-host", file);
}
