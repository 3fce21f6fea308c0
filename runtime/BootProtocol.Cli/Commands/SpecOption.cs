using System.CommandLine;
using BootProtocol.Cli.OwnSpecs;

namespace BootProtocol.Cli.Commands;

/// <summary>The option by which commands are given spec files.</summary>
internal sealed class SpecOption
{
    /// <summary>The option.</summary>
    public Option<string[]> Option { get; } = new("--spec")
    {
        Description = "A spec file to take in place of the shipped ones, whose types it may use; several may be given.",
        HelpName = "FILE",
    };

    /// <summary>The files that the command line names.</summary>
    public IReadOnlyList<string> Files(ParseResult parsed) => parsed.GetValue(Option) ?? [];

    /// <summary>Reads the files.</summary>
    /// <returns>Their tables, or those of the shipped specs where no file is named.</returns>
    /// <exception cref="ToolException">A file cannot be read.</exception>
    /// <exception cref="SpecFileException">There is a mistake in one.</exception>
    public SpecLibrary Read(ParseResult parsed) => Files(parsed) is { Count: > 0 } files ? SpecFiles.Read(files) : SpecLibrary.Shipped;
}
