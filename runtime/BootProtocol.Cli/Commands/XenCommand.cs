using System.Collections.Immutable;
using System.CommandLine;
using BootProtocol.Cli.Control;
using BootProtocol.Cli.Reports;
using BootProtocol.Memory;
using BootProtocol.Verify;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto xen</c>: domains of the Xen that this machine's control domain runs on.</summary>
internal static class XenCommand
{
    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console) => new(
        "xen", "Start, look at, talk to, pause, end and destroy domains of Xen; in its control domain, as root.")
    {
        XenStartCommand.Create(console),
        List(console),
        Talk(console),
        Inspect(console),
        Act("pause", "Stop a domain; counts.", static domain => domain.Pause()),
        Act("unpause", "Undo one pause; a domain that was started paused has one.", static domain => domain.Unpause()),
        Act("shutdown", "Ask a domain to switch itself off.", static domain => ControlledDomain.Ask(ControlPlace.Machine, domain, "poweroff")),
        Act("reboot", "Ask a domain to restart, with which it ends.", static domain => ControlledDomain.Ask(ControlPlace.Machine, domain, "reboot")),
        Act("destroy", "End a domain at once, and free its memory.", static domain => ControlledDomain.Destroy(ControlPlace.Machine, domain)),
    };

    private static Command List(ToolConsole console)
    {
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = new Command("list", "Show Xen's version and its domains.") { json };
        command.SetAction(parsed =>
        {
            using Hypervisor hypervisor = Hypervisor.Open();
            DomainList list = DomainList.Read(hypervisor, ControlPlace.Machine);
            if (parsed.GetValue(json))
                DomainListJson.Write(list, console.Output);
            else
                ReportPrinter.Print(DomainListReport.Create(list), console);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Talk(ToolConsole console)
    {
        Argument<ushort> id = Id();
        var destroy = new Option<bool>("--destroy-on-exit") { Description = "Destroy the domain when this command ends." };
        var command = new Command("console", "Show what a domain writes to its console, and pass on what is typed, line by line. Ctrl-C detaches.")
        {
            id,
            destroy,
        };
        command.SetAction(parsed => Interruption.During(interruption =>
        {
            using Hypervisor hypervisor = Hypervisor.Open();
            XenDomain domain = ControlledDomain.Find(hypervisor, parsed.GetValue(id));
            ControlledDomain.Use(ControlPlace.Machine, domain, parsed.GetValue(destroy), () =>
            {
                using var session = ConsoleSession.Open(domain, ControlledDomain.FindConsole(domain));
                session.Run(console.Output, interruption.Token);
            });
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Inspect(ToolConsole console)
    {
        Argument<ushort> id = Id();
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = new Command("inspect", "Read a paused PV domain back that has not run yet, and check it as 'bootproto verify' does.") { id, json };
        command.SetAction(parsed =>
        {
            using Hypervisor hypervisor = Hypervisor.Open();
            XenDomain domain = ControlledDomain.Find(hypervisor, parsed.GetValue(id));
            XenPvImage image = PvDomainReader.Read(domain);
            using GuestMemory memory = image.Memory;
            ImmutableArray<Violation> violations = XenPvVerifier.Verify(image);
            if (!parsed.GetValue(json))
                return ViolationOutput.Print($"domain {domain.Id}, {image.FrameCount} frames{(image.IsRestored ? ", restored" : "")}", violations, console);
            return WriteInspection(domain.Id, (ulong)image.FrameCount, image.IsRestored, violations, console);
        });
        return command;
    }

    /// <summary>Writes what was found of a domain as JSON.</summary>
    internal static int WriteInspection(
        ushort domain, ulong frames, bool isRestored, ImmutableArray<Violation> violations, ToolConsole console) =>
        ViolationOutput.WriteJson(
            writer =>
            {
                writer.WriteNumber("domain", domain);
                writer.WriteNumber("frames", frames);
                writer.WriteBoolean("restored", isRestored);
            },
            violations,
            console);

    private static Command Act(string name, string description, Action<XenDomain> action)
    {
        Argument<ushort> id = Id();
        var command = new Command(name, description) { id };
        command.SetAction(parsed =>
        {
            using Hypervisor hypervisor = Hypervisor.Open();
            action(ControlledDomain.Find(hypervisor, parsed.GetValue(id)));
            return ExitCode.Done;
        });
        return command;
    }

    private static Argument<ushort> Id()
    {
        var id = new Argument<ushort>("ID") { Description = "The domain's number, as 'bootproto xen list' shows it." };
        ArgumentRules.RefuseOptions(id);
        return id;
    }
}
