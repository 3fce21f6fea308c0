using System.CommandLine;
using BootProtocol.Cli.Inspection;
using BootProtocol.Cli.Reports;
using BootProtocol.Kernels;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto notes [IMAGE]</c>: the ELF notes of the kernel in an image.</summary>
internal static class NotesCommand
{
    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var image = new ImageSource();
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = new Command("notes", "Show the ELF notes of the kernel in an image; decodes no further than it must.");
        image.AddTo(command);
        command.Add(json);
        command.SetAction(parsed =>
        {
            using OpenedImage opened = image.Open(parsed);
            return Run(opened, parsed.GetValue(json), console);
        });
        return command;
    }

    private static int Run(OpenedImage opened, bool asJson, ToolConsole console)
    {
        var faults = new FaultList();
        IReadOnlyList<NoteFact> notes = faults.Try(() => Read(opened, console, faults)) ?? [];
        faults.Try(opened.Image.EnsureComplete);
        if (notes.Count == 0)
            faults.ThrowIfAny(opened.Name);
        if (asJson)
        {
            JsonOutput.Write(console.Output, writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("file", opened.Name);
                writer.WritePropertyName("notes");
                NotesJson.WriteValue(writer, notes);
                writer.WriteEndObject();
            });
        }
        else
        {
            ReportPrinter.Print(new Report([notes.Count > 0 ? NotesTable.Create(notes) : new ReportText("no notes")]), console);
        }

        faults.ThrowIfAny(opened.Name);
        return ExitCode.Done;
    }

    private static IReadOnlyList<NoteFact> Read(OpenedImage opened, ToolConsole console, FaultList faults)
    {
        opened.Unwrap();
        if (opened.Image.FindPayload() is not { } payload)
            return [];
        using var bar = new ProgressBar(console);
        using Kernel kernel = payload.Decompress(progress: bar);
        bar.Total = kernel.Length;
        return kernel.IsElf ? NoteFacts.Read(kernel, faults) : [];
    }
}
