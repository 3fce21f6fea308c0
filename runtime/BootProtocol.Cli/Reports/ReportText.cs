namespace BootProtocol.Cli.Reports;

/// <summary>Lines of text.</summary>
/// <param name="Text">The lines, separated by <c>\n</c>.</param>
/// <param name="IsHeading">Whether the text names what follows.</param>
internal sealed record ReportText(string Text, bool IsHeading = false) : ReportPart;
