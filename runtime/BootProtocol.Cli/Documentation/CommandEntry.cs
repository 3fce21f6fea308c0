using System.CommandLine;
using System.CommandLine.Completions;

namespace BootProtocol.Cli.Documentation;

/// <summary>A command of the tool, as completion and manual describe it: all of that comes from the command itself.</summary>
/// <param name="Path">The names that lead to it, without the tool's own.</param>
/// <param name="Command">The command.</param>
/// <param name="Options">Its options in order, with those that it has from the commands above it.</param>
internal sealed record CommandEntry(IReadOnlyList<string> Path, Command Command, IReadOnlyList<Option> Options)
{
    /// <summary>Names of values that are files or folders.</summary>
    private static readonly string[] _files = ["FILE", "IMAGE", "RANGE|FILE", "DIR", "DIR|FILE", "FILE[,ro]", "PATH[,ro]"];

    /// <summary>Its names, separated by blanks; empty for the tool itself.</summary>
    public string Name => string.Join(' ', Path);

    /// <summary>Lists a command and all below it, each before those that it has.</summary>
    public static IEnumerable<CommandEntry> All(Command root) => All(root, [], []);

    /// <summary>Whether an option stands alone.</summary>
    public static bool IsSwitch(Option option) => option.ValueType == typeof(bool) || option.ValueType == typeof(void);

    /// <summary>An option's names, the short ones first; those of other systems, and what a shell would take for a pattern, are left out.</summary>
    public static IEnumerable<string> Names(Option option) => option.Aliases.Append(option.Name)
        .Where(static name => name.StartsWith('-') && !name.Contains('?', StringComparison.Ordinal))
        .OrderBy(static name => name.Length);

    /// <summary>What an option's value is called; empty for a switch.</summary>
    public static string ValueName(Option option) => IsSwitch(option) ? "" : option.HelpName ?? string.Join('|', Values(option));

    /// <summary>The values that an option or an argument can have, where these are few; else empty.</summary>
    public static IReadOnlyList<string> Values(Symbol symbol) => symbol is Option option && IsSwitch(option)
        ? []
        : [.. symbol.GetCompletions(CompletionContext.Empty).Select(static item => item.Label)];

    /// <summary>Whether a value is a file's or a folder's name.</summary>
    public static bool IsFile(Symbol symbol) => _files.Contains(symbol is Option option ? option.HelpName : symbol.Name);

    private static IEnumerable<CommandEntry> All(Command command, IReadOnlyList<string> path, IReadOnlyList<Option> inherited)
    {
        yield return new CommandEntry(path, command, [.. command.Options.Where(static option => !option.Hidden), .. inherited]);
        IReadOnlyList<Option> handedOn = [.. command.Options.Where(static option => option.Recursive && !option.Hidden), .. inherited];
        foreach (Command below in command.Subcommands.Where(static below => !below.Hidden))
        {
            foreach (CommandEntry entry in All(below, [.. path, below.Name], handedOn))
                yield return entry;
        }
    }
}
