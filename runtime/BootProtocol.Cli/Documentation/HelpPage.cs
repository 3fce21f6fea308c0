using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace BootProtocol.Cli.Documentation;

/// <summary>
/// The help of a command: its whole description, and of each command under it the first sentence, so that a list of commands stays a list.
/// </summary>
/// <param name="width">The columns that lines may take, or null for as long as they are.</param>
internal sealed class HelpPage(int? width) : SynchronousCommandLineAction
{
    private readonly HelpAction _page = new() { MaxWidth = width ?? int.MaxValue };

    /// <inheritdoc/>
    public override bool ClearsParseErrors => _page.ClearsParseErrors;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        foreach (Command command in parseResult.CommandResult.Command.Subcommands)
            command.Description = FirstSentence(command.Description!);
        return _page.Invoke(parseResult);
    }

    private static string FirstSentence(string text)
    {
        int end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text : text[..(end + 1)];
    }
}
