using System.Diagnostics;
using System.Globalization;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Build;
using BootProtocol.Images;
using BootProtocol.Kernels;

namespace BootProtocol.Benchmarks.Peers;

/// <summary>From a bzImage to a PVH domain that is ready to start, against libxenguest: how long it takes, and how much memory.</summary>
internal static class PvhComparison
{
    private const string Name = "6.12-amd64";
    private const int Mebibytes = 256;

    /// <summary>Compares.</summary>
    /// <param name="oracle">The program that drives libxenguest.</param>
    /// <param name="folder">For files of no lasting value.</param>
    /// <param name="rounds">Rounds of each, after one that is not counted.</param>
    public static void Run(string oracle, string folder, int rounds)
    {
        string path = Rounds.KernelPath(Name);
        string initrd = Path.Combine(folder, "initrd");
        var archive = new CpioArchive();
        archive.AddFile("init", File.ReadAllBytes("/bin/busybox"));
        File.WriteAllBytes(initrd, archive.ToArray());
        (double ours, double theirs) = Rounds.InTurns(rounds, () => Build(path, initrd), () => Oracle(oracle, path, initrd, 2, "total"));
        Rounds.Print($"bzImage to PVH domain {Name}", ours, "libxenguest total", theirs);

        double peak = double.Parse(Rounds.Shell($"{Environment.ProcessPath} pvh {path} {initrd}"), CultureInfo.InvariantCulture);
        double theirPeak = Oracle(oracle, path, initrd, 1, "peak");
        string text = $"{"peak memory of a process that does it",-40} {peak / 1024,8:f1} MiB  ";
        Console.WriteLine($"{text}{"libxenguest",-24} {theirPeak / 1024,8:f1} MiB  ratio {peak / theirPeak:f2}");
    }

    /// <summary>Builds one domain, and prints the most memory that this process had, in KiB.</summary>
    public static void BuildOnce(string path, string initrd)
    {
        Build(path, initrd);
        string line = File.ReadLines("/proc/self/status").First(static text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        Console.WriteLine(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
    }

    /// <summary>The milliseconds until the domain is ready; giving it up is not counted, as libxenguest's is not.</summary>
    private static double Build(string path, string initrd)
    {
        long start = Stopwatch.GetTimestamp();
        using var image = BootImage.Open(path);
        using Kernel kernel = image.Decompress();
        using PvhDomain domain = new PvhBuilder
        {
            Memory = Mebibytes << 20,
            CommandLine = "console=hvc0",
            Initrds = [File.ReadAllBytes(initrd)],
        }.Build(kernel);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>A number that the oracle prints for its last run, which is a warm one if there are two.</summary>
    private static double Oracle(string oracle, string path, string initrd, int runs, string word)
    {
        string[] words = Rounds.Shell($"{oracle} pvh {path} {initrd} console=hvc0 {Mebibytes} - {runs} 2>&1").Split([' ', '\n']);
        return double.Parse(words[Array.LastIndexOf(words, word) + 1], CultureInfo.InvariantCulture);
    }
}
