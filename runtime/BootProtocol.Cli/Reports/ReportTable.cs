namespace BootProtocol.Cli.Reports;

/// <summary>A table.</summary>
/// <param name="Columns">The columns from left to right.</param>
/// <param name="Rows">The rows; each has a cell for every column.</param>
/// <param name="HasHead">Whether the columns' names are shown.</param>
internal sealed record ReportTable(
    IReadOnlyList<ReportColumn> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, bool HasHead = true) : ReportPart;
