using System.Text;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Benchmarks.Peers;

/// <summary>
/// From Debian's 6.12 to itself by <c>bootproto kexec</c>, against <c>kexec -l</c> of kexec-tools with and without its checksums: instructions of the
/// machine while the kernel is loaded, and from the restart to the first program. QEMU counts them as time, which the processor's counter shows.
/// </summary>
internal static class KexecComparison
{
    private const string Kernel = "6.12-amd64";
    private const string CommandLine = "console=ttyS0 quiet panic=-1 mitigations=off cryptomgr.notests";

    /// <summary>The first program of both kernels; only the first one has a script to load the second by.</summary>
    private const string Init = """
        #!/bin/busybox sh
        count() {
            echo "$1: $(/bin/count)"
        }
        [ -e /load ] || count user
        [ -e /load ] || /bin/busybox poweroff -f
        /bin/busybox --install -s /bin
        mount -t proc proc /proc
        mount -t sysfs sys /sys
        mount -t devtmpfs dev /dev
        count start
        . /load
        count loaded
        $restart
        """;

    private static readonly (string Name, string Script)[] _ways =
    [
        ("bootproto kexec", $"bootproto kexec load /kernel --initrd /initrd --cmdline '{CommandLine}' > /dev/null 2>&1; restart='bootproto kexec exec'"),
        ("kexec -l", $"kexec -l /kernel --initrd=/initrd --command-line='{CommandLine}'; restart='kexec -e'"),
        ("kexec -l -i", $"kexec -l -i /kernel --initrd=/initrd --command-line='{CommandLine}'; restart='kexec -e'"),
    ];

    /// <summary>Compares.</summary>
    public static void Run()
    {
        using var machine = new CountedMachine();
        (double Load, double Down)[] results = [.. _ways.Select(way => Measure(machine, way.Script))];
        for (int i = 0; i < _ways.Length; i++)
        {
            string text = $"{_ways[i].Name,-16} load {results[i].Load / 1e9,5:f2} G instructions, restart to user space {results[i].Down / 1e9,5:f2} G";
            Console.WriteLine(i == 0 ? text : $"{text}  ratio of the restarts {results[0].Down / results[i].Down:f2}");
        }
    }

    private static (double Load, double Down) Measure(CountedMachine machine, string script)
    {
        string kernel = Repository.File("tests", ".cache", "kernels", Kernel, "vmlinuz");
        CpioArchive second = machine.Archive(Init);
        CpioArchive first = machine.Archive(Init);
        first.AddFile("load", Encoding.ASCII.GetBytes(script + "\n"));
        first.AddFile("kernel", File.ReadAllBytes(kernel));
        first.AddFile("initrd", second.ToArray());
        first.AddFile("bin/bootproto", machine.Bootproto);
        first.AddFile("bin/kexec", File.ReadAllBytes(Repository.File("tests", ".cache", "kernels", "kexec-tools", "kexec")));
        string output = machine.Boot(kernel, first, CommandLine, "qemu64");
        double start = CountedMachine.Count(output, "start"), loaded = CountedMachine.Count(output, "loaded"), user = CountedMachine.Count(output, "user");
        return (loaded - start, user - loaded);
    }
}
