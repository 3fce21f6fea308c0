using System.CommandLine;

namespace BootProtocol.Cli.Documentation;

/// <summary>Writes the completion of the tool's command line for bash.</summary>
internal static class BashCompletion
{
    private const string Start =
        """
        # Completion of bootproto for bash, written by 'bootproto completion bash'.
        _bootproto() {
            local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD-1]} path= word
            # What stands behind '=' is a word of its own here.
            if [[ $current == '=' ]]; then
                current=
            elif [[ $option == '=' ]]; then
                option=${COMP_WORDS[COMP_CWORD-2]}
            fi
            COMPREPLY=()
            for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                case "$path $word" in

        """;

    private const string Middle =
        """
                esac
            done
            case "$path $option" in

        """;

    private const string End =
        """
        }
        complete -F _bootproto bootproto

        """;

    /// <summary>Writes it.</summary>
    public static void Write(IReadOnlyList<CommandEntry> commands, TextWriter output)
    {
        output.Write(Start);
        foreach (CommandEntry command in commands.Where(static command => command.Path.Count > 0))
            output.Write($"            ' {command.Name}') path='{Prefix(command)}' ;;\n");
        output.Write(Middle);
        foreach (CommandEntry command in commands)
        {
            foreach (Option option in command.Options.Where(static option => !CommandEntry.IsSwitch(option)))
            {
                string pattern = string.Join('|', CommandEntry.Names(option).Select(name => $"'{Prefix(command)} {name}'"));
                output.Write($"        {pattern}) {Reply([option])}; return ;;\n");
            }
        }

        output.Write("    esac\n    case \"$path\" in\n");
        foreach (CommandEntry command in commands)
        {
            output.Write($"        '{Prefix(command)}')\n            if [[ $current == -* ]]; then\n");
            string options = string.Join(' ', command.Options.SelectMany(CommandEntry.Names));
            output.Write($"                COMPREPLY=($(compgen -W '{options}' -- \"$current\"))\n            else\n");
            output.Write($"                {Reply([.. command.Command.Arguments, .. command.Command.Subcommands])}\n            fi ;;\n");
        }

        output.Write("    esac\n");
        output.Write(End);
    }

    private static string Prefix(CommandEntry command) => command.Path.Count == 0 ? "" : $" {command.Name}";

    private static string Reply(IReadOnlyList<Symbol> symbols)
    {
        string words = string.Join(' ', symbols.SelectMany(static symbol => symbol is Command command ? [command.Name] : CommandEntry.Values(symbol)));
        if (words.Length > 0)
            return $"COMPREPLY=($(compgen -W '{words}' -- \"$current\"))";
        return symbols.Any(CommandEntry.IsFile) ? "compopt -o filenames 2> /dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$current\")" : ":";
    }
}
