using BootProtocol.Specs;

namespace BootProtocol.Cli.Reports;

/// <summary>
/// Prints reports as aligned text, without borders. In a pipe each row of a table is one line; on a terminal no line is longer than the
/// terminal is wide, and no word, number or name is divided for that. What does not print is spelt out, wherever it comes from.
/// </summary>
internal static class ReportPrinter
{
    /// <summary>Prints a report.</summary>
    public static void Print(Report report, ToolConsole console)
    {
        var lines = new LineWriter(console.Output, console.HasColors, console.IsAscii);
        bool isFirst = true;
        foreach (ReportPart part in report.Parts)
        {
            if (!isFirst && part is ReportText { IsHeading: true })
                lines.End();
            isFirst = false;
            if (part is ReportText text)
                PrintText(text, lines, console.Width);
            else if (part is ReportTable table)
                TableLayout.Best(Printable(table), console.Width).Print(lines);
        }
    }

    /// <summary>The table itself, as a rule: one of a hundred thousand rows is not held twice.</summary>
    private static ReportTable Printable(ReportTable table)
    {
        if (table.Rows.All(IsPrintable))
            return table;
        return table with { Rows = [.. table.Rows.Select(static row => IsPrintable(row) ? row : [.. row.Select(SpecText.Printable)])] };
    }

    private static bool IsPrintable(IReadOnlyList<string> row) => row.All(static cell => ReferenceEquals(SpecText.Printable(cell), cell));

    private static void PrintText(ReportText text, LineWriter lines, int? width)
    {
        ReportTone tone = text.IsHeading ? ReportTone.Heading : ReportTone.Plain;
        foreach (string line in text.Text.Split('\n'))
        {
            foreach (string piece in TextWrap.Split(SpecText.Printable(line), width ?? int.MaxValue))
            {
                lines.Write(piece, tone);
                lines.End();
            }
        }
    }
}
