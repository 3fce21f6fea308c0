using System.Globalization;
using System.Text;
using BootProtocol.Boot.Tests.Linux;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>
/// What the tool lists and extracts is, byte for byte, what the kernel itself shows in /proc/kallsyms and /sys/kernel/btf/vmlinux once it runs.
/// </summary>
public sealed class SymbolRunTests
{
    private const string CommandLine = "console=ttyS0 quiet nokaslr panic=-1 mitigations=off cryptomgr.notests";

    [Theory]
    [InlineData("6.1-cloud-amd64", WordSize.Bits64)]
    [InlineData("6.1-686-pae", WordSize.Bits32)]
    [InlineData("bookworm-signed-amd64", WordSize.Bits64)]
    [InlineData("6.12-amd64", WordSize.Bits64)]
    [InlineData("trixie-rt-amd64", WordSize.Bits64)]
    [InlineData("sid-amd64", WordSize.Bits64)]
    public void Symbols_and_types_are_those_of_the_running_kernel(string kernel, WordSize word)
    {
        string package = File.ReadAllText(Fetched.Find("kernels", kernel, "PACKAGE")).Trim();
        Fetched.Check([package], () => Compare(Fetched.Find("kernels", kernel, "vmlinuz"), word));
    }

    private static void Compare(string image, WordSize word)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("initrd"), GuestInit.Archive(word, "data"u8, hasSymbols: true));
        ToolRun run = CommandTool.Run(image, "--initrd", folder.File("initrd"), "--cmdline", CommandLine);
        int start = run.Output.IndexOf("user space reached", StringComparison.Ordinal);
        Assert.True(start >= 0 && run.Output.Contains("end of report", StringComparison.Ordinal), run.ToString());
        var report = GuestReport.Parse(run.Output[start..]);
        byte[] listed = Encoding.UTF8.GetBytes(CommandTool.Start("symbols", image).Succeeded());
        Assert.Equal(report["symbols"], Sum(listed));

        // Debian's 32-bit kernels have no types.
        ToolRun types = CommandTool.Start("extract", image, "--what", "btf", "-o", folder.File("types"));
        if (word == WordSize.Bits32)
            Assert.Equal((1, Sum([])), (types.ExitCode, report["types"]));
        else
            Assert.Equal(report["types"], Sum(File.ReadAllBytes(folder.File("types"))));
    }

    /// <summary>Bytes, lines and hash (FNV-1a, 64 bits), as init.c has them.</summary>
    private static string Sum(byte[] text)
    {
        ulong hash = 0xcbf29ce484222325;
        foreach (byte part in text)
            hash = unchecked((hash ^ part) * 0x100000001b3);
        return string.Create(CultureInfo.InvariantCulture, $"{text.Length:x} {text.Count(part => part == (byte)'\n'):x} {hash:x}");
    }
}
