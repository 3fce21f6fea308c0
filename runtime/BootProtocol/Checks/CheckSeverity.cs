namespace BootProtocol.Checks;

/// <summary>How much a finding of <see cref="ImageCheck"/> matters.</summary>
/// <example><code>
/// ImageCheckResult result = ImageCheck.Run(image);
/// Console.WriteLine(result.Findings.Count(finding =&gt; finding.Rule.Severity == CheckSeverity.Error));
/// </code></example>
public enum CheckSeverity
{
    /// <summary>Worth knowing; nothing fails for it.</summary>
    Note,

    /// <summary>It starts, but something does not work, or may not.</summary>
    Warning,

    /// <summary>It does not start.</summary>
    Error,
}
