using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using BootProtocol.Verify;

namespace BootProtocol.Cli.Reports;

/// <summary>What the verifier said of a domain.</summary>
internal static class ViolationOutput
{
    /// <summary>Prints it for a person.</summary>
    /// <param name="subject">The domain's name.</param>
    /// <param name="violations">The rules that it breaks.</param>
    /// <param name="console">Where to.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="ToolException">It breaks a rule.</exception>
    public static int Print(string subject, ImmutableArray<Violation> violations, ToolConsole console)
    {
        if (!violations.IsEmpty)
            throw new ToolException(ExitCode.BadInput, $"{subject}: {Describe(violations)}");
        ReportPrinter.Print(new Report([new ReportText($"{subject}: breaks none of {XenPvRule.All.Length} rules")]), console);
        return ExitCode.Done;
    }

    /// <summary>Writes it as JSON.</summary>
    /// <param name="writeSubject">Writes the properties that say which domain it is.</param>
    /// <param name="violations">The rules that it breaks.</param>
    /// <param name="console">Where to.</param>
    /// <returns>The exit code.</returns>
    public static int WriteJson(Action<Utf8JsonWriter> writeSubject, ImmutableArray<Violation> violations, ToolConsole console)
    {
        JsonOutput.Write(console.Output, writer =>
        {
            writer.WriteStartObject();
            writeSubject(writer);
            writer.WriteStartArray("violations");
            foreach (Violation violation in violations)
            {
                writer.WriteStartObject();
                writer.WriteString("rule", violation.Rule.Name);
                writer.WriteString("text", violation.Rule.Text);
                writer.WriteString("found", violation.Found);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
        return violations.IsEmpty ? ExitCode.Done : ExitCode.BadInput;
    }

    private static string Describe(ImmutableArray<Violation> violations) => violations.Length == 1
        ? violations[0].ToString()
        : string.Create(CultureInfo.InvariantCulture, $"{violations[0]}; {violations.Length - 1} more with --json");
}
