using System.Globalization;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>What the tool came to as a program of its own, and what it took.</summary>
/// <param name="Run">What it came to.</param>
/// <param name="PeakMemory">The most of its memory that was resident at once, in bytes.</param>
internal sealed record MeasuredRun(CliRun Run, long PeakMemory)
{
    private const string Tool = "bootproto";
    private const int Kibibyte = 1 << 10;

    /// <summary>Runs the tool that was built for the tests.</summary>
    public static MeasuredRun Start(params string[] arguments)
    {
        using var folder = new TemporaryFolder();

        // The system counts it for the parent that waits for the program: it is what the program had at its highest, to its very end.
        string measured = folder.File("measured");
        string tool = Path.Combine(AppContext.BaseDirectory, Tool);
        ToolRun run = ToolRun.Start("time", ["--quiet", "--format=%M", $"--output={measured}", tool, .. arguments], folder.Path);
        long kibibytes = long.Parse(File.ReadAllText(measured), CultureInfo.InvariantCulture);
        return new MeasuredRun(new CliRun(run.ExitCode, run.Output, run.Errors), kibibytes * Kibibyte);
    }
}
