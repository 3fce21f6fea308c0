using System.Diagnostics;
using System.IO.Hashing;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>The built-in guest, started by the tool; and how the tool ends.</summary>
public sealed class SampleRunTests
{
    /// <summary>QEMU's status where the guest says by port 0x501 that it reported everything.</summary>
    private const int Complete = 33;

    [Theory]
    [InlineData("linux64", "64", "linux64")]
    [InlineData("linux32", "64", "linux64")]
    [InlineData("linux32", "32", "linux32")]
    [InlineData("pvh", "64", "pvh")]
    [InlineData("pvh", "32", "pvh")]
    public void Guest_reports_what_it_was_given(string way, string bits, string entry)
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = new byte[70_001];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(folder.File("initrd"), bytes);
        ToolRun run = CommandTool.Run(
            "--boot", way, "--bits", bits, "--cmdline", "hello \"sample\"  guest", "--initrd", folder.File("initrd"), "--memory", "64M");
        Assert.Equal("", run.Errors);
        Assert.Equal(Complete, run.ExitCode);
        var report = GuestReport.Parse(run.Output);
        Assert.True(report.IsComplete);
        Assert.Equal(entry, report["entry"]);
        Assert.Equal("hello \"sample\"  guest", report["command-line"]);
        Assert.Equal((ulong)bytes.Length, report.Numbers("initrd")[1]);
        Assert.Equal(Crc32.HashToUInt32(bytes), report.Number("initrd-crc32"));
    }

    [Theory]
    [InlineData("64", "3", "xen-3.0-x86_64")]
    [InlineData("32", "1", "xen-3.0-x86_32p")]
    public void Guest_runs_as_under_xen(string bits, string ring, string magic)
    {
        ToolRun run = CommandTool.Run("--boot", "xen-pv", "--bits", bits, "--cmdline", "as pv", "--memory", "48M");
        Assert.Equal(Complete, run.ExitCode);
        var report = GuestReport.Parse(run.Output);
        Assert.True(report.IsComplete);
        Assert.Equal("xen-pv", report["entry"]);
        Assert.Equal(ring, report["ring"]);
        Assert.Equal(magic, report["magic"]);
        Assert.Equal("as pv", report["command-line"]);
        Assert.Equal("fault", report["page-table-write"]);
    }

    [Fact]
    public void Nothing_but_the_command_is_needed() => Assert.Equal(Complete, CommandTool.Run([]).ExitCode);

    [Theory]
    [InlineData("q35")]
    [InlineData("pc")]
    [InlineData("microvm")]
    public void Machine_can_be_chosen(string machine) => Assert.Equal(Complete, CommandTool.Run("--machine", machine).ExitCode);

    [Fact]
    public void Arguments_behind_two_dashes_are_for_qemu()
    {
        Assert.Equal(Complete, CommandTool.Run("--boot", "linux64", "--", "-smp", "2").ExitCode);
        ToolRun bad = CommandTool.Run("--", "-no-such-option");
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains("no-such-option", bad.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_qemu_it_says_how_to_get_it()
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string> { ["PATH"] = folder.Path, ["TMPDIR"] = folder.Path };
        ToolRun run = ToolRun.Start(CommandTool.Program, ["run"], folder.Path, environment);
        Assert.Equal(3, run.ExitCode);
        Assert.StartsWith("error: qemu-system-x86_64", run.Errors, StringComparison.Ordinal);
        Assert.Contains("apt-get install qemu-system-x86", run.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Time_can_be_limited()
    {
        // -S: the guest's processor does not start.
        ToolRun run = CommandTool.Start("run", "--timeout", "1", "--", "-S");
        Assert.Equal(124, run.ExitCode);
        Assert.Contains("the guest did not end within 1 s", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public void Signals_end_the_guest_and_leave_nothing(string signal, int exitCode)
    {
        using var folder = new TemporaryFolder();
        string state = folder.File("qemu.pid");
        var start = new ProcessStartInfo(CommandTool.Program, ["run", "--", "-S", "-pidfile", state])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TMPDIR"] = folder.Path;
        using Process process = Process.Start(start)!;
        while (!File.Exists(state) && !process.HasExited)
            Thread.Sleep(20);
        int machine = int.Parse(File.ReadAllText(state), System.Globalization.CultureInfo.InvariantCulture);
        _ = ToolRun.Start("sh", ["-c", $"kill -{signal} {process.Id}"], folder.Path).Succeeded();
        process.WaitForExit();
        Assert.Equal(exitCode, process.ExitCode);
        Assert.False(Directory.Exists($"/proc/{machine}"));
        File.Delete(state);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }
}
