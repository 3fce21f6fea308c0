using System.CommandLine;
using BootProtocol.Cli.Reports;

namespace BootProtocol.Cli.Documentation;

/// <summary>Writes the tool's manual page (section 1) in the macros that <c>man</c> reads.</summary>
internal static class ManPage
{
    private const int LineLength = 78;

    private static readonly (string Term, string Text)[] _exitCodes =
    [
        ("0", "Done. For diff --exit-code: the images are the same."),
        ("1", "The input is bad, or an output takes nothing: one line on standard error says what, where, and what was expected. "
            + "For diff --exit-code: the images differ."),
        ("2", "The command line is wrong."),
        ("3", "Something that the command needs is missing on this machine."),
        ("4", "A check found warnings, and nothing worse."),
        ("128 + N", "Signal N ended the command, which left no file and no half-built domain behind."),
    ];

    private static readonly (string Term, string Text)[] _environment =
    [
        ("BOOTPROTO_PAGER, PAGER", "The program that shows what is longer than the terminal, less by default; empty or cat for none."),
        ("LESS, LV", "Set to FRX and -c for the pager unless they are set."),
        ("NO_COLOR", "If it is not empty, there are no colours unless --color says otherwise."),
        ("TERM", "If it is dumb: no colours, no pager, and ASCII characters only."),
        ("LC_ALL, LC_CTYPE, LANG", "The first that is set says which characters the terminal takes: ASCII only unless it names UTF-8."),
        ("TMPDIR", "Where run puts the guest until it has ended."),
    ];

    /// <summary>Writes the page.</summary>
    /// <param name="commands">The tool and its commands.</param>
    /// <param name="version">The tool's version.</param>
    /// <param name="output">Where it goes.</param>
    public static void Write(IReadOnlyList<CommandEntry> commands, string version, TextWriter output)
    {
        CommandEntry tool = commands[0];
        output.Write($".TH BOOTPROTO 1 \"\" {Quote($"bootproto {version}")} \"User Commands\"\n.SH NAME\nbootproto \\- ");
        output.Write($"{Text(LowerStart(tool.Command.Description!).TrimEnd('.'))}\n.SH SYNOPSIS\n");
        CommandEntry[] leaves = [.. commands.Where(static command => command.Command.Subcommands.Count == 0)];
        output.Write(string.Join("\n.br\n", leaves.Select(static command => $".B bootproto {Escape(command.Name)}\n{Arguments(command)}")));
        output.Write("\n.SH COMMANDS\n");
        foreach (CommandEntry command in leaves)
            Write(command, tool, output);
        output.Write(".SH OPTIONS\nAll commands have these.\n");
        foreach (Option option in tool.Options)
            Write(option, output);
        Write("EXIT STATUS", _exitCodes, output);
        Write("ENVIRONMENT", _environment, output);
    }

    private static void Write(CommandEntry command, CommandEntry tool, TextWriter output)
    {
        output.Write($".SS {Quote($"bootproto {command.Name}")}\n{Text(command.Command.Description!)}\n");
        foreach (Argument argument in command.Command.Arguments)
            output.Write($".TP\n.I {Escape(argument.Name)}\n{Text(argument.Description!)}\n");
        foreach (Option option in command.Options.Except(tool.Options).Where(static option => option is not System.CommandLine.Help.HelpOption))
            Write(option, output);
    }

    private static void Write(Option option, TextWriter output)
    {
        string names = string.Join("\\fR, \\fB", CommandEntry.Names(option).Select(Escape));
        string value = CommandEntry.ValueName(option) is { Length: > 0 } name ? $" \\fI{Escape(name)}\\fR" : "";
        output.Write($".TP\n\\fB{names}\\fR{value}\n{Text(option.Description!)}\n");
    }

    private static void Write(string title, IEnumerable<(string Term, string Text)> rows, TextWriter output)
    {
        output.Write($".SH {Quote(title)}\n");
        foreach ((string term, string text) in rows)
            output.Write($".TP\n.B {Escape(term)}\n{Text(text)}\n");
    }

    private static string Arguments(CommandEntry command)
    {
        IEnumerable<string> arguments = command.Command.Arguments.Select(static argument =>
        {
            string text = $"\\fI{Escape(argument.Name)}\\fR{(argument.Arity.MaximumNumberOfValues > 1 ? "..." : "")}";
            return argument.Arity.MinimumNumberOfValues == 0 ? $"[{text}]" : text;
        });
        IEnumerable<string> required = command.Command.Options.Where(static option => option.Required)
            .Select(static option => $"\\fB{Escape(CommandEntry.Names(option).First())}\\fR \\fI{Escape(CommandEntry.ValueName(option))}\\fR");
        return string.Join(' ', [.. arguments, .. required, "[\\fIOPTION\\fR...]"]);
    }

    private static string LowerStart(string text) => $"{char.ToLowerInvariant(text[0])}{text[1..]}";

    /// <summary>A paragraph, each sentence in lines of its own; a line that starts like a command does not stay one.</summary>
    private static string Text(string text)
    {
        IEnumerable<string> lines = Escape(text).Replace(". ", ".\n", StringComparison.Ordinal).Split('\n')
            .SelectMany(static sentence => TextWrap.Split(sentence, LineLength));
        return string.Join('\n', lines.Select(static line => line.StartsWith('.') || line.StartsWith('\'') ? $"\\&{line}" : line));
    }

    private static string Quote(string text) => $"\"{Escape(text).Replace("\"", "\\(dq", StringComparison.Ordinal)}\"";

    /// <summary>Backslashes begin commands; hyphens and quotes are to stay those of the keyboard.</summary>
    private static string Escape(string text) => text
        .Replace("\\", "\\e", StringComparison.Ordinal)
        .Replace("-", "\\-", StringComparison.Ordinal)
        .Replace("'", "\\(aq", StringComparison.Ordinal)
        .Replace("~", "\\(ti", StringComparison.Ordinal)
        .Replace("^", "\\(ha", StringComparison.Ordinal);
}
