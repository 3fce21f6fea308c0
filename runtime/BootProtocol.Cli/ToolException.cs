namespace BootProtocol.Cli;

/// <summary>Ends the command with an exit code and one line on standard error.</summary>
/// <param name="exitCode">One of <see cref="ExitCode"/>, or that of an <see cref="Interruption"/>.</param>
/// <param name="message">The line, without <c>error:</c>.</param>
internal sealed class ToolException(int exitCode, string message) : Exception(message)
{
    /// <summary>The process's exit code.</summary>
    public int ExitCode { get; } = exitCode;
}
