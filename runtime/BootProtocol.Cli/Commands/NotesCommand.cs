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
        IReadOnlyList<NoteFact> notes = opened.Read(image =>
        {
            image.EnsureComplete();
            if (image.FindPayload() is not { } payload)
                return [];
            using var bar = new ProgressBar(console);
            using Kernel kernel = payload.Decompress(progress: bar);
            bar.Total = kernel.Length;
            return kernel.IsElf || !image.IsLinux ? NoteFacts.Read(kernel) : [];
        });
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

        return ExitCode.Done;
    }
}
