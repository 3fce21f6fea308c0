using System.Collections.Immutable;
using BootProtocol.Images;

namespace BootProtocol.Checks;

/// <summary>Says whether an image boots with what it is to be started with, and if not, what stops it first.</summary>
/// <remarks>
/// It reads and decodes, and starts nothing. A rule is asked where what it is about can be read; what cannot be read is a finding of the
/// rule that asks for it to be whole. Configuration is taken from the kernel itself, or from its symbols; where it has neither, rules that
/// need it find nothing. What an initial ramdisk does when it runs is not known.
/// </remarks>
/// <example><code>
/// ImageCheckResult result = ImageCheck.Run(image, new ImageCheckRequest { Target = CheckTarget.Kexec });
/// foreach (CheckFinding finding in result.Findings)
///     Console.WriteLine($"{finding.Rule.Severity}: {finding.Message}");
/// </code></example>
public static class ImageCheck
{
    private static readonly ImmutableArray<BoundRule> _rules =
        [.. ImageRules.All, .. LoaderRules.All, .. SecureBootRules.All, .. XenRules.All, .. InitrdRules.All, .. CommandLineRules.All];

    /// <summary>All rules, in the order in which they would show during a start.</summary>
    public static ImmutableArray<CheckRule> Rules { get; } = [.. _rules.Select(static bound => bound.Rule)];

    /// <summary>Checks an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="request">What it is to be started with, and by what; null for the image alone.</param>
    public static ImageCheckResult Run(BootImage image, ImageCheckRequest? request = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var subject = new CheckSubject(image, request ?? new ImageCheckRequest());
        ImmutableArray<CheckFinding>.Builder findings = ImmutableArray.CreateBuilder<CheckFinding>();
        foreach (BoundRule bound in _rules.Where(bound => bound.Rule.IsFor(subject.Target)))
        {
            if (Ask(bound, subject) is { } message)
                findings.Add(new CheckFinding(bound.Rule, message));
        }

        return new ImageCheckResult(findings.ToImmutable());
    }

    private static string? Ask(BoundRule bound, CheckSubject subject)
    {
        try
        {
            return bound.Ask(subject);
        }
        catch (BootFormatException exception)
        {
            // What is broken is a finding of the rules that ask for it to be whole, and of no other.
            return bound.FindsFaults ? exception.Message : null;
        }
    }
}
