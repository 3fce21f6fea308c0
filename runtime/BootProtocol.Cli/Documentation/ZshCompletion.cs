using System.CommandLine;

namespace BootProtocol.Cli.Documentation;

/// <summary>Writes the completion of the tool's command line for zsh.</summary>
internal static class ZshCompletion
{
    /// <summary>Writes it.</summary>
    public static void Write(IReadOnlyList<CommandEntry> commands, TextWriter output)
    {
        output.Write("#compdef bootproto\n# Completion of bootproto for zsh, written by 'bootproto completion zsh'.\n");
        foreach (CommandEntry command in commands)
            Write(command, output);

        // As a file of $fpath it is the function's body at its first call; read by 'source' it says what completes the tool.
        output.Write("if [ \"$funcstack[1]\" = _bootproto ]; then\n    _bootproto \"$@\"\nelse\n    compdef _bootproto bootproto\nfi\n");
    }

    private static void Write(CommandEntry command, TextWriter output)
    {
        output.Write($"{Function(command.Path)}() {{\n    local state line\n    _arguments -S -C");
        foreach (Option option in command.Options)
        {
            // A name is not offered beside another one of the same option.
            string[] names = [.. CommandEntry.Names(option)];
            string others = option.Arity.MaximumNumberOfValues > 1 ? "*" : names.Length > 1 ? $"({string.Join(' ', names)})" : "";
            foreach (string name in names)
                output.Write($" \\\n        {Quote($"{others}{name}[{Escape(option.Description ?? "")}]{Value(option)}")}");
        }

        foreach (Argument argument in command.Command.Arguments)
            output.Write($" \\\n        {Quote($"{(argument.Arity.MaximumNumberOfValues > 1 ? "*" : "")}:{argument.Name}:{Choice(argument)}")}");
        if (command.Command.Subcommands.Count == 0)
        {
            output.Write("\n}\n");
            return;
        }

        output.Write(" \\\n        '1: :->command' '*:: :->rest'\n    case $state in\n    command)\n        local -a commands=(");
        foreach (Command below in command.Command.Subcommands)
            output.Write($"\n            {Quote($"{below.Name}:{below.Description}")}");
        output.Write("\n        )\n        _describe command commands ;;\n    rest)\n        case $line[1] in");
        foreach (Command below in command.Command.Subcommands)
            output.Write($"\n        {below.Name}) {Function([.. command.Path, below.Name])} ;;");
        output.Write("\n        esac ;;\n    esac\n}\n");
    }

    private static string Function(IEnumerable<string> path) => string.Join('_', path.Prepend("_bootproto"));

    private static string Value(Option option) =>
        CommandEntry.IsSwitch(option) ? "" : $":{Escape(option.HelpName ?? "value")}:{Choice(option)}";

    private static string Choice(Symbol symbol)
    {
        IReadOnlyList<string> values = CommandEntry.Values(symbol);
        return values.Count > 0 ? $"({string.Join(' ', values)})" : CommandEntry.IsFile(symbol) ? "_files" : " ";
    }

    /// <summary>Characters that divide the parts of a description.</summary>
    private static string Escape(string text)
    {
        foreach (string special in (string[])["\\", "[", "]", ":"])
            text = text.Replace(special, $"\\{special}", StringComparison.Ordinal);
        return text;
    }

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
