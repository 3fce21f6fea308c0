namespace BootProtocol.Boot.Tests.Machines;

/// <summary>What a machine came to.</summary>
internal sealed record MachineRun(Machine Machine, int ExitCode, string Output, string Errors)
{
    /// <summary>The sample guest's report, which has to be complete.</summary>
    public GuestReport Report()
    {
        var report = GuestReport.Parse(Output);
        Assert.True(report.IsComplete, $"The report is not complete.\n{this}");
        return report;
    }

    public override string ToString() => $"{Machine.Type}, {Machine.Memory} MiB: exit status {ExitCode}\n{Errors}\n{Output}";
}
