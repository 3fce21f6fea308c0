using System.Text;

namespace BootProtocol.Cli;

/// <summary>Where the tool writes, and what that place can show.</summary>
internal sealed class ToolConsole : IDisposable
{
    private const int OutputBufferSize = 1 << 14;

    /// <summary>A console that writes into the given writers.</summary>
    public ToolConsole(TextWriter output, TextWriter error)
    {
        Output = output;
        Error = error;
    }

    /// <summary>Standard output.</summary>
    public TextWriter Output { get; }

    /// <summary>Standard error.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether a person sees standard output: then it has tables.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Whether a person sees standard error: then it has a progress bar while something takes long.</summary>
    public bool HasProgress { get; init; }

    /// <summary>Whether it may have colours too.</summary>
    public bool HasColors { get; init; }

    /// <summary>The width of the terminal in characters; null if it has none or does not tell.</summary>
    public int? Width { get; init; }

    /// <summary>The process's own console.</summary>
    public static ToolConsole OfProcess()
    {
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var output = new StreamWriter(Console.OpenStandardOutput(), encoding, OutputBufferSize);
        var error = new StreamWriter(Console.OpenStandardError(), encoding) { AutoFlush = true };
        bool isTerminal = !Console.IsOutputRedirected;
        return new ToolConsole(output, error)
        {
            IsTerminal = isTerminal,
            HasProgress = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb",
            HasColors = isTerminal && AllowsColors(Environment.GetEnvironmentVariable),
            Width = isTerminal ? WindowWidth() : null,
        };
    }

    /// <summary>Whether the environment allows colours: NO_COLOR is not set to anything, and the terminal is not a dumb one.</summary>
    public static bool AllowsColors(Func<string, string?> environment) =>
        string.IsNullOrEmpty(environment("NO_COLOR")) && environment("TERM") != "dumb";

    /// <inheritdoc/>
    public void Dispose()
    {
        Try(Output.Dispose);
        Try(Error.Dispose);
    }

    /// <summary>Does something that fails where nobody listens any more, which has been told or cannot be.</summary>
    public static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Nobody is left to be told.
        }
    }

    private static int? WindowWidth()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
