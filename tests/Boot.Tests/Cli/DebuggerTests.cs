using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>What gdb sees of a kernel that runs in QEMU, with the symbols that the tool writes.</summary>
public sealed partial class DebuggerTests
{
    private const string Gdb = "/usr/bin/gdb";

    /// <summary>Functions of the kernel that started it, and that its threads start with.</summary>
    private static readonly string[] _bottoms = ["common_startup_64", "secondary_startup_64_no_verify", "ret_from_fork_asm", "ret_from_fork"];

    /// <summary>
    /// Backtraces go down to where the kernel or a thread of it started: in code that runs for the first time, in an interrupt, which has a stack of
    /// its own, and in the panic that ends a kernel without a root file system. There it is what the kernel itself prints.
    /// </summary>
    [Theory]
    [InlineData("6.12-amd64", "6.12.")]
    [InlineData("6.1-cloud-amd64", "6.1.")]
    [InlineData("sid-amd64", "7.")]
    public async Task Gdb_stops_a_running_kernel_at_its_functions(string kernel, string version)
    {
        if (!File.Exists(Gdb))
            Assert.Skip("gdb is not on this machine.");
        string image = Fetched.Find("kernels", kernel, "vmlinuz");
        using var folder = new TemporaryFolder();
        _ = CommandTool.Start("extract", image, "--symbols", "-o", folder.File("vmlinux")).Succeeded();

        // QEMU waits for gdb before its first instruction, and listens on a socket in the folder.
        string[] guest =
        [
            "run", "--accel", "tcg", "--timeout", "900", image, "--cmdline", "console=ttyS0 nokaslr panic=-1", "--",
            "-S", "-chardev", $"socket,path={folder.File("gdb")},server=on,wait=off,id=gdb0", "-gdb", "chardev:gdb0",
        ];
        var start = new ProcessStartInfo(CommandTool.Program, guest)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using Process process = Process.Start(start)!;
        var printed = new ConcurrentQueue<string>();
        process.OutputDataReceived += (_, line) => printed.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            var time = Stopwatch.StartNew();
            while (!File.Exists(folder.File("gdb")) && !process.HasExited && time.Elapsed < TimeSpan.FromMinutes(5))
                await Task.Delay(50, TestContext.Current.CancellationToken);
            Assert.True(File.Exists(folder.File("gdb")), process.HasExited ? await errors : "QEMU does not listen");
            string[] commands =
            [
                $"target remote {folder.File("gdb")}", "hbreak start_kernel", "continue", "info symbol $pc", "bt",
                "printf \"banner %s\", (char *)&linux_banner", "delete", "hbreak kernel_init", "continue", "info symbol $pc", "bt",
                "delete", "hbreak __sysvec_apic_timer_interrupt", "continue", "bt", "delete", "hbreak dump_stack_lvl", "continue", "bt",
                "up-silently", "info registers rbx", "delete", "detach",
            ];
            string[] arguments = ["-nx", "-batch", .. commands.SelectMany(static command => (string[])["-ex", command]), "vmlinux"];
            string text = ToolRun.Start(Gdb, arguments, folder.Path).Succeeded();
            Assert.Contains("\nstart_kernel in section .init.text", text, StringComparison.Ordinal);
            Assert.Matches(@"\n#0 +0x[0-9a-f]+ in start_kernel \(\)", text);
            Assert.Contains($"banner Linux version {version}", text, StringComparison.Ordinal);
            Assert.Matches(@"\nkernel_init in section \.(text|ref\.text)", text);
            Assert.DoesNotMatch("corrupt|Backtrace stopped|previous frame", text);
            Assert.Matches(@"\nrbx +<not saved>", text);

            string[][] traces = [.. text.Split("\n#0 ")[1..].Select(static trace => FramesOf($"\n#0 {trace}"))];
            Assert.Equal(4, traces.Length);
            Assert.All(traces, static trace => Assert.Contains(NameOf(trace[^1]), _bottoms));
            Assert.Equal("start_kernel", NameOf(traces[0][0]));
            Assert.Equal("kernel_init", NameOf(traces[1][0]));
            Assert.Contains("<signal handler called>", traces[2].Select(NameOf));

            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(Printed([.. printed]), Named(traces[3], CommandTool.Start("symbols", image).Succeeded()));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A frame of a backtrace: its number, its address where it is not the innermost one, and its function.</summary>
    [GeneratedRegex(@"\n#[0-9]+ .*")]
    private static partial Regex Frames();

    [GeneratedRegex(@"^\[[ 0-9.]+\]  (\S+\+0x[0-9a-f]+)/0x[0-9a-f]+")]
    private static partial Regex PrintedFrame();

    private static string[] FramesOf(string trace) => [.. Frames().Matches(trace).Select(static frame => frame.Value.Trim())];

    private static string NameOf(string frame) => frame.IndexOf('<', StringComparison.Ordinal) is > 0 and var at ? frame[at..] : frame.Split(' ')[^2];

    /// <summary>The frames that the kernel prints without a doubt, but for the innermost one.</summary>
    private static string[] Printed(string[] lines) =>
    [
        .. lines.SkipWhile(static line => !line.Contains("Call Trace:", StringComparison.Ordinal))
            .TakeWhile(static line => !line.Contains("</TASK>", StringComparison.Ordinal))
            .Select(static line => PrintedFrame().Match(line)).Where(static match => match.Success).Select(static match => match.Groups[1].Value)
            .Where(static frame => !frame.StartsWith("dump_stack", StringComparison.Ordinal)),
    ];

    /// <summary>The frames of gdb, but for the innermost one, as the kernel prints them: how far behind the start of their functions they are.</summary>
    private static string[] Named(string[] trace, string symbols)
    {
        var starts = symbols.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' ', 3))
            .ToLookup(static parts => parts[2], static parts => Number(parts[0]));
        return
        [
            .. trace.Where(static frame => !NameOf(frame).StartsWith("dump_stack", StringComparison.Ordinal)).Select(frame =>
            {
                ulong address = Number(frame.Split("0x")[1].Split(' ')[0]);
                ulong start = starts[NameOf(frame)].Where(start => start <= address).Max();
                return string.Create(CultureInfo.InvariantCulture, $"{NameOf(frame)}+0x{address - start:x}");
            }),
        ];
    }

    private static ulong Number(string text) => ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
