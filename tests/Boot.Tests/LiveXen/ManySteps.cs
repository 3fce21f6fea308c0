using System.Globalization;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>Twenty domains that are started one after another, and eight more at once: both tools list them, and nothing of them is left.</summary>
internal static class ManySteps
{
    private const int InTurns = 20;
    private const int AtOnce = 8;
    private const int Megabytes = 16;

    private const string Ours = "many-listed";
    private const string Theirs = "many-listed-xl";

    private static readonly string _kept = $"""
        {XenHost.FreeMemory}
        {CitizenSteps.Kept}
        """;

    /// <summary>Adds the steps.</summary>
    public static void Add(ControlDomain control)
    {
        control.AddStep("many-before", _kept);
        control.AddStep("many-start", $"""
            for number in $(seq 1 {InTurns}); do
                cut -d' ' -f1 /proc/uptime
                {Start}
                [ $? = 0 ] || exit
            done
            cut -d' ' -f1 /proc/uptime
            """);
        control.AddStep("many-at-once", $"""
            cut -d' ' -f1 /proc/uptime
            for number in $(seq {InTurns + 1} {InTurns + AtOnce}); do
                {Start} &
                started="$started $!"
            done
            code=0
            for process in $started; do
                wait $process || code=$?
            done
            cut -d' ' -f1 /proc/uptime
            exit $code
            """);
        control.AddStep(Ours, "bootproto xen list");
        control.AddStep(Theirs, "xl list");
        control.AddStep("many-end", $"""
            for number in $(seq 1 {InTurns + AtOnce}); do
                bootproto xen destroy $(xl domid many-$number) || exit
            done
            """);
        control.AddStep("many-after", _kept);
    }

    /// <summary>Checks what they came to.</summary>
    public static void Check(Func<string, ToolRun> steps, ITestOutputHelper output)
    {
        double[] times = Times(steps("many-start"));
        double[] each = [.. times.Zip(times[1..], static (from, to) => to - from)];
        double[] both = Times(steps("many-at-once"));
        output.WriteLine($"one after another: {string.Join(' ', each.Select(static time => time.ToString("f2", null)))} s");
        output.WriteLine($"{AtOnce} at once: {both[^1] - both[0]:f2} s");
        Assert.Equal(InTurns, each.Length);
        string[] ours = ThreeDomains.Ours(steps(Ours));
        Assert.Equal(ThreeDomains.Theirs(steps(Theirs)), ours);
        Assert.Equal(
            [.. Enumerable.Range(1, InTurns + AtOnce).Select(static number => $"many-{number}").Order(StringComparer.Ordinal)],
            ours.Select(static row => row.Split(' ')[1]).Where(static name => name != "Domain-0").Order(StringComparer.Ordinal));
        steps("many-end").Succeeded();
        Assert.Equal(steps("many-before").Succeeded(), steps("many-after").Succeeded());
    }

    private static double[] Times(ToolRun run) =>
        [.. run.Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static text => double.Parse(text, CultureInfo.InvariantCulture))];

    /// <summary>The shell's number names it.</summary>
    private static string Start => $"bootproto xen start --sample --memory {Megabytes} --paused --name many-$number > /dev/null";
}
