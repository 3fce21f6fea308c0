using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Hashing;
using System.Text.Json;
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
            "--sample", "--boot", way, "--bits", bits, "--cmdline", "hello \"sample\"  guest", "--initrd", folder.File("initrd"), "--memory", "64M");
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
        string[] arguments = ["--sample", "--boot", "xen-pv", "--bits", bits, "--cmdline", "as pv", "--memory", "48M", "--first-mfn", "0x400"];
        JsonElement built = CommandTool.Build(arguments);
        ToolRun run = CommandTool.Run(arguments);
        Assert.Equal(Complete, run.ExitCode);
        var report = GuestReport.Parse(run.Output);
        Assert.True(report.IsComplete);
        Assert.Equal("xen-pv", report["entry"]);
        Assert.Equal(ring, report["ring"]);
        Assert.Equal(magic, report["magic"]);
        Assert.Equal("as pv", report["command-line"]);
        Assert.Equal("fault", report["page-table-write"]);

        // What the guest saw is what the tool says that it built.
        JsonElement frames = built.GetProperty("xen_pv");
        Assert.Equal(CommandTool.Address(built.GetProperty("cpu").GetProperty("cr3")), report.Number("cr3"));
        Assert.Equal(Virtual(built, "start_info"), report.Number("pointer"));
        Assert.Equal(CommandTool.Address(frames.GetProperty("shared_info_mfn")) << 12, report.Number("shared-info"));
        Assert.Equal(CommandTool.Address(frames.GetProperty("xenstore").GetProperty("mfn")), report.Number("store-mfn"));
        Assert.Equal(CommandTool.Address(frames.GetProperty("console").GetProperty("mfn")), report.Number("console-mfn"));
        Assert.Equal(frames.GetProperty("nr_frames").GetUInt64(), report.Number("pages"));
        Assert.Equal(CommandTool.Address(frames.GetProperty("mapped_end")), report.Number("mapped-pages"));
        int entry = bits == "64" ? sizeof(ulong) : sizeof(uint);
        byte[] list = new byte[report.Number("pages") * (ulong)entry];
        for (int i = 0; i < list.Length / entry; i++)
            BinaryPrimitives.WriteInt32LittleEndian(list.AsSpan(i * entry), 0x400 + i);
        Assert.Equal(Crc32.HashToUInt32(list), report.Number("p2m-crc32"));
    }

    /// <summary>One structure for native and Xen: the register leads to boot_params, and these lead to start_info.</summary>
    [Theory]
    [InlineData("64")]
    [InlineData("32")]
    public void Guest_finds_both_structures_through_one_register(string bits)
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = new byte[5000];
        new Random(2).NextBytes(bytes);
        File.WriteAllBytes(folder.File("initrd"), bytes);
        string[] arguments =
        [
            "--sample", "--boot", "xen-pv", "--with-boot-params", "--bits", bits, "--memory", "64M", "--initrd", folder.File("initrd"), "--cmdline", "one two",
        ];
        JsonElement built = CommandTool.Build(arguments);
        ToolRun run = CommandTool.Run(arguments);
        Assert.Equal(Complete, run.ExitCode);
        var report = GuestReport.Parse(run.Output);
        Assert.True(report.IsComplete);
        Assert.Equal(Virtual(built, "boot_params"), report.Number("pointer"));
        Assert.Equal(Virtual(built, "start_info"), report.Number("subarch-data"));
        Assert.Equal(2ul, report.Number("subarch"));
        Assert.Equal(0x90ul, report.Number("loader"));
        Assert.Equal(["0x53726448", bits == "64" ? "xen-3.0-x86_64" : "xen-3.0-x86_32p"], report.All("magic"));
        Assert.Equal(["one two", "one two"], report.All("command-line"));
        string sum = $"0x{Crc32.HashToUInt32(bytes):x}";
        Assert.Equal([sum, sum], report.All("initrd-crc32"));
    }

    private static ulong Virtual(JsonElement built, string region) => CommandTool.Address(
        built.GetProperty("regions").EnumerateArray().Single(part => part.GetProperty("name").GetString() == region).GetProperty("virtual"));

    [Fact]
    public void Nothing_but_the_command_is_needed() => Assert.Equal(Complete, CommandTool.Run("--sample").ExitCode);

    [Theory]
    [InlineData("q35")]
    [InlineData("pc")]
    [InlineData("microvm")]
    public void Machine_can_be_chosen(string machine) => Assert.Equal(Complete, CommandTool.Run("--sample", "--machine", machine).ExitCode);

    [Fact]
    public void Arguments_behind_two_dashes_are_for_qemu()
    {
        Assert.Equal(Complete, CommandTool.Run("--sample", "--boot", "linux64", "--", "-smp", "2").ExitCode);
        ToolRun bad = CommandTool.Run("--sample", "--", "-no-such-option");
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains("no-such-option", bad.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_qemu_it_says_how_to_get_it()
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string> { ["PATH"] = folder.Path, ["TMPDIR"] = folder.Path };
        ToolRun run = ToolRun.Start(CommandTool.Program, ["run", "--sample", "--accel", "tcg"], folder.Path, environment);
        Assert.Equal(3, run.ExitCode);
        Assert.StartsWith("error: qemu-system-x86_64", run.Errors, StringComparison.Ordinal);
        Assert.Contains("apt-get install qemu-system-x86", run.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Time_can_be_limited()
    {
        // -S: the guest's processor does not start.
        ToolRun run = CommandTool.Start("run", "--sample", "--timeout", "1", "--", "-S");
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

        // Where these tests run in the background, they ignore interrupts, and what they start would do so, too.
        var start = new ProcessStartInfo("env", ["--default-signal", CommandTool.Program, "run", "--sample", "--", "-S", "-pidfile", state])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TMPDIR"] = folder.Path;
        using Process process = Process.Start(start)!;
        while (!process.HasExited && !(File.Exists(state) && new FileInfo(state).Length > 0))
            Thread.Sleep(20);
        int machine = int.Parse(File.ReadAllText(state), System.Globalization.CultureInfo.InvariantCulture);
        _ = ToolRun.Start("sh", ["-c", $"kill -{signal} {process.Id}"], folder.Path).Succeeded();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(5)), "The signal does not end the tool.");
        Assert.Equal(exitCode, process.ExitCode);
        Assert.False(Directory.Exists($"/proc/{machine}"));
        File.Delete(state);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }
}
