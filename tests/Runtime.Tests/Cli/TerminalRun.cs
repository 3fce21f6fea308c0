using System.Text.RegularExpressions;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>The tool as a program on a real terminal: a pseudo-terminal that the command <c>script</c> makes.</summary>
/// <param name="ExitCode">The tool's exit code.</param>
/// <param name="Output">All that appeared on the terminal, line ends as <c>\n</c>.</param>
internal sealed partial record TerminalRun(int ExitCode, string Output)
{
    private const int Height = 24;

    /// <summary>What stays of the output, without colours: a progress bar is gone in the end.</summary>
    public string Text => string.Join('\n', Escape().Replace(Output, "").Split('\n').Select(static line => line[(line.LastIndexOf('\r') + 1)..]));

    /// <summary>Runs the tool without a pager.</summary>
    public static TerminalRun Start(int width, params string[] arguments) =>
        Start(width, new Dictionary<string, string> { ["PAGER"] = "" }, $"\"$tool\" {string.Join(' ', arguments.Select(Quote))}");

    /// <summary>Runs a shell's script, in which the tool is <c>$tool</c>.</summary>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="environment">The environment, beside a terminal's usual one.</param>
    /// <param name="script">The script.</param>
    /// <param name="folder">Where it runs; null for the repository.</param>
    public static TerminalRun Start(int width, IReadOnlyDictionary<string, string> environment, string script, string? folder = null)
    {
        var all = new Dictionary<string, string>
        {
            ["tool"] = Path.Combine(AppContext.BaseDirectory, "bootproto"),
            ["TERM"] = "xterm",
            ["LC_ALL"] = "C.UTF-8",
            ["SHELL"] = "/bin/sh",
            ["NO_COLOR"] = "",
        };
        foreach ((string name, string value) in environment)
            all[name] = value;
        string command = $"stty rows {Height} cols {width} -onlcr; {script}";
        ToolRun run = ToolRun.Start("script", ["--quiet", "--return", "--command", command, "/dev/null"], folder ?? Repository.Root, all);
        return new TerminalRun(run.ExitCode, run.Output);
    }

    private static string Quote(string argument) => $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    [GeneratedRegex("\u001b\\[[0-9;]*m")]
    private static partial Regex Escape();
}
