using System.CommandLine;
using System.CommandLine.Parsing;
using BootProtocol.Cli.Commands;
using BootProtocol.Specs;
using BootProtocol.Xen;

namespace BootProtocol.Cli;

/// <summary>The tool from its arguments to its exit code.</summary>
internal static class CommandLineTool
{
    /// <summary>Runs a command.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="console">Where it writes.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> arguments, ToolConsole console)
    {
        (IReadOnlyList<string> own, IReadOnlyList<string> more) = Split(arguments);
        var root = new RootCommand(
            "Reads x86 kernel images, builds and starts guests with them, and shows the structures of their boot protocols.")
        {
            InspectCommand.Create(console),
            NotesCommand.Create(console),
            ExtractCommand.Create(console),
            DiffCommand.Create(console),
            BuildCommand.Create(console),
            RunCommand.Create(console, more),
            VerifyCommand.Create(console),
            LayoutCommand.Create(console),
            XenCommand.Create(console),
        };

        // No argument is a file with more of them: texts that begin with @ are texts.
        ParseResult parsed = root.Parse(own, new ParserConfiguration { ResponseFileTokenReplacer = null });
        try
        {
            if (parsed.Errors.Count > 0)
                throw new ToolException(ExitCode.Usage, Complaint(parsed));
            var configuration = new InvocationConfiguration
            {
                Output = console.Output,
                Error = console.Error,
                EnableDefaultExceptionHandler = false,
            };
            int exitCode = parsed.Invoke(configuration);
            console.Output.Flush();
            return exitCode;
        }
        catch (ToolException exception)
        {
            return Fail(console, exception.ExitCode, exception.Message);
        }
        catch (XenUnavailableException exception)
        {
            return Fail(console, ExitCode.Missing, exception.Message);
        }
        catch (Exception exception) when (exception is XenException or BootFormatException)
        {
            return Fail(console, ExitCode.BadInput, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Files that somebody named are told by those who open them.
            return Fail(console, ExitCode.BadInput, $"standard output cannot be written: {exception.Message}");
        }
        catch (OutOfMemoryException)
        {
            return Fail(console, ExitCode.Missing, "there is not enough memory for what the image asks for");
        }
    }

    /// <summary>Arguments of another program behind a separator are none of ours.</summary>
    private static (IReadOnlyList<string> Own, IReadOnlyList<string> More) Split(IReadOnlyList<string> arguments)
    {
        int separator = arguments is [RunCommand.Name, ..] ? arguments.ToList().IndexOf(RunCommand.Separator) : -1;
        return separator < 0 ? (arguments, []) : ([.. arguments.Take(separator)], [.. arguments.Skip(separator + 1)]);
    }

    private static int Fail(ToolConsole console, int exitCode, string message)
    {
        // Names of files and texts from images may hold line ends and terminal commands; this stays one plain line.
        ToolConsole.Try(console.Output.Flush);
        ToolConsole.Try(() => console.Error.Write($"error: {SpecText.Printable(message)}\n"));
        return exitCode;
    }

    private static string Complaint(ParseResult parsed)
    {
        string command = "";
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult { Command: not RootCommand } inner; result = inner.Parent)
            command = $" {inner.Command.Name}{command}";

        // A word that is no command says more than that one is missing. Types of the language say nothing, nor do line ends.
        string message = parsed.UnmatchedTokens is [var unknown, ..] && parsed.CommandResult.Command.Subcommands.Count > 0
            ? $"Unrecognized {(unknown.StartsWith('-') ? "option" : "command")} '{unknown}'"
            : parsed.Errors[0].Message;
        int type = message.IndexOf(" as expected type ", StringComparison.Ordinal);
        message = (type < 0 ? message : message[..type]).ReplaceLineEndings("").Replace("\t", " ", StringComparison.Ordinal);
        return $"{message.TrimEnd('.')}; see 'bootproto{command} --help'";
    }
}
