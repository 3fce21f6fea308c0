using System.CommandLine;

namespace BootProtocol.Cli.Documentation;

/// <summary>Writes the completion of the tool's command line for fish.</summary>
internal static class FishCompletion
{
    private const string Start =
        """
        # Completion of bootproto for fish, written by 'bootproto completion fish'.
        function __bootproto_at
            set -l words (commandline -opc)
            set -l path ''
            for word in $words[2..-1]
                switch "$path $word"
                    case

        """;

    private const string Middle =
        """
                        set path "$path $word"
                end
            end
            test "$path" = "$argv[1]"
        end
        complete -c bootproto -f

        """;

    /// <summary>Writes it.</summary>
    public static void Write(IReadOnlyList<CommandEntry> commands, TextWriter output)
    {
        output.Write(Start.TrimEnd());
        foreach (CommandEntry command in commands.Where(static command => command.Path.Count > 0))
            output.Write($" {Quote($" {command.Name}")}");
        output.Write($"\n{Middle}");
        foreach (CommandEntry command in commands)
            Write(command, output);
    }

    private static void Write(CommandEntry command, TextWriter output)
    {
        string at = Quote($"__bootproto_at '{(command.Path.Count == 0 ? "" : $" {command.Name}")}'");
        string start = $"complete -c bootproto -n {at}";
        foreach (Command below in command.Command.Subcommands)
            output.Write($"{start} -a {Quote(below.Name)} -d {Quote(Summary(below))}\n");
        foreach (Argument argument in command.Command.Arguments)
        {
            IReadOnlyList<string> values = CommandEntry.Values(argument);
            if (values.Count > 0)
                output.Write($"{start} -a {Quote(string.Join(' ', values))}\n");
            else if (CommandEntry.IsFile(argument))
                output.Write($"{start} -F\n");
        }

        foreach (Option option in command.Options)
        {
            string names = string.Concat(CommandEntry.Names(option).Select(
                static name => name.StartsWith("--", StringComparison.Ordinal) ? $" -l {name[2..]}" : $" -s {name[1..]}"));
            output.Write($"{start}{names}{Value(option)} -d {Quote(Summary(option))}\n");
        }
    }

    private static string Value(Option option)
    {
        if (CommandEntry.IsSwitch(option))
            return "";
        IReadOnlyList<string> values = CommandEntry.Values(option);
        return values.Count > 0 ? $" -x -a {Quote(string.Join(' ', values))}" : CommandEntry.IsFile(option) ? " -r -F" : " -x";
    }

    private static string Summary(Symbol symbol) => symbol.Description ?? "";

    private static string Quote(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
