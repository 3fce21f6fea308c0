using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>The pager, on a real terminal of 24 lines.</summary>
[Needs(Need.Kernels)]
public sealed class PagerTests : IDisposable
{
    private const string Long = "\"$tool\" layout setup_header";
    private const string Short = "\"$tool\" layout load_flags";

    /// <summary>A pager that says that it was there, and what LESS was.</summary>
    private const string Marker = "cat > seen; echo \"paged $LESS\"";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Long_output_goes_to_the_pager()
    {
        TerminalRun run = Run(Long, ("PAGER", Marker));
        Assert.Equal("paged FRX\n", run.Output);
        Assert.Equal(Run(Long, ("PAGER", "")).Output, File.ReadAllText(_folder.File("seen")));
        Assert.Contains("setup_sects", File.ReadAllText(_folder.File("seen")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Long + " --json")]
    [InlineData(Long + " --c")]
    [InlineData("\"$tool\" build --help")]
    [InlineData("\"$tool\" build --sample")]
    [InlineData("\"$tool\" inspect --sample")]
    [InlineData("\"$tool\" inspect --sample --json")]
    public void All_that_is_to_be_read_does(string script) => Assert.Equal("paged FRX\n", Run(script, ("PAGER", Marker)).Output);

    [Theory]
    [InlineData(Short)]
    [InlineData(Long + " --no-pager")]
    [InlineData("\"$tool\" --no-pager layout setup_header")]
    [InlineData(Long + " | cat")]
    [InlineData("\"$tool\" completion bash")]
    public void Everything_else_does_not(string script) =>
        Assert.DoesNotContain("paged", Run(script, ("PAGER", Marker)).Output, StringComparison.Ordinal);

    [Theory]
    [InlineData(true, "BOOTPROTO_PAGER", Marker, "PAGER", "false")]
    [InlineData(false, "BOOTPROTO_PAGER", "", "PAGER", Marker)]
    [InlineData(false, "BOOTPROTO_PAGER", "cat", "PAGER", Marker)]
    [InlineData(false, "TERM", "dumb", "PAGER", Marker)]
    [InlineData(false, "TERM", "xterm", "PAGER", "no-such-pager")]
    [InlineData(false, "TERM", "xterm", "PAGER", "no-such-pager --with 'an argument'")]
    public void The_environment_says_which(bool isPaged, string name, string value, string other, string otherValue)
    {
        string output = Run(Long, (name, value), (other, otherValue)).Output;
        Assert.Equal(isPaged, output.Contains("paged", StringComparison.Ordinal));
        Assert.Equal(!isPaged, output.Contains("kernel_info_offset", StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_of_less_stay() => Assert.Equal("paged M\n", Run(Long, ("PAGER", Marker), ("LESS", "M")).Output);

    [Fact]
    public void The_exit_code_is_the_commands_own()
    {
        string diff = $"\"$tool\" diff --exit-code '{DebianKernels.Cloud61}' '{DebianKernels.Amd64612}'";
        Assert.Equal((1, "paged FRX\n"), (Run(diff, ("PAGER", Marker)).ExitCode, Run(diff, ("PAGER", Marker)).Text));

        // Who has seen enough does not make it fail.
        Assert.Equal(0, Run("\"$tool\" layout --json", ("PAGER", "head -n 1")).ExitCode);
    }

    private TerminalRun Run(string script, params (string Name, string Value)[] environment)
    {
        var all = new Dictionary<string, string> { ["NO_COLOR"] = "1" };
        foreach ((string name, string value) in environment)
            all[name] = value;
        return TerminalRun.Start(80, all, script, _folder.Path);
    }
}
