using System.Globalization;
using BootProtocol.Checks;
using BootProtocol.Cli.Reports;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Checking;

/// <summary>What a check found, for a person.</summary>
internal static class CheckReport
{
    private static readonly ReportColumn[] _columns = [new("", ReportTone.Key), new("", ReportTone.Value)];

    /// <summary>Makes the report.</summary>
    public static Report Create(string name, CheckTarget? target, ImageCheckResult result)
    {
        var parts = new List<ReportPart> { new ReportText($"{SpecText.Printable(name)}: {Verdict(target, result)}") };
        foreach (CheckFinding finding in result.Findings)
        {
            parts.Add(new ReportText($"{SeverityNames.Of(finding.Rule.Severity)}: {finding.Rule.Id}", IsHeading: true));
            string[][] rows =
            [
                ["found", SpecText.Printable(finding.Message)], ["asked for", finding.Rule.Text], ["to do", finding.Rule.Help], ["source", finding.Rule.Source],
            ];
            parts.Add(new ReportTable(_columns, rows, HasHead: false));
        }

        return new Report(parts);
    }

    private static string Verdict(CheckTarget? target, ImageCheckResult result)
    {
        string where = target is { } known ? $" by {CheckTargets.Name(known)}" : "";
        if (result.Stopper is { } stopper)
            return $"does not boot{where}: {SpecText.Printable(stopper.Message)} ({stopper.Rule.Id})";
        int warnings = result.Findings.Count(static finding => finding.Rule.Severity == CheckSeverity.Warning);
        int notes = result.Findings.Length - warnings;
        return string.Create(CultureInfo.InvariantCulture, $"nothing stops it{where}; {warnings} warnings, {notes} notes");
    }
}
