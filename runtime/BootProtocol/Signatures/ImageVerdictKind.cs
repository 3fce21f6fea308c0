namespace BootProtocol.Signatures;

/// <summary>Verdicts about an image by its signatures.</summary>
/// <example><code>
/// Console.WriteLine(ImageVerdict.Of(unified).Kind == ImageVerdictKind.Unsigned ? "Secure Boot does not start it" : "it is signed");
/// </code></example>
public enum ImageVerdictKind
{
    /// <summary>It has no signature.</summary>
    Unsigned,

    /// <summary>No signature is one of this image: it was changed, or the signature was.</summary>
    Wrong,

    /// <summary>It, or a certificate of its signatures, is on the list of revocations.</summary>
    Revoked,

    /// <summary>A signature is right, but leads to no certificate that is trusted.</summary>
    Untrusted,

    /// <summary>A signature is right; whose it is was not asked.</summary>
    Signed,

    /// <summary>A signature is right, and leads to a certificate that is trusted.</summary>
    Trusted,
}
