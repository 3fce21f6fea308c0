using System.CommandLine;
using BootProtocol.Cli.Kexec;
using BootProtocol.Cli.Reports;
using BootProtocol.Kexec;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto kexec</c>: kernels that take the running one's place.</summary>
internal static class KexecCommand
{
    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console) => new(
        "kexec", "Load and start a kernel that takes the running one's place, or one that runs when this one panics; as root.")
    {
        KexecLoadCommand.Create(console),
        Unload(),
        Status(console),
        Execute(),
    };

    /// <summary>The option that asks for a kernel for panics.</summary>
    /// <param name="description">What it does.</param>
    public static Option<bool> Panic(string description) => new("--panic", "-p") { Description = description };

    /// <summary>What a kernel is for.</summary>
    public static KexecPurpose PurposeOf(bool isPanic) => isPanic ? KexecPurpose.Panic : KexecPurpose.Restart;

    private static Command Unload()
    {
        Option<bool> panic = Panic("Drop the one that runs when this one panics.");
        var command = new Command("unload", "Drop the kernel that is loaded.") { panic };
        command.SetAction(parsed =>
        {
            new KexecLoader(KexecHost.Open()).Unload(PurposeOf(parsed.GetValue(panic)));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Status(ToolConsole console)
    {
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = new Command("status", "Show what is loaded, and what keeps kernels from being loaded.") { json };
        command.SetAction(parsed =>
        {
            var status = KexecStatus.Read(KexecHost.Open());
            if (parsed.GetValue(json))
                status.Write(console.Output);
            else
                ReportPrinter.Print(status.ToReport(), console);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Execute()
    {
        var command = new Command(
            "exec",
            "Write files out and start the kernel that is loaded, at once: programs are not ended and file systems not unmounted. "
            + "'systemctl kexec' does that first.");
        command.SetAction(static _ =>
        {
            new KexecLoader(KexecHost.Open()).Execute();
            return ExitCode.Done;
        });
        return command;
    }
}
