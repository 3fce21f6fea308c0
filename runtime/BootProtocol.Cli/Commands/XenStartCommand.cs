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
    /// <summary>Xen itself has no more.</summary>
    private const uint MostVCpus = 8192;

    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var domain = new DomainOptions();
        var name = new Option<string?>("--name") { Description = "The domain's name; unless told, bootproto and its number.", HelpName = "NAME" };
        var vcpus = new Option<uint>("--vcpus")
        {
            Description = "Virtual CPUs, at least 1.",
            HelpName = "N",
            DefaultValueFactory = static _ => 1,
        };
        var devices = new DeviceOptions();
        var withConsole = new Option<bool>("--console") { Description = "Show the domain's console until it ends. Ctrl-C detaches." };
        var paused = new Option<bool>("--paused") { Description = "Leave it paused, as it is before its first instruction." };
        var destroy = new Option<bool>("--destroy-on-exit") { Description = "Destroy the domain when this command ends." };
        var command = new Command(
            "start",
            "Build a PV domain and start it. Where no xenstored runs, this command answers the domain's requests, and stays until it ends.");
        domain.AddXenTo(command);
        command.Add(name);
        command.Add(vcpus);
        devices.AddTo(command);
        foreach (Option option in new Option[] { withConsole, paused, destroy })
            command.Add(option);
        command.SetAction(parsed => Interruption.During(interruption => Run(
            domain.Read(parsed),
            parsed.GetValue(vcpus),
            parsed.GetValue(name),
            devices.Read(parsed),
            parsed.GetValue(withConsole),
            parsed.GetValue(paused),
            parsed.GetValue(destroy),
            console,
            interruption.Token)));
        return command;
    }

    private static int Run(
        DomainRequest request,
        uint vcpus,
        string? name,
        DeviceRequest devices,
        bool withConsole,
        bool isPaused,
        bool destroyAtEnd,
        ToolConsole console,
        CancellationToken interruption)
    {
        if (vcpus is < 1 or > MostVCpus)
            throw new ToolException(ExitCode.Usage, $"--vcpus: expected 1 to {MostVCpus}, found '{vcpus}'");
        ControlPlace place = ControlPlace.Machine;
        using Hypervisor hypervisor = Hypervisor.Open();
        using var started = StartedDomain.Create(hypervisor, place, request, vcpus, name, devices, console, interruption);
        XenDomain domain = started.Built.Domain;
        using ConsoleSession? session = ControlledDomain.OrDestroy(place, domain, () => Begin(started, withConsole, isPaused, console, interruption));
        ControlledDomain.Use(place, domain, destroyAtEnd, () =>
        {
            if (session is not null)
                session.Run(console.Output, interruption);
            else if (started.Store is not null)
                domain.WaitForEnd(interruption);
        });
        return started.Store?.Failure is { } failure
            ? throw new ToolException(ExitCode.BadInput, $"domain {domain.Id}: {failure.Message}")
            : ExitCode.Done;
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
