using System.CommandLine;
using BootProtocol.Cli.Documentation;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto man</c>: the manual page, made of the commands' own help.</summary>
internal static class ManCommand
{
    /// <summary>The command, for a console.</summary>
    /// <param name="root">The tool.</param>
    /// <param name="console">Where it writes.</param>
    public static Command Create(Command root, ToolConsole console)
    {
        var command = new Command("man", "Write the manual page: 'bootproto man | man -l -' shows it; as bootproto.1 in a folder man1 it is found by man.");
        command.SetAction(_ =>
        {
            ManPage.Write([.. CommandEntry.All(root)], ToolVersion.Number, console.Output);
            return ExitCode.Done;
        });
        return command;
    }
}
