using System.Text.Json;
using BootProtocol.Checks;

namespace BootProtocol.Cli.Checking;

/// <summary>What a check found, in the form of SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format).</summary>
internal static class SarifOutput
{
    private const string Schema = "https://json.schemastore.org/sarif-2.1.0.json";

    /// <summary>Writes a log of one run.</summary>
    public static void Write(string name, ImageCheckResult result, TextWriter output) => JsonOutput.Write(output, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("$schema", Schema);
        writer.WriteString("version", "2.1.0");
        writer.WriteStartArray("runs");
        writer.WriteStartObject();
        WriteTool(writer);
        writer.WriteStartArray("results");
        foreach (CheckFinding finding in result.Findings)
            Write(writer, name, finding);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void WriteTool(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("tool");
        writer.WriteStartObject("driver");
        writer.WriteString("name", "bootproto");
        writer.WriteStartArray("rules");
        foreach (CheckRule rule in ImageCheck.Rules)
        {
            writer.WriteStartObject();
            writer.WriteString("id", rule.Id);
            WriteText(writer, "shortDescription", rule.Text);
            WriteText(writer, "fullDescription", $"{rule.Text} Source: {rule.Source}.");
            WriteText(writer, "help", rule.Help);
            writer.WriteStartObject("defaultConfiguration");
            writer.WriteString("level", SeverityNames.Of(rule.Severity));
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, CheckFinding finding)
    {
        writer.WriteStartObject();
        writer.WriteString("ruleId", finding.Rule.Id);
        writer.WriteNumber("ruleIndex", ImageCheck.Rules.IndexOf(finding.Rule));
        writer.WriteString("level", SeverityNames.Of(finding.Rule.Severity));
        WriteText(writer, "message", $"{finding.Message}. {finding.Rule.Help}");
        writer.WriteStartArray("locations");
        writer.WriteStartObject();
        writer.WriteStartObject("physicalLocation");
        writer.WriteStartObject("artifactLocation");
        writer.WriteString("uri", string.Join('/', name.Split('/').Select(Uri.EscapeDataString)));
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string text)
    {
        writer.WriteStartObject(name);
        writer.WriteString("text", text);
        writer.WriteEndObject();
    }
}
