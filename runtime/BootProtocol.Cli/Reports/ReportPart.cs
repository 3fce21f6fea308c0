namespace BootProtocol.Cli.Reports;

/// <summary>A part of a report.</summary>
internal abstract record ReportPart;
