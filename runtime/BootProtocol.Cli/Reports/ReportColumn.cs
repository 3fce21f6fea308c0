namespace BootProtocol.Cli.Reports;

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name in the table's head.</param>
/// <param name="Tone">What its cells are, for their colour.</param>
/// <param name="IsRight">Whether its cells end, rather than start, under each other.</param>
/// <param name="IsWhole">Whether it is as wide as its widest cell, however wide that is; else long cells push aside what follows.</param>
internal sealed record ReportColumn(string Name, ReportTone Tone = ReportTone.Plain, bool IsRight = false, bool IsWhole = false);
