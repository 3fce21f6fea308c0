using System.CommandLine;
using BootProtocol.Cli.Inspection;
using BootProtocol.Cli.Reports;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto inspect [IMAGE]</c>: what an image says.</summary>
internal static class InspectCommand
{
    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        Argument<string?> image = ArgumentRules.Image();
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var header = new Option<bool>("--header") { Description = "Tell of the header alone, which decodes nothing." };
        var command = new Command("inspect", "Say what an image and the kernel in it are, and how that can be started.") { image, json, header };
        command.SetAction(parsed => Run(parsed.GetValue(image), parsed.GetValue(json), parsed.GetValue(header), console));
        return command;
    }

    private static int Run(string? path, bool asJson, bool isHeaderOnly, ToolConsole console)
    {
        using OpenedImage opened = OpenedImage.Open(path);
        return opened.Read(image =>
        {
            image.EnsureComplete();
            using KernelFacts? facts = isHeaderOnly ? null : KernelFacts.Read(image, console);
            if (asJson)
                InspectionJson.Write(opened, facts, console.Output);
            else
                ReportPrinter.Print(InspectionReport.Create(opened, facts), console);
            return ExitCode.Done;
        });
    }
}
