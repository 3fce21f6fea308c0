using System.Collections.Immutable;

namespace BootProtocol.Checks;

/// <summary>What was found in an image and in what it is to be started with.</summary>
/// <example><code>
/// ImageCheckResult result = ImageCheck.Run(image);
/// Console.WriteLine(result.Boots ? $"{result.Findings.Length} remarks" : $"does not boot: {result.Stopper!.Message}");
/// </code></example>
public sealed class ImageCheckResult
{
    internal ImageCheckResult(ImmutableArray<CheckFinding> findings) => Findings = findings;

    /// <summary>The rules that are broken, in the order in which they would show during a start.</summary>
    public ImmutableArray<CheckFinding> Findings { get; }

    /// <summary>What stops it first; null if nothing that is known of it does.</summary>
    public CheckFinding? Stopper => Findings.FirstOrDefault(static finding => finding.Rule.Severity == CheckSeverity.Error);

    /// <summary>Whether nothing stops it.</summary>
    public bool Boots => Stopper is null;

    /// <summary>The greatest severity of all; null if nothing was found.</summary>
    public CheckSeverity? Worst => Findings.IsEmpty ? null : Findings.Max(static finding => finding.Rule.Severity);
}
