using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>Every option of every command, with right and with wrong input, as a shell calls the tool: <c>tests/options.sh</c>.</summary>
[Needs(Need.Kernels)]
public sealed class OptionsTests
{
    private static readonly string _script = Repository.File("tests", "options.sh");

    [Fact]
    public void Every_option_works_and_every_mistake_is_one_line()
    {
        FindImages();
        string tool = Path.Combine(AppContext.BaseDirectory, "bootproto");
        ToolRun run = ToolRun.Start("bash", [_script, tool], Repository.Root);
        Assert.True(run.ExitCode == 0, $"{run.Errors}{run.Output}");
        Assert.EndsWith(": 0 failed, 0 options without a row\n", run.Output, StringComparison.Ordinal);
        TestContext.Current.SendDiagnosticMessage(run.Output);
    }

    /// <summary>A tool whose errors have two lines, or other exit codes, or an option more, does not pass.</summary>
    [Theory]
    [InlineData("standard error is not one line", "\"$tool\" \"$@\" && exit; code=$?; echo more >&2; exit $code")]
    [InlineData("exit code 5 in place of ", "\"$tool\" \"$@\" || exit 5")]
    [InlineData("no row has 'bootproto inspect --newer' with right input", "\"$tool\" \"$@\" | sed 's/--summary --section/--summary --newer --section/'")]
    public void What_is_not_held_is_shown(string expected, string body)
    {
        FindImages();
        using var folder = new TemporaryFolder();
        string original = Path.Combine(AppContext.BaseDirectory, "bootproto");
        string tool = folder.WriteProgram("bootproto", $"#!/bin/bash\nset -o pipefail\ntool='{original}'\n{body}\n");
        ToolRun run = ToolRun.Start("bash", [_script, tool, "inspect"], Repository.Root);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(expected, run.Output, StringComparison.Ordinal);
    }

    /// <summary>Skips the test where what the script reads was not fetched.</summary>
    private static void FindImages()
    {
        DebianKernels.Find("6.12-amd64", "vmlinuz");
        DebianKernels.Find("bookworm-signed-amd64", "vmlinuz");
        DebianKernels.Find("systemd-stub", "linuxx64.efi.stub");
    }
}
