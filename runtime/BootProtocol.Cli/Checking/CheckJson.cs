using System.Text.Json;
using BootProtocol.Checks;

namespace BootProtocol.Cli.Checking;

/// <summary>What a check found, as JSON.</summary>
internal static class CheckJson
{
    /// <summary>Writes a document.</summary>
    public static void Write(string name, CheckTarget? target, ImageCheckResult result, TextWriter output) => JsonOutput.Write(output, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("file", name);
        writer.WriteString("for", target is { } known ? CheckTargets.Name(known) : null);
        writer.WriteBoolean("boots", result.Boots);
        writer.WriteString("stopper", result.Stopper?.Rule.Id);
        writer.WriteStartArray("findings");
        foreach (CheckFinding finding in result.Findings)
            Write(writer, finding);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter writer, CheckFinding finding)
    {
        writer.WriteStartObject();
        writer.WriteString("rule", finding.Rule.Id);
        writer.WriteString("severity", SeverityNames.Of(finding.Rule.Severity));
        writer.WriteString("found", finding.Message);
        writer.WriteString("text", finding.Rule.Text);
        writer.WriteString("help", finding.Rule.Help);
        writer.WriteString("source", finding.Rule.Source);
        writer.WriteEndObject();
    }
}
