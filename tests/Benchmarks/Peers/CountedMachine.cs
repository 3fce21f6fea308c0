using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Benchmarks.Peers;

/// <summary>
/// A Linux in QEMU whose processor's counter counts instructions, with busybox, this tool as a native program, and <c>count</c>, which prints
/// the counter.
/// </summary>
internal sealed class CountedMachine : IDisposable
{
    /// <summary>Prints the processor's counter, which counts instructions.</summary>
    private const string Counter = """
        #include <stdio.h>
        int main(void)
        {
            printf("%llu\n", __builtin_ia32_rdtsc());
            return 0;
        }
        """;

    /// <summary>What the programs use of the C library and of Xen's.</summary>
    private static readonly string[] _libraries =
    [
        "libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "libxenctrl.so.4.17", "libxentoollog.so.1", "libxencall.so.1", "libxenevtchn.so.1",
        "libxengnttab.so.1", "libxenforeignmemory.so.1", "libxendevicemodel.so.1", "libxentoolcore.so.1",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("bootprotocol-").FullName;

    /// <summary>Makes the programs.</summary>
    public CountedMachine()
    {
        File.WriteAllText(Path.Combine(_folder, "count.c"), Counter);
        Rounds.Shell($"gcc -static -O2 -o {_folder}/count {_folder}/count.c");
        string project = Repository.File("runtime", "BootProtocol.Cli");
        string options = $"-c Release --use-current-runtime -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false -o {_folder}/native";
        Rounds.Shell($"cd {project} && dotnet publish {options} > {_folder}/publish.log || (cat {_folder}/publish.log >&2; false)");
    }

    /// <summary>The tool.</summary>
    public byte[] Bootproto => File.ReadAllBytes(Tool);

    /// <summary>The tool's path on this machine.</summary>
    public string Tool => Path.Combine(_folder, "native", "bootproto");

    /// <summary>What a machine printed behind a name with <c>count</c>.</summary>
    public static double Count(string output, string name)
    {
        Match match = Regex.Match(output, $@"{name}: (\d+)"); // firmware may have left something on the line
        return match.Success
            ? double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"The machine did not come to '{name}':\n{output}");
    }

    /// <summary>The median of what machines counted between two places, each of which they printed with the number of the turn behind its name.</summary>
    public static double Middle(string output, int turns, string from, string to) =>
        Rounds.Median(Enumerable.Range(1, turns).Select(turn => Count(output, $"{to}{turn}") - Count(output, $"{from}{turn}")));

    /// <summary>An initial ramdisk.</summary>
    /// <param name="init">Its first program, a script.</param>
    public CpioArchive Archive(string init)
    {
        var archive = new CpioArchive();
        foreach (string name in (string[])["bin", "dev", "lib", "lib/x86_64-linux-gnu", "lib64", "proc", "sys", "tmp"])
            archive.AddFolder(name);
        archive.AddFile("bin/busybox", File.ReadAllBytes("/bin/busybox"));
        archive.AddFile("bin/count", File.ReadAllBytes(Path.Combine(_folder, "count")));
        archive.AddFile("init", Encoding.ASCII.GetBytes(init.ReplaceLineEndings("\n")));
        foreach (string library in _libraries)
            archive.AddFile($"lib/x86_64-linux-gnu/{library}", File.ReadAllBytes(Repository.File("tests", ".cache", "xen-dom0", "lib", library)));
        archive.AddLink("lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");
        return archive;
    }

    /// <summary>Writes a file of a folder that is removed at the end.</summary>
    /// <returns>Its path.</returns>
    public string Write(string name, ReadOnlySpan<byte> contents)
    {
        string file = Path.Combine(_folder, name);
        File.WriteAllBytes(file, contents);
        return file;
    }

    /// <summary>Boots a kernel with an initial ramdisk, until it switches itself off.</summary>
    /// <returns>What it printed.</returns>
    public string Boot(string kernel, CpioArchive initramfs, string commandLine, string processor) => Boot(
        ["-cpu", processor, "-m", "1024", "-kernel", kernel, "-initrd", Write("initramfs", initramfs.ToArray()), "-append", commandLine]);

    /// <summary>Boots what QEMU's arguments say, until it switches itself off.</summary>
    /// <returns>What it printed.</returns>
    public string Boot(IEnumerable<string> more)
    {
        string[] arguments =
            ["-accel", "tcg", "-icount", "shift=0,sleep=off", "-M", "q35", "-nographic", "-nic", "none", "-no-reboot", .. more];
        using Process process = Process.Start(
            new ProcessStartInfo("qemu-system-x86_64", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.ReplaceLineEndings("\n");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
