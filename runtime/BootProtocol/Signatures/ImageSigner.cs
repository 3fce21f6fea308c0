using BootProtocol.Certificates;

namespace BootProtocol.Signatures;

/// <summary>Who signed an image.</summary>
/// <example><code>
/// foreach (ImageSigner signer in ImageSignature.ReadAll(image).SelectMany(signature =&gt; signature.Signers))
///     Console.WriteLine($"{signer.Subject}, number {signer.SerialNumber} of {signer.Issuer}, by {signer.DigestName}");
/// </code></example>
public sealed class ImageSigner
{
    private readonly SignerInfo _info;
    private readonly SignedData _data;

    internal ImageSigner(SignerInfo info, SignedData data)
    {
        _info = info;
        _data = data;
        Fault = info.Certificate is { } certificate ? info.Fault(data, certificate) : "its certificate is not there";
    }

    /// <summary>Whose certificate it is; what there is to say in place of it if the signature does not carry it.</summary>
    public string Subject => Certificate?.Subject ?? _info.Name;

    /// <summary>Who issued the certificate.</summary>
    public string Issuer => _info.Issuer;

    /// <summary>The certificate's number among those of its issuer, in hexadecimal digits; empty if it is not named so.</summary>
    public string SerialNumber => _info.SerialNumber;

    /// <summary>The name of the hash function, such as <c>sha256</c>.</summary>
    public string DigestName => _info.DigestName;

    /// <summary>The certificate; null if the signature does not carry it.</summary>
    public Certificate? Certificate => _info.Certificate;

    /// <summary>Why it is no signature by this certificate's key; null if it is one.</summary>
    public string? Fault { get; }

    /// <summary>Finds the way from the signer's certificate to one that is trusted.</summary>
    /// <param name="trusted">The certificates that are trusted.</param>
    /// <returns>
    /// The signer's certificate first, then that of its issuer and so on, up to a trusted one; empty if there is no such way, or the
    /// signature is not right.
    /// </returns>
    /// <remarks>
    /// As firmware does, it takes any certificate for an end that is trusted, not only those that issued themselves, and looks at no dates.
    /// </remarks>
    public IReadOnlyList<Certificate> FindChain(IReadOnlyCollection<Certificate> trusted)
    {
        ArgumentNullException.ThrowIfNull(trusted);
        if (Fault is not null || Certificate is not { } start)
            return [];
        var chain = new List<Certificate>();
        return TryReach(start, trusted, chain, []) ? chain : [];
    }

    /// <summary>Looks at each certificate once: those of an image may have issued each other in any way.</summary>
    private bool TryReach(Certificate at, IReadOnlyCollection<Certificate> trusted, List<Certificate> chain, List<Certificate> seen)
    {
        if (seen.Exists(known => IsSame(known, at)))
            return false;
        seen.Add(at);
        chain.Add(at);
        if (trusted.Any(certificate => IsSame(certificate, at)))
            return true;
        foreach (Certificate issuer in trusted.Concat(_data.Certificates))
        {
            if (at.IsIssuedBy(issuer) && TryReach(issuer, trusted, chain, seen))
                return true;
        }

        chain.RemoveAt(chain.Count - 1);
        return false;
    }

    private static bool IsSame(Certificate one, Certificate other) => one.Bytes.Span.SequenceEqual(other.Bytes.Span);
}
