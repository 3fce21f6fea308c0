using System.Globalization;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Oracle;

/// <summary>What Xen's own domain builder makes of the same input: tests/Oracle/xg_oracle.c says how.</summary>
/// <param name="Memory">Guest memory, frame 0 to the end of what was laid out. PV: then the shared_info page.</param>
/// <param name="Vcpu">PV: the vcpu_guest_context; empty for PVH.</param>
/// <param name="Report">Segments and registers in words, a line each.</param>
internal sealed record OracleRun(byte[] Memory, byte[] Vcpu, string Report)
{
    private static readonly Lazy<string> _program = new(Compile);

    /// <summary>Lays a domain out.</summary>
    /// <param name="mode"><c>pv</c> or <c>pvh</c>.</param>
    /// <param name="kernel">The kernel's file.</param>
    /// <param name="initrd">The initial ramdisk's file; null for none. One that gzip compressed would be unpacked.</param>
    /// <param name="commandLine">The command line.</param>
    /// <param name="mebibytes">MiB of memory.</param>
    /// <param name="module">One more module, and its command line.</param>
    public static OracleRun Start(string mode, string kernel, string? initrd, string commandLine, int mebibytes, params string[] module)
    {
        using var folder = new TemporaryFolder();
        string output = folder.File("out");
        Run(mode, kernel, initrd, commandLine, mebibytes, output, module).Succeeded();
        string vcpu = output + ".vcpu";
        return new OracleRun(
            File.ReadAllBytes(output), File.Exists(vcpu) ? File.ReadAllBytes(vcpu) : [], File.ReadAllText(output + ".txt"));
    }

    /// <summary>Lays a domain out into files, or fails with what it has against it.</summary>
    /// <param name="mode"><c>pv</c> or <c>pvh</c>.</param>
    /// <param name="kernel">The kernel's file.</param>
    /// <param name="initrd">The initial ramdisk's file; null for none. One that gzip compressed would be unpacked.</param>
    /// <param name="commandLine">The command line.</param>
    /// <param name="mebibytes">MiB of memory.</param>
    /// <param name="output">The file of guest memory; the others have its name and an ending.</param>
    /// <param name="module">One more module, and its command line.</param>
    public static ToolRun Run(
        string mode, string kernel, string? initrd, string commandLine, int mebibytes, string output, params string[] module)
    {
        string memory = mebibytes.ToString(CultureInfo.InvariantCulture);
        string[] arguments = [mode, kernel, initrd ?? "-", commandLine, memory, output, "1", .. module];
        NeedsAttribute.Check(Need.Tools, "libxenguest");
        return ToolRun.Start(_program.Value, arguments, Path.GetDirectoryName(output)!);
    }

    /// <summary>A number of the report: the one behind a word, on the first line that starts with another.</summary>
    /// <param name="line">The beginning of the line: <c>kernel_seg</c>, <c>vcpu</c>.</param>
    /// <param name="word">The word before the number: <c>pfn</c>, <c>rip</c>.</param>
    public ulong Number(string line, string word)
    {
        string[] words = Report.Split('\n').First(text => text.StartsWith(line, StringComparison.Ordinal)).Split(' ');
        string number = words[Array.IndexOf(words, word) + 1];
        return number.StartsWith("0x", StringComparison.Ordinal)
            ? ulong.Parse(number.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : ulong.Parse(number, CultureInfo.InvariantCulture);
    }

    private static string Compile()
    {
        // Beside another run of these tests, too, the program is there as a whole or not at all.
        string folder = Repository.File("artifacts", "oracle");
        Directory.CreateDirectory(folder);
        string program = Path.Combine(folder, "xg_oracle");
        string compiled = $"{program}.{Environment.ProcessId}";
        string[] arguments =
        [
            "-O2", "-rdynamic", Repository.File("tests", "Oracle", "xg_oracle.c"), "-o", compiled,
            "-lxenguest", "-lxenctrl", "-lxentoollog",
        ];
        ToolRun.Start("gcc", arguments, folder).Succeeded();
        File.Move(compiled, program, overwrite: true);
        return program;
    }
}
