namespace BootProtocol.Cli.Reports;

/// <summary>What a command shows a person: texts and tables, in order.</summary>
/// <param name="Parts">The parts in order.</param>
internal sealed record Report(IReadOnlyList<ReportPart> Parts);
