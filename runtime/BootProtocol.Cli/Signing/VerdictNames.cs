using BootProtocol.Signatures;

namespace BootProtocol.Cli.Signing;

/// <summary>The names of verdicts about images.</summary>
internal static class VerdictNames
{
    /// <summary>The name of a verdict, in text and JSON.</summary>
    public static string Of(ImageVerdictKind kind) => kind switch
    {
        ImageVerdictKind.Unsigned => "unsigned",
        ImageVerdictKind.Wrong => "wrong",
        ImageVerdictKind.Revoked => "revoked",
        ImageVerdictKind.Untrusted => "untrusted",
        ImageVerdictKind.Signed => "signed",
        _ => "trusted",
    };
}
