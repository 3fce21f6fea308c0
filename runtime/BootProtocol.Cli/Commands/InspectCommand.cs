using System.CommandLine;
using BootProtocol.Cli.Inspection;
using BootProtocol.Cli.Reports;
using BootProtocol.Images;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto inspect [IMAGE]</c>: what an image's own header says.</summary>
internal static class InspectCommand
{
    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var image = new Argument<string?>("IMAGE")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "A kernel image. Without it: the running system's kernel, or else an image that the tool makes itself.",
        };
        ArgumentRules.RefuseOptions(image);
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = new Command("inspect", "Say what an image's own header says.") { image, json };
        command.SetAction(parsed => Run(parsed.GetValue(image), parsed.GetValue(json), console));
        return command;
    }

    private static int Run(string? path, bool asJson, ToolConsole console)
    {
        using OpenedImage opened = OpenedImage.Open(path);
        try
        {
            opened.Image.EnsureComplete();
            if (asJson)
                InspectionJson.Write(opened, console.Output);
            else
                ReportPrinter.Print(InspectionReport.Create(opened), console);
            return ExitCode.Done;
        }
        catch (BootFormatException exception)
        {
            throw new ToolException(ExitCode.BadInput, $"{opened.Name}: {exception.Message}");
        }
    }
}
