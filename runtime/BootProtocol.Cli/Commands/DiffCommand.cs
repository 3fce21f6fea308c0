using System.CommandLine;
using System.Globalization;
using BootProtocol.Cli.Comparison;
using BootProtocol.Cli.Inspection;
using BootProtocol.Cli.Reports;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto diff A B</c>: what two images do not say alike.</summary>
internal static class DiffCommand
{
    /// <summary>The longest value to show to a person; JSON has all.</summary>
    private const int LongestValue = 200;

    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var first = new Argument<string>("A") { Description = "A kernel image." };
        var second = new Argument<string>("B") { Description = "Another one." };
        ArgumentRules.RefuseOptions(first);
        ArgumentRules.RefuseOptions(second);
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = new Command("diff", "Compare two images: header fields, segments, notes, relocations, configuration.") { first, second, json };
        command.SetAction(parsed => Run(parsed.GetValue(first)!, parsed.GetValue(second)!, parsed.GetValue(json), console));
        return command;
    }

    private static int Run(string first, string second, bool asJson, ToolConsole console)
    {
        IReadOnlyList<Difference> differences = ImageComparison.Compare(Read(first, console), Read(second, console));
        if (asJson)
            WriteJson(first, second, differences, console.Output);
        else
            ReportPrinter.Print(CreateReport(first, second, differences), console);
        return ExitCode.Done;
    }

    private static IReadOnlyList<ImageFact> Read(string path, ToolConsole console)
    {
        using OpenedImage opened = OpenedImage.Open(path);
        return opened.Read(image => ImageFacts.Read(image, console));
    }

    private static Report CreateReport(string first, string second, IReadOnlyList<Difference> differences)
    {
        if (differences.Count == 0)
            return new Report([new ReportText("same")]);
        ReportColumn[] columns =
        [
            new("part", ReportTone.Faint),
            new("name", ReportTone.Key),
            new(SpecText.Printable(first), ReportTone.Value),
            new(SpecText.Printable(second), ReportTone.Value),
        ];
        return new Report(
            [new ReportTable(columns, [.. differences.Select(static difference => new[]
            {
                difference.Part,
                SpecText.Printable(difference.Name),
                Spell(difference.First),
                Spell(difference.Second),
            })])]);
    }

    private static string Spell(string? value)
    {
        if (value is null)
            return "-";
        string text = SpecText.Printable(value);
        return text.Length <= LongestValue
            ? text
            : string.Create(CultureInfo.InvariantCulture, $"{text[..LongestValue]}... ({text.Length} characters)");
    }

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
