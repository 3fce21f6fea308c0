namespace BootProtocol.Cli.Reports;

/// <summary>Prints reports: with tables and colours on a terminal, as aligned text anywhere else.</summary>
internal static class ReportPrinter
{
    /// <summary>Prints a report.</summary>
    public static void Print(Report report, ToolConsole console)
    {
        if (console.IsTerminal)
            TerminalPrinter.Print(report, console);
        else
            PlainPrinter.Print(report, console.Output);
    }
}
