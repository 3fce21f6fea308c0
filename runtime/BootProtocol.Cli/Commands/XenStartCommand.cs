using System.CommandLine;
using BootProtocol.Cli.Control;
using BootProtocol.Specs;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto xen start [IMAGE]</c>: builds a domain in the frames of this machine's Xen, and starts it.</summary>
internal static class XenStartCommand
{
    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var options = new XenStartOptions();
        var withConsole = new Option<bool>("--console") { Description = "Show the domain's console until it ends. Ctrl-C detaches." };
        var paused = new Option<bool>("--paused") { Description = "Leave it paused, as it is before its first instruction." };
        var destroy = new Option<bool>("--destroy-on-exit") { Description = "Destroy the domain when this command ends." };
        var command = new Command(
            "start",
            "Build a PV or PVH domain and start it. Where no xenstored runs, this command answers the domain's requests, and stays until it ends.");
        options.AddTo(command);
        foreach (Option option in new Option[] { withConsole, paused, destroy })
            command.Add(option);
        command.SetAction(parsed => Interruption.During(interruption =>
        {
            StartRequest request = options.Read(parsed, console);
            ControlPlace place = ControlPlace.Machine;
            using Hypervisor hypervisor = Hypervisor.Open();
            bool isRestarted;
            do
            {
                using var started = StartedDomain.Create(hypervisor, place, request, console, interruption.Token);
                isRestarted = Run(
                    started,
                    place,
                    request.Ends,
                    parsed.GetValue(withConsole),
                    parsed.GetValue(paused),
                    parsed.GetValue(destroy),
                    console,
                    interruption.Token);
            }
            while (isRestarted);
            return ExitCode.Done;
        }));
        return command;
    }

    /// <summary>Starts a domain, and waits for its end where somebody is to; whether it is to be built anew.</summary>
    private static bool Run(
        StartedDomain started,
        ControlPlace place,
        EndActions ends,
        bool withConsole,
        bool isPaused,
        bool destroyAtEnd,
        ToolConsole console,
        CancellationToken interruption)
    {
        XenDomain domain = started.Built.Domain;
        using ConsoleSession? session = ControlledDomain.OrDestroy(place, domain, () => Begin(started, withConsole, isPaused, console, interruption));
        EndAction action = EndAction.None;
        ControlledDomain.Use(place, domain, destroyAtEnd, () =>
        {
            if (session is not null)
                session.Run(console.Output, interruption);
            else if (started.Store is not null || ends.IsAny)
                domain.WaitForEnd(interruption);
            action = ends.Of(domain);
        });
        if (!destroyAtEnd && action is (EndAction.Destroy or EndAction.Restart))
            ControlledDomain.Destroy(place, domain);
        if (started.Store?.Failure is { } failure)
            throw new ToolException(ExitCode.BadInput, $"domain {domain.Id}: {failure.Message}");
        return action == EndAction.Restart && !interruption.IsCancellationRequested;
    }

    /// <summary>Starts a domain: the last step whose failure is its end.</summary>
    private static ConsoleSession? Begin(
        StartedDomain started, bool withConsole, bool isPaused, ToolConsole console, CancellationToken interruption)
    {
        XenDomain domain = started.Built.Domain;
        ConsoleSession? session = withConsole ? ConsoleSession.Open(domain, started.Built.Console) : null;
        try
        {
            console.Output.Write($"domain {domain.Id} ({SpecText.Printable(started.Name)}): {(isPaused ? "paused" : "started")}\n");
            console.Output.Flush();
            interruption.ThrowIfCancellationRequested();
            if (!isPaused)
                domain.Unpause();
            return session;
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }
}
