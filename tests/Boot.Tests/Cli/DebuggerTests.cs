using System.Diagnostics;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>What gdb sees of a kernel that runs in QEMU, with the symbols that the tool writes.</summary>
public sealed class DebuggerTests
{
    private const string Gdb = "/usr/bin/gdb";

    [Theory]
    [InlineData("6.12-amd64", "6.12.")]
    [InlineData("6.1-cloud-amd64", "6.1.")]
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
        process.OutputDataReceived += static (_, _) => { };
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
                $"target remote {folder.File("gdb")}", "hbreak start_kernel", "continue", "info symbol $pc", "bt 1",
                "printf \"banner %s\", (char *)&linux_banner", "delete", "hbreak kernel_init", "continue", "info symbol $pc", "detach",
            ];
            string[] arguments = ["-nx", "-batch", .. commands.SelectMany(static command => (string[])["-ex", command]), "vmlinux"];
            string text = ToolRun.Start(Gdb, arguments, folder.Path).Succeeded();
            Assert.Contains("\nstart_kernel in section .init.text", text, StringComparison.Ordinal);
            Assert.Matches(@"\n#0 +0x[0-9a-f]+ in start_kernel \(\)", text);
            Assert.Contains($"banner Linux version {version}", text, StringComparison.Ordinal);
            Assert.Matches(@"\nkernel_init in section \.(text|ref\.text)", text);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }
}
