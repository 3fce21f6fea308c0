using System.Globalization;
using BootProtocol.Checks;

namespace BootProtocol.Cli.Checking;

/// <summary>The rules of checks as a page in Markdown.</summary>
internal static class CheckPage
{
    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output)
    {
        output.Write(string.Create(CultureInfo.InvariantCulture, $"""
            # Rules of `bootproto check`

            `bootproto check IMAGE [--initrd F] [--cmdline S] [--for TARGET]` says whether an image boots with all that, and if not, what stops it
            first. There are {ImageCheck.Rules.Length} rules, in the order in which they would show during a start. Each has an id, which stays the same. Those
            with a target are asked for it alone (`--for`), and all others always. This page is made by `bootproto check --rules`.

            | severity | means | exit code |
            | --- | --- | --- |
            | error | it does not start | 1 |
            | warning | it starts, but something does not work, or may not | 4 |
            | note | worth knowing | 0 |

            What a kernel was built with is taken from its own configuration (`CONFIG_IKCONFIG`), or from its symbols; where it has neither, rules that
            need it find nothing. What programs of a ramdisk do when they run is not known. Cloud Hypervisor and Firecracker are in no package of
            Debian: their rules rest on their documentation alone, and are held against no start.

            """).ReplaceLineEndings("\n"));
        foreach (CheckRule rule in ImageCheck.Rules)
        {
            string targets = rule.Targets.IsEmpty ? "all" : string.Join(", ", rule.Targets.Select(CheckTargets.Name));
            output.Write(
                $"\n## {rule.Id}\n\n{rule.Text}\n\n| severity | for |\n| --- | --- |\n| {SeverityNames.Of(rule.Severity)} | {targets} |\n\n"
                + $"To do: {rule.Help}\n\nSource: {rule.Source}.\n");
        }
    }
}
