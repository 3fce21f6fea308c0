using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

public sealed class ManPageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Page_says_what_help_says()
    {
        string page = CliRun.Start("man").Succeeded();
        Assert.StartsWith(".TH BOOTPROTO 1 ", page, StringComparison.Ordinal);
        string plain = page.Replace("\\-", "-", StringComparison.Ordinal).Replace("\\(aq", "'", StringComparison.Ordinal);
        string words = string.Join(' ', plain.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        string[] commands = ["inspect", "notes", "extract", "repack", "diff", "build", "run", "verify", "check", "layout", "xen start", "xen list", "man"];
        foreach (string command in commands)
        {
            Assert.Contains($".SS \"bootproto {command}\"", plain, StringComparison.Ordinal);

            // The description is what stands first in help; the options are words with two hyphens.
            string help = CliRun.Start([.. command.Split(' '), "--help"]).Succeeded();
            string description = help.Split("Usage:")[0].Replace("Description:", "", StringComparison.Ordinal);
            description = string.Join(' ', description.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains(description, words, StringComparison.Ordinal);
            IEnumerable<string> candidates = help.Split([' ', '\n', ',', ':', '=', '\'']);
            foreach (string option in candidates.Where(static word => word.StartsWith("--", StringComparison.Ordinal) && word.Length > 2))
                Assert.Contains($"\\fB{option}\\fR", plain.Replace("\\fR, \\fB", "\\fR \\fB", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Fact]
    [Needs(Need.Tools)]
    public void Groff_takes_it_without_a_warning()
    {
        _folder.Write("bootproto.1", CliRun.Start("man").Succeeded());
        Require("groff");
        ToolRun run = ToolRun.Start("groff", ["-man", "-ww", "-Tascii", "-P-cbou", "bootproto.1"], _folder.Path);
        Assert.Equal("", run.Errors);
        Assert.Contains("EXIT STATUS", run.Succeeded(), StringComparison.Ordinal);
    }

    /// <summary>All but the date, which would be another one for each build.</summary>
    [Fact]
    [Needs(Need.Tools)]
    public void Mandoc_takes_it_without_a_warning()
    {
        _folder.Write("bootproto.1", CliRun.Start("man").Succeeded());
        Require("mandoc");
        ToolRun run = ToolRun.Start("mandoc", ["-T", "lint", "-W", "warning", "bootproto.1"], _folder.Path);
        Assert.Equal("", string.Concat(run.Output.Split('\n').Where(static line => !line.Contains("missing date", StringComparison.Ordinal))));
    }

    private static void Require(string program) =>
        Assert.SkipUnless(File.Exists($"/usr/bin/{program}"), $"{program} is not on this machine.");
}
