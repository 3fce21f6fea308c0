namespace BootProtocol.Verify;

/// <summary>A rule that a domain breaks.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Found">Where, and what is there.</param>
/// <example><code>
/// foreach (Violation violation in XenPvVerifier.Verify(XenPvImage.Of(pv)))
///     Console.WriteLine($"{violation.Rule.Name}: {violation.Found}");
/// </code></example>
public sealed record Violation(XenPvRule Rule, string Found)
{
    /// <summary>The violation as <c>table-read-only: a page table is mapped read-only; found ...</c>.</summary>
    public override string ToString() => $"{Rule.Name}: {Rule.Text}; found {Found}";
}
