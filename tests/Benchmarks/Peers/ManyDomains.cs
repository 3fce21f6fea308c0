using System.Diagnostics;
using System.Globalization;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;

namespace BootProtocol.Benchmarks.Peers;

/// <summary>
/// Two hundred PV domains of one kernel in one process, one after another and eight at once, each decoded for itself and all of one decoded kernel:
/// whether the last ones cost what the first ones did.
/// </summary>
internal static class ManyDomains
{
    private const string Name = "6.12-amd64";
    private const ulong Mebibytes = 256;
    private const int Domains = 200;
    private const int AtOnce = 8;

    /// <summary>Domains at either end that are compared.</summary>
    private const int Some = 10;

    /// <summary>Measures.</summary>
    public static void Run()
    {
        using var image = BootImage.Open(Rounds.KernelPath(Name));

        // What is compiled and allocated once is not counted.
        using (Kernel kernel = image.Decompress())
            Build(kernel, 0);
        foreach (int atOnce in new[] { 1, AtOnce })
        {
            Measure("each decoded for itself", atOnce, number =>
            {
                using Kernel own = image.Decompress();
                Build(own, number);
            });
            long start = Stopwatch.GetTimestamp();
            using DecodedKernel once = DecodedKernel.Decode(image);
            double decoding = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            Measure("decoded once", atOnce, number =>
            {
                using Kernel same = once.Open();
                Build(same, number);
            });
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"  (and {decoding:f0} ms and {once.Length / 1048576.0:f0} MiB for the decoded kernel, once)"));
        }
    }

    private static void Measure(string how, int atOnce, Action<int> build)
    {
        double[] times = new double[Domains];
        long[] memory = new long[Domains];
        int next = -1;
        int finished = -1;
        long begin = Stopwatch.GetTimestamp();
        Thread[] threads = [.. Enumerable.Range(0, atOnce).Select(_ => new Thread(Work))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        double all = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        string text = $"{atOnce} at once, {how,-24} {all / Domains,7:f1} ms a domain; "
            + $"each takes {times[..Some].Average(),7:f1} ms (first {Some}), {times[^Some..].Average(),7:f1} ms (last {Some}); "
            + $"memory {memory[..Some].Max() / 1024,5} MiB, {memory[^Some..].Max() / 1024,5} MiB";
        Console.WriteLine(text);

        void Work()
        {
            for (int number = Interlocked.Increment(ref next); number < Domains; number = Interlocked.Increment(ref next))
            {
                double time = Rounds.Time(() => build(number));
                int place = Interlocked.Increment(ref finished);
                times[place] = time;
                memory[place] = Resident();
            }
        }
    }

    /// <summary>One domain, of which a byte is read, and which is given up.</summary>
    private static void Build(Kernel kernel, int number)
    {
        using XenPvDomain domain = new XenPvBuilder { MemorySize = Mebibytes << 20, CommandLine = $"console=hvc0 guest={number}" }.Build(kernel);
        if (domain.FrameCount != Mebibytes << 8)
            throw new InvalidOperationException("the domain has another size");
    }

    /// <summary>Memory of this process that is there, in KiB.</summary>
    private static long Resident()
    {
        string line = File.ReadLines("/proc/self/status").First(static text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
