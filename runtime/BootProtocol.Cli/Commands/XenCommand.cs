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
    /// <summary>One broken thing often breaks many rules: the first ones say what it is.</summary>
    private const int MostViolations = 5;

    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console) => new("xen", "Start, look at, talk to and destroy domains of Xen; in its control domain, as root.")
    {
        XenStartCommand.Create(console),
        List(console),
        Talk(console),
        Inspect(console),
        Destroy(),
    };

    private static Command List(ToolConsole console)
    {
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = new Command("list", "Show Xen's version and its domains.") { json };
        command.SetAction(parsed =>
        {
            using Hypervisor hypervisor = Hypervisor.Open();
            DomainList list = DomainList.Read(hypervisor);
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
        var command = new Command("console", "Show what a PV domain writes to its console, and pass on what is typed, line by line. Ctrl-C detaches.")
        {
            id,
            destroy,
        };
        command.SetAction(parsed =>
        {
            using Hypervisor hypervisor = Hypervisor.Open();
            XenDomain domain = ControlledDomain.Find(hypervisor, parsed.GetValue(id));
            ConsoleSession.Run(domain, ControlledDomain.FindConsole(domain), console);
            if (parsed.GetValue(destroy))
                ControlledDomain.Destroy(domain);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Inspect(ToolConsole console)
    {
        Argument<ushort> id = Id();
        var command = new Command("inspect", "Read a paused PV domain back that has not run yet, and check it as 'bootproto verify' does.") { id };
        command.SetAction(parsed =>
        {
            using Hypervisor hypervisor = Hypervisor.Open();
            XenDomain domain = ControlledDomain.Find(hypervisor, parsed.GetValue(id));
            XenPvImage image = PvDomainReader.Read(domain);
            using GuestMemory memory = image.Memory;
            ImmutableArray<Violation> violations = XenPvVerifier.Verify(image);
            if (!violations.IsEmpty)
                throw new ToolException(ExitCode.BadInput, $"domain {domain.Id}: {string.Join("; ", violations.Take(MostViolations))}");
            string text = $"domain {domain.Id}: {image.FrameCount} frames; breaks none of {XenPvRule.All.Length} rules";
            ReportPrinter.Print(new Report([new ReportText(text)]), console);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Destroy()
    {
        Argument<ushort> id = Id();
        var command = new Command("destroy", "End a domain at once, and free its memory.") { id };
        command.SetAction(parsed =>
        {
            using Hypervisor hypervisor = Hypervisor.Open();
            ControlledDomain.Destroy(ControlledDomain.Find(hypervisor, parsed.GetValue(id)));
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
