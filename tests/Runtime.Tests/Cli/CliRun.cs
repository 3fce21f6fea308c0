using BootProtocol.Cli;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>What the tool wrote and returned, run in this process.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs the tool as in a pipe.</summary>
    public static CliRun Start(params string[] arguments) => Start(arguments, isTerminal: false, hasColors: false);

    /// <summary>Runs the tool as on a terminal of 120 characters.</summary>
    public static CliRun OnTerminal(bool hasColors, params string[] arguments) => Start(arguments, isTerminal: true, hasColors);

    /// <summary>Runs the tool as on a terminal of a width, without colours.</summary>
    public static CliRun OnTerminal(int width, params string[] arguments) => Start(arguments, isTerminal: true, hasColors: false, width);

    /// <summary>The output of a run that must have succeeded.</summary>
    public string Succeeded()
    {
        Assert.Equal("", Errors);
        Assert.Equal(0, ExitCode);
        return Output;
    }

    /// <summary>The one line on standard error of a run that must have failed, and has written nothing else.</summary>
    public string Failed(int exitCode)
    {
        Assert.Equal(exitCode, ExitCode);
        Assert.Equal("", Output);
        Assert.StartsWith("error: ", Errors, StringComparison.Ordinal);
        Assert.Equal(Errors.Length - 1, Errors.IndexOf('\n', StringComparison.Ordinal));
        return Errors;
    }

    /// <summary>The one line on standard error of a run that found a fault, and has shown what is intact.</summary>
    public string Faulty()
    {
        Assert.NotEqual("", Output);
        return (this with { Output = "" }).Failed(1);
    }

    private static CliRun Start(string[] arguments, bool isTerminal, bool hasColors, int width = 120)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        using var console = new ToolConsole(output, errors)
        {
            IsTerminal = isTerminal,
            HasColors = hasColors,
            Width = isTerminal ? width : null,
        };
        int exitCode = CommandLineTool.Run(arguments, console);
        return new CliRun(exitCode, output.ToString(), errors.ToString());
    }
}
