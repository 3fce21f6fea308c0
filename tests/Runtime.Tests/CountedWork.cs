using System.Reflection;
using BootProtocol.Testing;
using SharpFuzz.Common;

namespace BootProtocol.Runtime.Tests;

/// <summary>Work, measured in branches that the libraries take and bytes that they allocate: no clock, and the same count each time.</summary>
/// <remarks>
/// The branches are those of copies of the libraries, the decoders from packages and the tool among them, in a context of their own. What
/// .NET's own methods do is seen by what they allocate only. Tests that count belong to <see cref="MeasuringTests"/>, so that one counts at a time.
/// </remarks>
internal static class CountedWork
{
    /// <summary>How much more input the larger work has.</summary>
    public const int Factor = 16;

    // Work that grew with the square of the input would be sixteen times as much as it should be. Tables that double make it twice.
    private const long MostGrowth = 3;

    // Below these nothing grows enough to be seen.
    private const long LeastBranches = 1000;
    private const long LeastBytes = 100_000;

    private static readonly Lazy<Assembly> s_counted = new(Load);
    private static long s_branches;

    /// <summary>Calls a method where branches are counted: the same method of this assembly's copy there.</summary>
    /// <param name="method">A static method that calls <see cref="GrowsWithLength"/> or <see cref="Branches"/>.</param>
    /// <param name="arguments">Its arguments, of types that are not the libraries'.</param>
    public static void Call(Delegate method, params object[] arguments)
    {
        MethodInfo called = method.Method;
        s_counted.Value.GetType(called.DeclaringType!.FullName!, throwOnError: true)!
            .GetMethod(called.Name, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }

    /// <summary>Fails if <see cref="Factor"/> times the input takes more than three times as much work as it should.</summary>
    /// <param name="what">What it is, for the message.</param>
    /// <param name="small">The work for some input.</param>
    /// <param name="large">The work for <see cref="Factor"/> times that.</param>
    public static void GrowsWithLength(string what, Action small, Action large)
    {
        // What is done once, such as making tables, is not the input's.
        small();
        (long branches, long bytes) = Measure(small);
        (long moreBranches, long moreBytes) = Measure(large);
        Assert.True(branches > 0, $"{what}: no branch was counted");
        Check("branches", LeastBranches, branches, moreBranches);
        Check("allocated bytes", LeastBytes, bytes, moreBytes);

        void Check(string unit, long least, long first, long second)
        {
            if (second > Factor * MostGrowth * Math.Max(first, least))
                Assert.Fail($"{what}: {first} {unit}, then {second} for {Factor} times as much");
        }
    }

    /// <summary>The branches that work takes.</summary>
    /// <param name="what">What it is, for the message.</param>
    /// <param name="work">The work.</param>
    public static long Branches(string what, Action work)
    {
        (long branches, _) = Measure(work);
        Assert.True(branches > 0, $"{what}: no branch was counted");
        return branches;
    }

    private static (long Branches, long Bytes) Measure(Action work)
    {
        s_branches = 0;
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        work();
        return (s_branches, GC.GetAllocatedBytesForCurrentThread() - bytes);
    }

    private static Assembly Load()
    {
        Environment.SetEnvironmentVariable("SHARPFUZZ_ENABLE_ON_BRANCH_CALLBACK", "1");
        var context = new InstrumentedContext("BootProtocol", "BootProtocol.Specs", "bootproto", "K4os.Compression.LZ4", "ZstdSharp");
        Assembly copy = context.LoadFromAssemblyPath(typeof(CountedWork).Assembly.Location);
        Trace.OnBranch = copy.GetType(typeof(CountedWork).FullName!)!
            .GetMethod(nameof(Count), BindingFlags.Static | BindingFlags.NonPublic)!
            .CreateDelegate<Action<int, string>>();
        return copy;
    }

    private static void Count(int place, string method) => s_branches++;
}
