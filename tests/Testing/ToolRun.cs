using System.Diagnostics;

namespace BootProtocol.Testing;

/// <summary>What a program that a test started came to.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Errors)
{
    /// <summary>What is there wherever these tests can be built.</summary>
    private static readonly string[] _everywhere = ["sh", "stat"];

    /// <summary>Runs a program to its end. A program that is not there is a failure with its name, not a skipped test.</summary>
    public static ToolRun Start(string program, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string>? environment = null)
    {
        if (!program.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal) && !_everywhere.Contains(program))
            NeedsAttribute.Check(Need.Tools, program);
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using Process process = StartOrFail(start);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        return new ToolRun(process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
    }

    /// <summary>The output of a run that must have succeeded.</summary>
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, $"Exit code {ExitCode}.\n{Errors}\n{Output}");
        return Output;
    }

    private static Process StartOrFail(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException($"{start.FileName} cannot be started: tests/run.sh installs what the tests need.", missing);
        }
    }
}
