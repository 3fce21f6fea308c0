using System.Runtime;
using System.Runtime.InteropServices;

namespace BootProtocol.Runtime.Tests;

/// <summary>What work takes of the processor on the thread that does it, which what else the machine does hardly changes.</summary>
internal static class ThreadTime
{
    /// <summary>How much more input the larger work has.</summary>
    public const int Factor = 16;

    private const int ThreadClock = 3; // CLOCK_THREAD_CPUTIME_ID
    private const double MostGrowth = 6;
    private const int MostRuns = 8;

    /// <summary>Bytes that most of the work allocates at most.</summary>
    private const long Allocation = 64 << 20;

    /// <summary>Milliseconds below which nothing grows enough to tell.</summary>
    private const double LeastMeasured = 0.3;

    /// <summary>
    /// Fails if <see cref="Factor"/> times the input takes more than six times as much work as it should: if work grew with the square of
    /// the input, it would be sixteen times as much.
    /// </summary>
    /// <param name="what">What it is, for the message.</param>
    /// <param name="small">The work for some input, enough of it to be measured.</param>
    /// <param name="large">The work for <see cref="Factor"/> times that.</param>
    public static void GrowsWithLength(string what, Action small, Action large)
    {
        // A busy machine makes work seem longer, never shorter; so the least of a few runs counts, and the first good answer is true.
        small();
        double first = double.MaxValue;
        double second = double.MaxValue;
        for (int i = 0; i < MostRuns; i++)
        {
            first = Math.Min(first, Measure(small));
            second = Math.Min(second, Measure(large));
            if (second < Factor * MostGrowth * Math.Max(first, LeastMeasured))
                return;
        }
        Assert.Fail($"{what}: {first:f1} ms of processor time, then {second:f1} for {Factor} times as much");
    }

    private static double Measure(Action work)
    {
        // A collection costs what lives then, not what the work is. This collects now, and not again before so much is allocated.
        GC.TryStartNoGCRegion(Allocation);
        try
        {
            double start = Now();
            work();
            return Now() - start;
        }
        finally
        {
            if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
                GC.EndNoGCRegion();
        }
    }

    private static double Now()
    {
        Assert.Equal(0, GetTime(ThreadClock, out Time time));
        return time.Seconds * 1e3 + time.Nanoseconds / 1e6;
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
