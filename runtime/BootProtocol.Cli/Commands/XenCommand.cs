using System.CommandLine;
using BootProtocol.Cli.Control;
using BootProtocol.Cli.Reports;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto xen</c>: domains of the Xen that this machine's control domain runs on.</summary>
internal static class XenCommand
{
    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console) => new("xen", "Look at, talk to and destroy domains of Xen; in its control domain, as root.")
    {
        List(console),
        Talk(console),
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
