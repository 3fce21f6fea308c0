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

    /// <summary>
    /// Two kernels of one source, without data among their symbols and with it. Beside the running kernel, the map of their build has the same, and
    /// what is no symbol for messages: values and the table itself, or all that is no code.
    /// </summary>
    [Theory]
    [InlineData("", false)]
    [InlineData("-all", true)]
    public void Symbols_are_those_of_the_build(string suffix, bool hasData)
    {
        string image = Fetched.Find("kernels", "own-6.1", $"vmlinuz{suffix}");
        Compare(image, WordSize.Bits32);
        string[] listed = CommandTool.Start("symbols", image).Succeeded().TrimEnd('\n').Split('\n');
        string[] built = File.ReadAllLines(Fetched.Find("kernels", "own-6.1", $"System.map{suffix}"));
        Assert.Empty(listed.Except(built));
        Assert.Equal(hasData, listed.Any(static line => line.EndsWith(" linux_banner", StringComparison.Ordinal)));
        Assert.All(built.Except(listed), line => Assert.True(hasData ? line.Contains(" A ") || line.Contains(" kallsyms_") : !IsCode(line), line));

        bool IsCode(string line) => IsBetween(line, "_stext", "_etext") || IsBetween(line, "_sinittext", "_einittext");
        bool IsBetween(string line, string start, string end) =>
            string.CompareOrdinal(line[..8], AddressOf(start)) >= 0 && string.CompareOrdinal(line[..8], AddressOf(end)) < 0;
        string AddressOf(string name) => built.First(line => line.EndsWith($" {name}", StringComparison.Ordinal))[..8];
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
