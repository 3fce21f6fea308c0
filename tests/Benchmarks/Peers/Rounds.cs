using System.Diagnostics;
using BootProtocol.Testing;

namespace BootProtocol.Benchmarks.Peers;

/// <summary>Measures two ways to the same end in turns, and says how they compare.</summary>
internal static class Rounds
{
    /// <summary>The medians of what two functions return, called in turns; the first call of each is not counted.</summary>
    public static (double Ours, double Theirs) InTurns(int rounds, Func<double> ours, Func<double> theirs)
    {
        ours();
        theirs();
        var times = Enumerable.Range(0, rounds).Select(_ => (Ours: ours(), Theirs: theirs())).ToList();
        return (Median(times.Select(pair => pair.Ours)), Median(times.Select(pair => pair.Theirs)));
    }

    /// <summary>How long an action takes, in milliseconds.</summary>
    public static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>Prints one comparison of milliseconds.</summary>
    public static void Print(string what, double ours, string peer, double theirs)
        => Console.WriteLine($"{what,-40} {ours,8:f1} ms   {peer,-24} {theirs,8:f1} ms   ratio {ours / theirs:f2}");

    /// <summary>What a command prints.</summary>
    public static string Shell(string command)
    {
        using Process process = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{command} ended with {process.ExitCode}");
    }

    /// <summary>The bzImage that tests/kernels.sh fetched.</summary>
    public static string KernelPath(string name)
    {
        string path = Repository.File("tests", ".cache", "kernels", name, "vmlinuz");
        return File.Exists(path) ? path : throw new FileNotFoundException("tests/kernels.sh fetches the kernels.", path);
    }

    /// <summary>The value in the middle, of an even number the higher one.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
