using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using BootProtocol.Cli.Commands;
using BootProtocol.Cli.Documentation;
using BootProtocol.Cli.OwnSpecs;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Kexec;
using BootProtocol.Kvm;
using BootProtocol.Repack;
using BootProtocol.Specs;
using BootProtocol.Xen;

namespace BootProtocol.Cli;

/// <summary>The tool from its arguments to its exit code.</summary>
internal static class CommandLineTool
{
    /// <summary>The commands whose output a pager may show.</summary>
    private static readonly string[] _reports = ["inspect", "notes", "symbols", "diff", "build", "verify", "check", "layout", "dump", "list"];

    /// <summary>Runs a command.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="console">Where it writes.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> arguments, ToolConsole console)
    {
        int separator = arguments.ToList().IndexOf(RunCommand.Separator);
        IReadOnlyList<string> own = separator < 0 ? arguments : [.. arguments.Take(separator)];
        IReadOnlyList<string> behind = separator < 0 ? [] : [.. arguments.Skip(separator + 1)];
        RootCommand root = CreateRoot(console, behind);

        // Those of another program are none of ours; the others are no options, even if they look so.
        if (own.FirstOrDefault(word => root.Subcommands.Any(command => command.Name == word)) != RunCommand.Name)
            own = [.. own, .. behind.Select(AsFile)];
        var terminal = new TerminalOptions();
        terminal.AddTo(root);

        // No argument is a file with more of them: texts that begin with @ are texts.
        ParseResult parsed = root.Parse(own, new ParserConfiguration { ResponseFileTokenReplacer = null });
        try
        {
            ArgumentRules.RefuseOtherBytes(arguments);
            if (FlagComplaint(parsed, own) is { } complaint)
                throw new ToolException(ExitCode.Usage, complaint);
            if (parsed.Errors.Count > 0)
                throw new ToolException(ExitCode.Usage, Complaint(parsed));
            if (OptionWithoutValue(parsed) is { } option)
                throw new ToolException(ExitCode.Usage, $"Required argument missing for option: '{option.Name}'; {Help(parsed)}");
            var configuration = new InvocationConfiguration
            {
                Error = console.Error,
                EnableDefaultExceptionHandler = false,
            };
            terminal.Apply(parsed, console);
            int exitCode = IsReport(parsed) ? console.Paged(Invoke) : Invoke();
            console.Output.Flush();
            return exitCode;

            int Invoke()
            {
                configuration.Output = console.Output;
                return parsed.Invoke(configuration);
            }
        }
        catch (ToolException exception)
        {
            return Fail(console, exception.ExitCode, exception.Message);
        }
        catch (SpecFileException exception)
        {
            // As compilers write them, for editors to find the places.
            Complain(console, exception.Lines);
            return ExitCode.BadInput;
        }
        catch (Exception exception) when (
            exception is XenUnavailableException or KvmUnavailableException or KexecUnavailableException or PackerUnavailableException)
        {
            return Fail(console, ExitCode.Missing, exception.Message);
        }
        catch (Exception exception) when (exception is XenException or KvmException or KexecException or BootException)
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

    private static RootCommand CreateRoot(ToolConsole console, IReadOnlyList<string> more)
    {
        var root = new RootCommand(
            "Reads x86 kernel images, builds and starts guests with them, and shows the structures of their boot protocols.")
        {
            InspectCommand.Create(console),
            NotesCommand.Create(console),
            SymbolsCommand.Create(console),
            ExtractCommand.Create(console),
            RepackCommand.Create(console),
            DiffCommand.Create(console),
            BuildCommand.Create(console),
            RunCommand.Create(console, more),
            VerifyCommand.Create(console),
            CheckCommand.Create(console),
            LayoutCommand.Create(console),
            DumpCommand.Create(console),
            DocsCommand.Create(console),
            XenCommand.Create(console),
            KexecCommand.Create(console),
            LanguageServerCommand.Create(),
        };
        root.Add(CompletionCommand.Create(root, console));
        root.Add(ManCommand.Create(root, console));
        ToolVersion.AddTo(root);
        root.Options.OfType<HelpOption>().Single().Action = new HelpPage(console.Width);
        return root;
    }

    /// <summary>Whether what a command writes is for reading: not a guest's console, and not part of a dialogue.</summary>
    private static bool IsReport(ParseResult parsed) => parsed.Action is HelpPage || _reports.Contains(parsed.CommandResult.Command.Name);

    /// <summary>A file's name that does not look like an option.</summary>
    private static string AsFile(string argument) =>
        argument.StartsWith('-') && argument != InputFile.Standard ? Path.Combine(".", argument) : argument;

    private static int Fail(ToolConsole console, int exitCode, string message)
    {
        Complain(console, [$"error: {message}"]);
        return exitCode;
    }

    private static void Complain(ToolConsole console, IReadOnlyList<string> lines)
    {
        // Names of files and texts from images may hold line ends and terminal commands; each stays one plain line.
        ToolConsole.Try(console.Output.Flush);
        foreach (string line in lines)
            ToolConsole.Try(() => console.Error.Write($"{SpecText.Printable(line)}\n"));
    }

    private static string Complaint(ParseResult parsed)
    {
        string help = Help(parsed);
        if (UnknownOption(parsed) is { } mistyped)
            return $"Unrecognized option '{mistyped}'; {help}{Hint(mistyped, OptionsOf(parsed).Select(static option => option.Name))}";

        // A word that is no command says more than that one is missing. Types of the language say nothing, nor do line ends.
        if (parsed.UnmatchedTokens is [var unknown, ..] && parsed.CommandResult.Command.Subcommands is { Count: > 0 } commands)
            return $"Unrecognized command '{unknown}'; {help}{Hint(unknown, commands.Select(static other => other.Name))}";
        string message = parsed.Errors[0].Message;
        int type = message.IndexOf(" as expected type ", StringComparison.Ordinal);
        message = (type < 0 ? message : message[..type]).ReplaceLineEndings("").Replace("\t", " ", StringComparison.Ordinal);
        return $"{message.TrimEnd('.')}; {help}";
    }

    /// <summary>
    /// The first word that looks like an option and is none: it was taken for an argument, and the argument that it drove out would be blamed.
    /// </summary>
    private static string? UnknownOption(ParseResult parsed)
    {
        IEnumerable<Token> taken = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(static argument => argument.Tokens);
        return taken.Select(static token => token.Value).Concat(parsed.UnmatchedTokens).FirstOrDefault(ArgumentRules.IsOption);
    }

    /// <summary>
    /// What is wrong with an option that is there or not, and is given a value; null where none is. What follows its sign would be taken for an
    /// argument.
    /// </summary>
    private static string? FlagComplaint(ParseResult parsed, IEnumerable<string> words)
    {
        foreach (string word in words)
        {
            int sign = word.IndexOf('=', StringComparison.Ordinal);
            if (sign < 0 || bool.TryParse(word[(sign + 1)..], out bool _))
                continue;
            string name = word[..sign];
            if (OptionsOf(parsed).Any(option => option.ValueType == typeof(bool) && (option.Name == name || option.Aliases.Contains(name))))
                return $"{name}: expected no value, found '{word[(sign + 1)..]}'; {Help(parsed)}";
        }

        return null;
    }

    /// <summary>An option that is there several times, once without its value, at which the parser does not look; null where none is.</summary>
    private static Option? OptionWithoutValue(ParseResult parsed) => OptionsOf(parsed).FirstOrDefault(option =>
        option.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(option) is { } result && result.IdentifierTokenCount > result.Tokens.Count);

    /// <summary>The options of the command that was given, and those that all have.</summary>
    private static IEnumerable<Option> OptionsOf(ParseResult parsed)
    {
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult inner; result = inner.Parent)
        {
            foreach (Option option in inner.Command.Options)
                yield return option;
        }
    }

    private static string Help(ParseResult parsed)
    {
        string command = "";
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult { Command: not RootCommand } inner; result = inner.Parent)
            command = $" {inner.Command.Name}{command}";
        return $"see 'bootproto{command} --help'";
    }

    private static string Hint(string written, IEnumerable<string> names) => NearName.Hint(NearName.Find(written, names));
}
