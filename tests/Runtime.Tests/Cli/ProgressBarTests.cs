using BootProtocol.Cli;

namespace BootProtocol.Runtime.Tests.Cli;

public sealed class ProgressBarTests
{
    [Fact]
    public void Nothing_is_drawn_for_half_a_second_and_nothing_stays()
    {
        var clock = new Clock();
        string drawn = Draw(hasProgress: true, clock, bar =>
        {
            bar.Total = 100 << 20;
            bar.Report(10 << 20);
            clock.Advance(0.6);
            bar.Report(50 << 20);
            bar.Report(60 << 20);
            clock.Advance(0.2);
            bar.Report(40 << 20);
        });
        Assert.DoesNotContain("10 %", drawn, StringComparison.Ordinal);
        Assert.Contains("] 50 %", drawn, StringComparison.Ordinal);
        Assert.Contains("] 60 %", drawn, StringComparison.Ordinal);
        Assert.DoesNotContain("40 %", drawn, StringComparison.Ordinal);
        Assert.EndsWith(" \r", drawn, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_gets_nothing() => Assert.Equal("", Draw(hasProgress: false, new Clock { Seconds = 5 }, bar => bar.Report(1)));

    [Fact]
    public void Without_a_total_there_is_an_amount()
    {
        var clock = new Clock();
        Assert.Contains("decompressing: 3 MiB", Draw(hasProgress: true, clock, bar =>
        {
            clock.Advance(1);
            bar.Report(3 << 20);
        }), StringComparison.Ordinal);
    }

    private static string Draw(bool hasProgress, Clock clock, Action<ProgressBar> use)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        using var console = new ToolConsole(output, errors) { HasProgress = hasProgress };
        using (var bar = new ProgressBar(console, clock))
            use(bar);
        Assert.Equal("", output.ToString());
        return errors.ToString();
    }

    private sealed class Clock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public void Advance(double seconds) => Seconds += seconds;

        public override long GetTimestamp() => (long)(Seconds * 1000);
    }
}
