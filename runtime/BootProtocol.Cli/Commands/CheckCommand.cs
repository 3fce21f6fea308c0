using System.CommandLine;
using BootProtocol.Checks;
using BootProtocol.Cli.Checking;
using BootProtocol.Cli.Inspection;
using BootProtocol.Cli.Reports;
using BootProtocol.Images;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto check [IMAGE]</c>: whether an image boots with what it is to be started with, and what stops it first.</summary>
internal static class CheckCommand
{
    private const string Text = "text";
    private const string Json = "json";
    private const string Sarif = "sarif";

    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var image = new ImageSource();
        var initrd = new Option<string?>("--initrd") { Description = "The initial ramdisk that it is to be started with.", HelpName = "FILE" };
        var line = new Option<string?>("--cmdline") { Description = "The command line that it is to be started with.", HelpName = "TEXT" };
        var target = new Option<string?>("--for")
        {
            Description = "What starts it: then its own rules are asked, too. By default: only those that hold for all.",
            HelpName = string.Join('|', CheckTargets.Names),
        };
        target.AcceptOnlyFromAmong([.. CheckTargets.Names]);
        var format = new Option<string>("--format")
        {
            Description = "What is written: text, JSON, or SARIF 2.1.0, which editors and build servers show.",
            HelpName = $"{Text}|{Json}|{Sarif}",
            DefaultValueFactory = static _ => Text,
        };
        format.AcceptOnlyFromAmong(Text, Json, Sarif);
        var json = new Option<bool>("--json") { Description = "Write JSON: the same as --format json." };
        var rules = new Option<bool>("--rules") { Description = "List the rules as a page in Markdown, in place of checking an image." };
        var command = new Command(
            "check", "Say whether an image boots with a ramdisk, a command line and what starts it, and if not, what stops it first.");
        image.AddTo(command);
        foreach (Option option in new Option[] { initrd, line, target, format, json, rules })
            command.Add(option);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(rules))
            {
                CheckPage.Write(console.Output);
                return ExitCode.Done;
            }

            string form = parsed.GetValue(format)!;
            if (parsed.GetValue(json))
            {
                if (parsed.GetResult(format) is { Implicit: false } && form != Json)
                    throw new ToolException(ExitCode.Usage, $"--json and --format {form} exclude each other; see 'bootproto check --help'");
                form = Json;
            }

            InputFile.RequireOneStandard(image.Read(parsed, out _), parsed.GetValue(initrd));
            using LoadedFile? ramdisk = parsed.GetValue(initrd) is { } path ? InputFile.Open(path, LoadedFile.Open, LoadedFile.Open) : null;
            var request = new ImageCheckRequest
            {
                Initrd = ramdisk?.Memory,
                CommandLine = parsed.GetValue(line),
                Target = CheckTargets.TryParse(parsed.GetValue(target), out CheckTarget named) ? named : null,
            };
            using OpenedImage opened = image.Open(parsed);
            ImageCheckResult result = ImageCheck.Run(opened.File, request);
            if (form == Json)
                CheckJson.Write(opened.Name, request.Target, result, console.Output);
            else if (form == Sarif)
                SarifOutput.Write(opened.Name, result, console.Output);
            else
                ReportPrinter.Print(CheckReport.Create(opened.Name, request.Target, result), console);
            return ExitCodeOf(result);
        });
        return command;
    }

    private static int ExitCodeOf(ImageCheckResult result) => result.Worst switch
    {
        CheckSeverity.Error => ExitCode.BadInput,
        CheckSeverity.Warning => ExitCode.Warnings,
        _ => ExitCode.Done,
    };
}
