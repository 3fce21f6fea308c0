namespace BootProtocol.Cli.Reports;

/// <summary>Prints reports as aligned text, one line for each row of a table, for pipes and files.</summary>
internal static class PlainPrinter
{
    private const string Gap = "  ";

    /// <summary>Columns get no wider for the sake of single long cells: these push aside what stands right of them in their row.</summary>
    private const int LongCell = 40;

    /// <summary>Prints a report.</summary>
    public static void Print(Report report, TextWriter output)
    {
        bool isFirst = true;
        foreach (ReportPart part in report.Parts)
        {
            if (!isFirst && part is ReportText { IsHeading: true })
                output.Write('\n');
            isFirst = false;
            if (part is ReportText text)
                output.Write($"{text.Text}\n");
            else if (part is ReportTable table)
                PrintTable(table, output);
        }
    }

    private static void PrintTable(ReportTable table, TextWriter output)
    {
        int[] widths = new int[table.Columns.Count];
        for (int i = 0; i < widths.Length; i++)
        {
            widths[i] = table.HasHead ? table.Columns[i].Name.Length : 0;
            foreach (IReadOnlyList<string> row in table.Rows)
                widths[i] = Math.Max(widths[i], Math.Min(row[i].Length, LongCell));
        }

        if (table.HasHead)
            PrintRow(table, [.. table.Columns.Select(column => column.Name)], widths, output);
        foreach (IReadOnlyList<string> row in table.Rows)
            PrintRow(table, row, widths, output);
    }

    private static void PrintRow(ReportTable table, IReadOnlyList<string> cells, int[] widths, TextWriter output)
    {
        int last = cells.Count - 1;
        while (last > 0 && cells[last].Length == 0)
            last--;
        for (int i = 0; i <= last; i++)
        {
            output.Write(Gap);
            bool isRight = table.Columns[i].IsRight;
            output.Write(isRight ? cells[i].PadLeft(widths[i]) : i == last ? cells[i] : cells[i].PadRight(widths[i]));
        }

        output.Write('\n');
    }
}
