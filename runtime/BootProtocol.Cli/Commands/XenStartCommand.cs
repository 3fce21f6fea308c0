using System.CommandLine;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Control;
using BootProtocol.Specs;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto xen start [IMAGE]</c>: builds a PV domain in the frames of this machine's Xen, and starts it.</summary>
internal static class XenStartCommand
{
    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var domain = new DomainOptions();
        var name = new Option<string?>("--name") { Description = "The domain's name; unless told, bootproto and its number.", HelpName = "NAME" };
        var withConsole = new Option<bool>("--console") { Description = "Show the domain's console until it ends. Ctrl-C detaches." };
        var paused = new Option<bool>("--paused") { Description = "Leave it paused, as it is before its first instruction." };
        var destroy = new Option<bool>("--destroy-on-exit") { Description = "Destroy the domain when this command ends." };
        var command = new Command(
            "start",
            "Build a PV domain and start it. Where no xenstored runs, this command answers the domain's requests, and stays until it ends.");
        domain.AddXenTo(command);
        foreach (Option option in new Option[] { name, withConsole, paused, destroy })
            command.Add(option);
        command.SetAction(parsed =>
            Run(domain.Read(parsed), parsed.GetValue(name), parsed.GetValue(withConsole), parsed.GetValue(paused), parsed.GetValue(destroy), console));
        return command;
    }

    private static int Run(
        DomainRequest request, string? name, bool withConsole, bool isPaused, bool destroyAtEnd, ToolConsole console)
    {
        using Hypervisor hypervisor = Hypervisor.Open();
        using var started = StartedDomain.Create(hypervisor, request, name, console);
        XenDomain domain = started.Built.Domain;
        try
        {
            console.Output.Write($"domain {domain.Id} ({SpecText.Printable(started.Name)}): {(isPaused ? "paused" : "started")}\n");
            console.Output.Flush();
            if (!isPaused)
                domain.Unpause();
            if (withConsole)
                ConsoleSession.Run(domain, started.Built.Console, console);
            else if (started.Store is not null)
                WaitForEnd(domain);
        }
        catch
        {
            ControlledDomain.Destroy(domain);
            throw;
        }

        if (destroyAtEnd)
            ControlledDomain.Destroy(domain);
        return started.Store?.Failure is { } failure
            ? throw new ToolException(ExitCode.BadInput, $"domain {domain.Id}: {failure.Message}")
            : ExitCode.Done;
    }

    private static void WaitForEnd(XenDomain domain)
    {
        using var interruption = new Interruption();
        domain.WaitForEnd(interruption.Token);
    }
}
