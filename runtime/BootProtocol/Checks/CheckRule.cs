using System.Collections.Immutable;

namespace BootProtocol.Checks;

/// <summary>A rule of <see cref="ImageCheck"/>.</summary>
/// <param name="Id">Its name, which stays the same: lower case, words with hyphens between.</param>
/// <param name="Severity">How much it matters where it is broken.</param>
/// <param name="Targets">The targets that it is for; empty for all, and for an image of which nobody says what starts it.</param>
/// <param name="Text">What it asks for.</param>
/// <param name="Help">What to do where it is broken.</param>
/// <param name="Source">The document or the code that it comes from.</param>
/// <example><code>
/// foreach (CheckRule rule in ImageCheck.Rules)
///     Console.WriteLine($"{rule.Severity} {rule.Id}: {rule.Text}");
/// </code></example>
public sealed record CheckRule(
    string Id, CheckSeverity Severity, ImmutableArray<CheckTarget> Targets, string Text, string Help, string Source)
{
    /// <summary>Whether it is for a target; null where nobody says what starts the image.</summary>
    public bool IsFor(CheckTarget? target) => Targets.IsEmpty || (target is { } known && Targets.Contains(known));
}
