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

    /// <summary>Standard output; while a report is made that a pager may show, what holds it until then.</summary>
    public TextWriter Output { get; private set; }

    /// <summary>Standard error.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether a person sees standard output: then lines end before the terminal does.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Whether a person sees standard error: then it has a progress bar while something takes long.</summary>
    public bool HasProgress { get; init; }

    /// <summary>Whether it may have colours too.</summary>
    public bool HasColors { get; set; }

    /// <summary>Whether reports are to have ASCII characters only.</summary>
    public bool IsAscii { get; init; }

    /// <summary>The width of the terminal in characters; null if there is none.</summary>
    public int? Width { get; init; }

    /// <summary>The height of the terminal in lines; null if there is none.</summary>
    public int? Height { get; init; }

    /// <summary>The command that shows what is longer than the terminal; null for none.</summary>
    public string? Pager { get; set; }

    /// <summary>The process's own console.</summary>
    public static ToolConsole OfProcess()
    {
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var output = new StreamWriter(StandardStream.OpenOutput(), encoding, OutputBufferSize);
        var error = new StreamWriter(StandardStream.OpenError(), encoding) { AutoFlush = true };
        Func<string, string?> environment = Environment.GetEnvironmentVariable;
        (int Width, int Height)? window = Console.IsOutputRedirected ? null : TerminalRules.Window(environment);
        return new ToolConsole(output, error)
        {
            IsTerminal = window is not null,
            HasProgress = !Console.IsErrorRedirected && !TerminalRules.IsDumb(environment),
            HasColors = window is not null && TerminalRules.AllowsColors(environment),
            IsAscii = window is not null && TerminalRules.IsAscii(environment),
            Width = window?.Width,
            Height = window?.Height,
            Pager = window is null ? null : TerminalRules.Pager(environment),
        };
    }

    /// <summary>Does something whose output a pager shows if it is longer than the terminal.</summary>
    /// <param name="work">What; whatever it wrote before it failed is shown, too.</param>
    public T Paged<T>(Func<T> work)
    {
        if (Pager is not { } pager || Height is not { } height || Width is not { } width)
            return work();
        TextWriter terminal = Output;
        using var held = new StringWriter();
        Output = held;
        try
        {
            return work();
        }
        finally
        {
            Output = terminal;
            string text = held.ToString();
            terminal.Flush();
            if (!PagerProcess.IsLonger(text, width, height) || !PagerProcess.TryShow(text, pager))
                terminal.Write(text);
        }
    }

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
}
