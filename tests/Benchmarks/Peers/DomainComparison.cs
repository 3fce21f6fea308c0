using System.Diagnostics;
using System.Globalization;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;

namespace BootProtocol.Benchmarks.Peers;

/// <summary>From a bzImage to a domain that is ready to start, against libxenguest: how long it takes, and how much memory.</summary>
internal static class DomainComparison
{
    private const ulong Mebibytes = 256;
    private const string CommandLine = "console=hvc0";

    private static readonly (string Way, string Kernel)[] _domains = [("pvh", "6.12-amd64"), ("pv", "6.12-amd64"), ("pv", "6.1-cloud-amd64")];

    /// <summary>Compares.</summary>
    /// <param name="oracle">The program that drives libxenguest.</param>
    /// <param name="folder">For files of no lasting value.</param>
    /// <param name="rounds">Rounds of each, after one that is not counted.</param>
    public static void Run(string oracle, string folder, int rounds)
    {
        string initrd = Path.Combine(folder, "initrd");
        var archive = new CpioArchive();
        archive.AddFile("init", File.ReadAllBytes("/bin/busybox"));
        File.WriteAllBytes(initrd, archive.ToArray());
        foreach ((string way, string kernel) in _domains)
        {
            string path = Rounds.KernelPath(kernel);
            (double ours, double theirs) = Rounds.InTurns(
                rounds, () => Build(way, path, initrd), () => Oracle(oracle, way, path, initrd, 2, "total"));
            Rounds.Print($"bzImage to {way} domain, {kernel}", ours, "libxenguest total", theirs);

            string own = Rounds.Shell($"{Environment.ProcessPath} domain {way} {path} {initrd}");
            double peak = double.Parse(own, CultureInfo.InvariantCulture);
            double theirPeak = Oracle(oracle, way, path, initrd, 1, "peak");
            string text = $"{"peak memory of a process that does it",-40} {peak / 1024,8:f1} MiB  {"libxenguest",-24} {theirPeak / 1024,8:f1} MiB";
            Console.WriteLine($"{text}  ratio {peak / theirPeak:f2}");
        }
    }

    /// <summary>Builds one domain, and prints the most memory that this process had, in KiB.</summary>
    public static void BuildOnce(string way, string path, string initrd)
    {
        Build(way, path, initrd);
        string line = File.ReadLines("/proc/self/status").First(static text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        Console.WriteLine(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
    }

    /// <summary>The milliseconds until the domain is ready; giving it up is not counted, as libxenguest's is not.</summary>
    private static double Build(string way, string path, string initrd)
    {
        long start = Stopwatch.GetTimestamp();
        using var image = BootImage.Open(path);
        using Kernel kernel = image.Decompress();
        ReadOnlyMemory<byte> bytes = File.ReadAllBytes(initrd);
        using Domain domain = way == "pvh"
            ? new PvhBuilder { MemorySize = Mebibytes << 20, CommandLine = CommandLine, Initrds = [bytes] }.Build(kernel)
            : new XenPvBuilder { MemorySize = Mebibytes << 20, CommandLine = CommandLine, Initrds = [bytes] }.Build(kernel);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>A number that the oracle prints for its last run, which is a warm one if there are two.</summary>
    private static double Oracle(string oracle, string way, string path, string initrd, int runs, string word)
    {
        string[] words = Rounds.Shell($"{oracle} {way} {path} {initrd} {CommandLine} {Mebibytes} - {runs} 2>&1").Split([' ', '\n']);
        return double.Parse(words[Array.LastIndexOf(words, word) + 1], CultureInfo.InvariantCulture);
    }
}
