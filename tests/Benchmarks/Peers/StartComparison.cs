using System.Globalization;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Benchmarks.Peers;

/// <summary>
/// From the start of a machine to its first program: a guest that <c>bootproto build</c> made, against QEMU's own start of the same image, whose
/// firmware, boot code and decompressor run in the machine. Instructions of the machine; those of the build are counted in one, too. And the time
/// that passes while the tool builds and QEMU starts it, until the guest is switched off, against QEMU's own.
/// </summary>
internal static class StartComparison
{
    private const string CommandLine = "console=ttyS0 quiet panic=-1 mitigations=off cryptomgr.notests";

    private const string Init = """
        #!/bin/busybox sh
        echo "user: $(/bin/count)"
        /bin/busybox poweroff -f
        """;

    /// <summary>A machine whose time is that of a clock.</summary>
    private const string Qemu = "qemu-system-x86_64 -accel tcg -M q35 -m 512 -nographic -nic none -no-reboot < /dev/null";

    private const int Turns = 5;

    private static readonly string[] _ways = ["linux64", "pvh"];

    private static readonly string[] _kernels = ["6.12-amd64", "6.1-cloud-amd64"];

    /// <summary>The machine in which the tool builds.</summary>
    private static string Builder => $$"""
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        mount -t proc proc /proc
        mount -t tmpfs tmp /tmp
        {{string.Concat(_ways.Select(static way => $$"""
            echo "{{way}}-start: $(count)"
            bootproto build /kernel --boot {{way}} --memory 512M --initrd /ramdisk -o /tmp/guest --cmdline '{{CommandLine}}' > /dev/null
            echo "{{way}}-built: $(count)"

            """))}}
        poweroff -f
        """;

    /// <summary>Compares.</summary>
    public static void Run()
    {
        using var machine = new CountedMachine();
        string initrd = machine.Write("ramdisk", machine.Archive(Init).ToArray());
        foreach (string name in _kernels)
        {
            string kernel = Repository.File("tests", ".cache", "kernels", name, "vmlinuz");
            string theirs = machine.Boot(["-m", "512", "-kernel", kernel, "-initrd", initrd, "-append", CommandLine]);
            double firmware = CountedMachine.Count(theirs, "user");
            CpioArchive builder = machine.Archive(Builder);
            builder.AddFile("bin/bootproto", machine.Bootproto);
            builder.AddFile("kernel", File.ReadAllBytes(kernel));
            builder.AddFile("ramdisk", File.ReadAllBytes(initrd));
            string built = machine.Boot(Repository.File("tests", ".cache", "kernels", "6.12-amd64", "vmlinuz"), builder, CommandLine, "qemu64");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: QEMU's own {firmware / 1e9:f2} G instructions"));
            foreach (string way in _ways)
            {
                string guest = machine.Write("guest", []);
                string make = $"{machine.Tool} build {kernel} --boot {way} --memory 512M --initrd {initrd} -o {guest} --cmdline '{CommandLine}' > /dev/null";
                Rounds.Shell(make);
                double start = CountedMachine.Count(machine.Boot(["-m", "512", "-kernel", guest]), "user");
                double build = CountedMachine.Count(built, $"{way}-built") - CountedMachine.Count(built, $"{way}-start");
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {way}: built {build / 1e9:f2} G, started {start / 1e9:f2} G, ratio {(build + start) / firmware:f2}, "
                    + $"without the build {start / firmware:f2}"));
                (double ours, double qemus) = Rounds.InTurns(
                    Turns,
                    () => Rounds.Time(() => Rounds.Shell($"{make} && {Qemu} -kernel {guest}")),
                    () => Rounds.Time(() => Rounds.Shell($"{Qemu} -kernel {kernel} -initrd {initrd} -append '{CommandLine}'")));
                Rounds.Print($"  {way}: built here and started, to its end", ours, "QEMU's own", qemus);
            }
        }
    }
}
