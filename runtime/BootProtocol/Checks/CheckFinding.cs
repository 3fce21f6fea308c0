namespace BootProtocol.Checks;

/// <summary>A rule that an image breaks, or what it is to be started with.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Message">What was found, in one line.</param>
/// <example><code>
/// foreach (CheckFinding finding in ImageCheck.Run(image).Findings)
///     Console.WriteLine($"{finding.Rule.Id}: {finding.Message}. {finding.Rule.Help}");
/// </code></example>
public sealed record CheckFinding(CheckRule Rule, string Message);
