using System.CommandLine;
using BootProtocol.Cli.LanguageServer;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto language-server</c>: what an editor shows of spec files while they are written.</summary>
internal static class LanguageServerCommand
{
    /// <summary>The command. It speaks with the editor by standard input and output.</summary>
    public static Command Create()
    {
        var command = new Command(
            "language-server",
            "Serve an editor that has spec files open, by the language server protocol. Messages, docs with offsets, definitions and completion "
            + "go over standard input and output. Editors start it themselves.");
        command.SetAction(static _ =>
        {
            using var input = new BufferedStream(Console.OpenStandardInput());
            using Stream output = StandardStream.OpenOutput();
            return new SpecServer(input, output).Run() == ExitCode.Done
                ? ExitCode.Done
                : throw new ToolException(ExitCode.BadInput, "the editor ended the dialogue without the message 'shutdown'");
        });
        return command;
    }
}
