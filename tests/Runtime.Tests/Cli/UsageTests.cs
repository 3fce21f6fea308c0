namespace BootProtocol.Runtime.Tests.Cli;

public sealed class UsageTests
{
    [Theory]
    [InlineData("see 'bootproto --help'")]
    [InlineData("see 'bootproto --help'", "inspekt")]
    [InlineData("see 'bootproto inspect --help'", "inspect", "a", "b")]
    [InlineData("see 'bootproto inspect --help'", "inspect", "--jsn")]
    [InlineData("exclude each other", "layout", "setup_header", "--json", "--c")]
    [InlineData("did you mean 'setup_header'?", "layout", "setup_heder")]
    [InlineData("did you mean 'load_flags'?", "layout", "LOADFLAGS")]
    [InlineData("'bootproto layout' lists all names", "layout", "something_else_entirely")]
    [InlineData("--c is for structures", "layout", "load_flags", "--c")]
    public void A_wrong_command_line_is_one_line_with_help(string expected, params string[] arguments) =>
        Assert.Contains(expected, CliRun.Start(arguments).Failed(2), StringComparison.Ordinal);

    [Fact]
    public void Help_and_version_are_no_errors()
    {
        Assert.Contains("inspect", CliRun.Start("--help").Succeeded(), StringComparison.Ordinal);
        Assert.Contains("IMAGE", CliRun.Start("inspect", "--help").Succeeded(), StringComparison.Ordinal);
        Assert.NotEmpty(CliRun.Start("--version").Succeeded());
    }
}
