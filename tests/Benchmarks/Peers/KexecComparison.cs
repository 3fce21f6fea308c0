using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
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

    /// <summary>Prints the processor's counter, which counts instructions.</summary>
    private const string Counter = """
        #include <stdio.h>
        int main(void)
        {
            printf("%llu\n", __builtin_ia32_rdtsc());
            return 0;
        }
        """;

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

    /// <summary>What the programs use of the C library and of Xen's.</summary>
    private static readonly string[] _libraries =
    [
        "libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "libxenctrl.so.4.17", "libxentoollog.so.1", "libxencall.so.1", "libxenevtchn.so.1",
        "libxengnttab.so.1", "libxenforeignmemory.so.1", "libxendevicemodel.so.1", "libxentoolcore.so.1",
    ];

    /// <summary>Compares.</summary>
    public static void Run()
    {
        string folder = Directory.CreateTempSubdirectory("bootprotocol-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "count.c"), Counter);
            Rounds.Shell($"gcc -static -O2 -o {folder}/count {folder}/count.c");
            string project = Repository.File("runtime", "BootProtocol.Cli");
            string options = $"-c Release --use-current-runtime -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false -o {folder}/native";
            Rounds.Shell($"cd {project} && dotnet publish {options} > {folder}/publish.log || (cat {folder}/publish.log >&2; false)");
            (double Load, double Down)[] results = [.. _ways.Select(way => Measure(folder, way.Script))];
            for (int i = 0; i < _ways.Length; i++)
            {
                string text = $"{_ways[i].Name,-16} load {results[i].Load / 1e9,5:f2} G instructions, restart to user space {results[i].Down / 1e9,5:f2} G";
                Console.WriteLine(i == 0 ? text : $"{text}  ratio of the restarts {results[0].Down / results[i].Down:f2}");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (double Load, double Down) Measure(string folder, string script)
    {
        string kernel = Repository.File("tests", ".cache", "kernels", Kernel, "vmlinuz");
        CpioArchive second = Archive(folder);
        CpioArchive first = Archive(folder);
        first.AddFile("load", Encoding.ASCII.GetBytes(script + "\n"));
        first.AddFile("kernel", File.ReadAllBytes(kernel));
        first.AddFile("initrd", second.ToArray());
        first.AddFile("bin/bootproto", File.ReadAllBytes(Path.Combine(folder, "native", "bootproto")));
        first.AddFile("bin/kexec", File.ReadAllBytes(Repository.File("tests", ".cache", "kernels", "kexec-tools", "kexec")));
        File.WriteAllBytes(Path.Combine(folder, "initramfs"), first.ToArray());
        string output = Start(
            "qemu-system-x86_64",
            "-accel", "tcg", "-icount", "shift=0,sleep=off", "-M", "q35", "-m", "1024", "-nographic", "-nic", "none", "-no-reboot",
            "-kernel", kernel, "-initrd", Path.Combine(folder, "initramfs"), "-append", CommandLine);
        double start = Count(output, "start"), loaded = Count(output, "loaded"), user = Count(output, "user");
        return (loaded - start, user - loaded);
    }

    private static CpioArchive Archive(string folder)
    {
        var archive = new CpioArchive();
        foreach (string name in (string[])["bin", "dev", "lib", "lib/x86_64-linux-gnu", "lib64", "proc", "sys"])
            archive.AddFolder(name);
        archive.AddFile("bin/busybox", File.ReadAllBytes("/bin/busybox"));
        archive.AddFile("bin/count", File.ReadAllBytes(Path.Combine(folder, "count")));
        archive.AddFile("init", Encoding.ASCII.GetBytes(Init.ReplaceLineEndings("\n")));
        foreach (string library in _libraries)
            archive.AddFile($"lib/x86_64-linux-gnu/{library}", File.ReadAllBytes(Repository.File("tests", ".cache", "xen-dom0", "lib", library)));
        archive.AddLink("lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");
        return archive;
    }

    private static double Count(string output, string name)
    {
        Match match = Regex.Match(output, $@"{name}: (\d+)"); // firmware may have left something on the line
        return match.Success
            ? double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"The machine did not come to '{name}':\n{output}");
    }

    private static string Start(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.ReplaceLineEndings("\n");
    }
}
