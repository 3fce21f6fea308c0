using System.CommandLine;
using System.Globalization;
using BootProtocol.Cli.OwnSpecs;
using BootProtocol.Cli.Reference;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto docs -o DIR</c>: a page for every structure of the specs.</summary>
internal static class DocsCommand
{
    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var directory = new Option<string>("--output", "-o")
        {
            Description = "The directory to write: a new or an empty one, or one of an earlier run, whose files are replaced.",
            HelpName = "DIR",
            Required = true,
        };
        var spec = new SpecOption();
        var command = new Command("docs", "Write a page in Markdown for every structure, with a drawing of its layout, and for what it uses.")
        {
            directory, spec.Option,
        };
        command.SetAction(parsed =>
        {
            SpecLibrary library = spec.Read(parsed);
            string path = parsed.GetValue(directory)!;
            ReferencePage[] pages = [.. ReferencePages.Create(library)];
            ReferenceFiles.Write(path, pages);
            console.Output.Write(string.Create(CultureInfo.InvariantCulture, $"{SpecText.Printable(path)}: {pages.Length} files\n"));
            return ExitCode.Done;
        });
        return command;
    }
}
