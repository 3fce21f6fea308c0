using System.CommandLine;
using BootProtocol.Cli.Documentation;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto completion SHELL</c>: what a shell needs to complete the tool's command lines.</summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, Action<IReadOnlyList<CommandEntry>, TextWriter>> _shells = new(StringComparer.Ordinal)
    {
        ["bash"] = BashCompletion.Write,
        ["zsh"] = ZshCompletion.Write,
        ["fish"] = FishCompletion.Write,
    };

    /// <summary>The command, for a console.</summary>
    /// <param name="root">The tool, whose command lines are to be completed.</param>
    /// <param name="console">Where it writes.</param>
    public static Command Create(Command root, ToolConsole console)
    {
        var shell = new Argument<string>("SHELL") { Description = "The shell: bash, zsh or fish." };
        shell.AcceptOnlyFromAmong([.. _shells.Keys]);
        var command = new Command(
            "completion",
            "Write the completion of these command lines for a shell. It is used by 'source <(bootproto completion bash)' in ~/.bashrc, "
            + "the same with zsh in ~/.zshrc behind compinit, 'bootproto completion fish | source' in config.fish.")
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            _shells[parsed.GetValue(shell)!]([.. CommandEntry.All(root)], console.Output);
            return ExitCode.Done;
        });
        return command;
    }
}
