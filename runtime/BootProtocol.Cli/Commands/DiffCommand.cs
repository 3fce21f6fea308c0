using System.CommandLine;
using BootProtocol.Cli.Comparison;
using BootProtocol.Cli.Inspection;
using BootProtocol.Cli.Reports;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto diff [IMAGE] IMAGE</c>: what two images do not say alike.</summary>
internal static class DiffCommand
{
    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var images = new Argument<string[]>(ImageSource.HelpName)
        {
            Arity = new ArgumentArity(1, 2),
            Description = "The two images; - is standard input. With one alone: the running system's kernel is compared with it.",
        };
        ArgumentRules.RefuseOptions(images);
        var exitCode = new Option<bool>("--exit-code") { Description = "End with 1 if the images differ, and with 0 if they are the same." };
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = new Command("diff", "Compare two images: header and PE fields, segments, notes, relocations, configuration, contents.")
        {
            images, exitCode, json,
        };
        command.SetAction(parsed =>
        {
            string[] paths = parsed.GetValue(images)!;
            InputFile.RequireOneStandard(paths);
            bool isSame = Run(paths is [var only] ? (string?[])[null, only] : paths, parsed.GetValue(json), console);
            return isSame || !parsed.GetValue(exitCode) ? ExitCode.Done : ExitCode.Different;
        });
        return command;
    }

    private static bool Run(string?[] paths, bool asJson, ToolConsole console)
    {
        FaultList faultsOfFirst = new(), faultsOfSecond = new();
        using OpenedImage first = OpenedImage.Open(paths[0]);
        IReadOnlyList<ImageFact> a = ImageFacts.Read(first, console, faultsOfFirst);
        using OpenedImage second = OpenedImage.Open(paths[1]);
        IReadOnlyList<ImageFact> b = ImageFacts.Read(second, console, faultsOfSecond);
        IReadOnlyList<Difference> differences = ImageComparison.Compare(a, b);
        if (differences.Count == 0 && !first.File.Bytes.SequenceEqual(second.File.Bytes))
            differences = [new Difference("image", "contents", ImageFacts.Contents(first.File.Bytes), ImageFacts.Contents(second.File.Bytes))];
        if (asJson)
            WriteJson(first.Name, second.Name, differences, console.Output);
        else
            ReportPrinter.Print(CreateReport(first.Name, second.Name, differences), console);
        faultsOfFirst.ThrowIfAny(first.Name);
        faultsOfSecond.ThrowIfAny(second.Name);
        return differences.Count == 0;
    }

    private static Report CreateReport(string first, string second, IReadOnlyList<Difference> differences)
    {
        if (differences.Count == 0)
            return new Report([new ReportText("same")]);
        ReportColumn[] columns =
        [
            new("part", ReportTone.Faint),
            new("name", ReportTone.Key),
            new("a", ReportTone.Value),
            new("b", ReportTone.Value),
        ];
        string[][] files = [["a", SpecText.Printable(first)], ["b", SpecText.Printable(second)]];
        return new Report(
        [
            new ReportTable([new ReportColumn("", ReportTone.Key), new ReportColumn("")], files, HasHead: false),
            new ReportText("", IsHeading: false),
            new ReportTable(columns, [.. differences.Select(static difference => new[]
            {
                difference.Part,
                SpecText.Printable(difference.Name),
                Spell(difference.First),
                Spell(difference.Second),
            })]),
        ]);
    }

    private static string Spell(string? value) => value is null ? "-" : SpecText.Printable(value);

    private static void WriteJson(string first, string second, IReadOnlyList<Difference> differences, TextWriter output) =>
        JsonOutput.Write(output, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("a", first);
            writer.WriteString("b", second);
            writer.WriteBoolean("same", differences.Count == 0);
            writer.WriteStartArray("differences");
            foreach (Difference difference in differences)
            {
                writer.WriteStartObject();
                writer.WriteString("part", difference.Part);
                writer.WriteString("name", difference.Name);
                writer.WriteString("a", difference.First);
                writer.WriteString("b", difference.Second);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
}
