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

    private readonly SignatureChecks _checks;

    internal ImageSigner(SignerInfo info, SignedData data, SignatureChecks checks)
    {
        _checks = checks;
        _info = info;
        _data = data;
        Fault = info.Certificate is { } certificate ? info.Fault(data, certificate, checks) : "its certificate is not there";
    }

    /// <summary>Whose certificate it is; what there is to say in place of it if the signature does not carry it.</summary>
    public string Subject => Certificate?.Subject ?? _info.Name;

    /// <summary>Who issued the certificate.</summary>
    public string Issuer => _info.Issuer;

    /// <summary>The certificate's number among those of its issuer, in hexadecimal digits; empty if it is not named so.</summary>
    public string SerialNumber => _info.SerialNumber;

    /// <summary>The name of the hash function, such as <c>sha256</c>.</summary>
    public string DigestName => _info.DigestName;

    /// <summary>The kind of signature, such as <c>RSA</c>, <c>RSASSA-PSS with sha256, salt of 32 bytes</c> or <c>ecdsa-with-SHA256</c>.</summary>
    public string SignatureAlgorithm => _info.SignatureAlgorithm;

    /// <summary>The certificate; null if the signature does not carry it.</summary>
    public Certificate? Certificate => _info.Certificate;

    /// <summary>Why it is no signature by this certificate's key; null if it is one.</summary>
    public string? Fault { get; }

    /// <summary>Why firmware does not take it though it may be right; null if there is no reason.</summary>
    /// <remarks>
    /// Firmware made of EDK2, and shim, verify by OpenSSL's PKCS7_verify, which looks at the key alone and takes a key of RSA for one of PKCS#1
    /// v1.5. Of EDK2's builds of OpenSSL, OpensslLibFull alone has curves.
    /// Source: EDK2, CryptoPkg; OpenSSL, crypto/pkcs7/pk7_doit.c.
    /// </remarks>
    public string? FirmwareLimit => _info.Method?.Kind switch
    {
        SignatureKind.RsaPss => "signatures by RSASSA-PSS are verified by no firmware made of EDK2, nor by shim",
        SignatureKind.Ecdsa => "signatures by ECDSA are verified only by firmware that is built for them",
        _ => null,
    };

    /// <summary>Finds the way from the signer's certificate to one that is trusted.</summary>
    /// <param name="trusted">The certificates that are trusted.</param>
    /// <returns>
    /// The signer's certificate first, then that of its issuer and so on, up to a trusted one; empty if there is no such way, or the
    /// signature is not right.
    /// </returns>
    /// <remarks>
    /// As firmware does, it takes any certificate for an end that is trusted, not only those that issued themselves, and looks at no dates.
    /// A chain has at most 8 certificates.
    /// </remarks>
    /// <exception cref="BootFormatException">More signatures would have to be checked for the image than 256.</exception>
    public IReadOnlyList<Certificate> FindChain(IReadOnlyCollection<Certificate> trusted)
    {
        ArgumentNullException.ThrowIfNull(trusted);
        return Fault is not null || Certificate is not { } start ? [] : _checks.FindChain(start, trusted, _data.Certificates);
    }
}
