using Spectre.Console;

namespace BootProtocol.Cli.Reports;

/// <summary>Prints reports as tables that fit the terminal's width.</summary>
internal static class TerminalPrinter
{
    /// <summary>Prints a report.</summary>
    public static void Print(Report report, ToolConsole console)
    {
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(console.Output),
            Ansi = console.HasColors ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = console.HasColors ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        if (console.Width is { } width)
            terminal.Profile.Width = width;

        foreach (ReportPart part in report.Parts)
        {
            if (part is ReportText text)
                terminal.Write(new Text($"{text.Text}\n", text.IsHeading ? new Style(decoration: Decoration.Bold) : Spectre.Console.Style.Plain));
            else if (part is ReportTable table)
                terminal.Write(Draw(table));
        }
    }

    private static Table Draw(ReportTable table)
    {
        var drawn = new Table { Border = TableBorder.Rounded, ShowHeaders = table.HasHead, BorderStyle = StyleOf(ReportTone.Faint) };
        foreach (ReportColumn column in table.Columns)
        {
            drawn.AddColumn(new TableColumn(new Text(column.Name))
            {
                Alignment = column.IsRight ? Justify.Right : Justify.Left,
                NoWrap = column.Tone == ReportTone.Key,
            });
        }

        foreach (IReadOnlyList<string> row in table.Rows)
            drawn.AddRow(row.Select((cell, index) => new Text(cell, StyleOf(table.Columns[index].Tone))));
        return drawn;
    }

    private static Style StyleOf(ReportTone tone) => tone switch
    {
        ReportTone.Key => new Style(Color.Aqua),
        ReportTone.Value => new Style(Color.Green),
        ReportTone.Faint => new Style(Color.Grey),
        _ => Spectre.Console.Style.Plain,
    };
}
