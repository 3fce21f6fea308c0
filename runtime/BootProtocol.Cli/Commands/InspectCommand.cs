using System.CommandLine;
using System.Text.Json;
using BootProtocol.Cli.Inspection;
using BootProtocol.Cli.Reports;
using BootProtocol.Cli.Saved;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Saved;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto inspect [IMAGE]</c>: what an image says.</summary>
internal static class InspectCommand
{
    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var image = new ImageSource();
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var header = new Option<bool>("--header") { Description = "Only what the image's own header says; nothing is decoded." };
        var summary = new Option<bool>("--summary")
        {
            Description = "Only what comes first: kind, version, ways to boot, size, compression, configuration, symbols.",
        };
        var section = new Option<string?>("--section")
        {
            Description = $"Only one section: {string.Join(", ", InspectionSections.Names)}.",
            HelpName = "NAME",
        };
        section.CompletionSources.Add([.. InspectionSections.Names]);
        var command = new Command("inspect", "Say what an image and the kernel in it are, and how that can be started; or what a saved Xen domain is.");
        image.AddTo(command);
        foreach (Option option in new Option[] { summary, section, header, json })
            command.Add(option);
        command.SetAction(parsed =>
        {
            bool isSummary = parsed.GetValue(summary);
            InspectionSection? only = parsed.GetValue(section) is { } name ? Find(name) : null;
            if (isSummary && only is not null)
                throw new ToolException(ExitCode.Usage, "--summary and --section exclude each other; see 'bootproto inspect --help'");
            if (parsed.GetValue(header) && only is { NeedsKernel: true })
                throw new ToolException(ExitCode.Usage, $"--header looks at no kernel, and section {only.Name} is about that");
            if (image.Read(parsed, out bool _) is { } path && SavedSource.IsSaved(path))
            {
                if (isSummary || only is not null || parsed.GetValue(header))
                    throw new ToolException(ExitCode.Usage, "--summary, --section and --header are for kernel images, and this is a saved domain");
                return RunSaved(path, parsed.GetValue(json), console);
            }

            using OpenedImage opened = image.Open(parsed);
            bool isHeaderOnly = parsed.GetValue(header) || only is { NeedsKernel: false };
            InspectionSection[] sections = only is not null ? [only] : isSummary ? [] : [.. InspectionSections.All.Where(static one => !one.IsOnDemand)];
            return Run(opened, only is null, sections, isHeaderOnly, parsed.GetValue(json), console);
        });
        return command;
    }

    private static int RunSaved(string path, bool asJson, ToolConsole console)
    {
        SavedDomain domain = SavedSource.Read(path);
        if (asJson)
            SavedJson.Write(path, domain, console.Output);
        else
            ReportPrinter.Print(SavedReport.Create(path, domain), console);
        return ExitCode.Done;
    }

    private static int Run(
        OpenedImage opened, bool hasSummary, IReadOnlyList<InspectionSection> sections, bool isHeaderOnly, bool asJson, ToolConsole console)
    {
        var faults = new FaultList();
        if (!isHeaderOnly)
            faults.Try(opened.Unwrap);
        faults.Try(opened.File.EnsureComplete);
        if (opened.Image != opened.File)
            faults.Try(opened.Image.EnsureComplete);
        using KernelFacts? kernel = isHeaderOnly ? null : KernelFacts.Read(opened.Image, console, faults);
        var inspection = new ImageInspection(opened, kernel, faults);
        if (asJson)
            WriteJson(inspection, hasSummary, sections, console.Output);
        else
            ReportPrinter.Print(CreateReport(inspection, hasSummary, sections), console);
        faults.ThrowIfAny(opened.Name);
        return ExitCode.Done;
    }

    private static Report CreateReport(ImageInspection inspection, bool hasSummary, IReadOnlyList<InspectionSection> sections)
    {
        // The sections come first here, so that the summary has their faults, too.
        ReportPart[] details = [.. sections.SelectMany(section => section.Report(inspection))];
        if (hasSummary)
            return new Report([new ReportText(SpecText.Printable(inspection.Opened.Name), IsHeading: true), InspectionSummary.Report(inspection), .. details]);
        return new Report(details.Length > 0 ? details : [new ReportText($"no {sections[0].Name}")]);
    }

    private static void WriteJson(
        ImageInspection inspection, bool hasSummary, IReadOnlyList<InspectionSection> sections, TextWriter output) =>
        JsonOutput.Write(output, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("file", inspection.Opened.Name);
            if (hasSummary)
                InspectionSummary.WriteJson(inspection, writer);
            foreach (InspectionSection section in sections)
            {
                // The whole document has some within others, and what nobody looked at not at all.
                if (hasSummary && (!section.IsTopLevel || (section.NeedsKernel && inspection.Kernel is null)))
                    continue;
                writer.WritePropertyName(section.Property);
                section.WriteJson(inspection, writer);
            }

            if (hasSummary)
            {
                WriteLines(writer, "remarks", inspection.Faults.Remarks);
                WriteLines(writer, "faults", inspection.Faults.Messages);
            }

            writer.WriteEndObject();
        });

    private static void WriteLines(Utf8JsonWriter writer, string name, IReadOnlyList<string> lines)
    {
        writer.WriteStartArray(name);
        foreach (string line in lines)
            writer.WriteStringValue(line);
        writer.WriteEndArray();
    }

    private static InspectionSection Find(string name)
    {
        if (InspectionSections.All.FirstOrDefault(section => section.Name == name) is { } found)
            return found;
        string hint = NearName.Find(name, InspectionSections.Names) is { } near
            ? $"did you mean '{near}'?"
            : $"the sections are {string.Join(", ", InspectionSections.Names)}";
        throw new ToolException(ExitCode.Usage, $"no section has the name '{name}'; {hint}");
    }
}
