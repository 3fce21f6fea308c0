using System.Collections.Immutable;
using BootProtocol.Certificates;
using BootProtocol.Images;

namespace BootProtocol.Signatures;

/// <summary>Whether an image may be started, by its signatures: as firmware with Secure Boot judges.</summary>
/// <remarks>
/// What a list of revocations names is refused, whoever signed it, and so is what a certificate in it issued. Otherwise one signature is
/// enough that is right and leads to a trusted certificate, unless it is by SHA-1. Dates of certificates count for nothing, as they do for
/// firmware. Certificates that are issued by SHA-1, and keys of RSA of less than 2048 bits, are trusted as firmware trusts them, but the reason says
/// so: EDK2 and shim ask OpenSSL for no level of security.
/// Source: UEFI specification 2.10, 32.5.3.3 "Image verification"; EDK2, CryptoPkg, Pkcs7Verify.
/// </remarks>
/// <example><code>
/// ImageVerdict verdict = ImageVerdict.Of(unified);
/// Console.WriteLine($"{verdict.Kind}: {verdict.Reason}");
/// </code></example>
public sealed class ImageVerdict
{
    private ImageVerdict(
        ImageVerdictKind kind, string reason, ImmutableArray<ImageSignature> signatures, ImmutableArray<Certificate> chain = default)
    {
        Kind = kind;
        Reason = reason;
        Signatures = signatures;
        Chain = chain.IsDefault ? [] : chain;
    }

    /// <summary>The verdict.</summary>
    public ImageVerdictKind Kind { get; }

    /// <summary>Why, in one line.</summary>
    public string Reason { get; }

    /// <summary>The image's signatures.</summary>
    public ImmutableArray<ImageSignature> Signatures { get; }

    /// <summary>From the signer's certificate to the trusted one; empty unless the verdict is <see cref="ImageVerdictKind.Trusted"/>.</summary>
    public ImmutableArray<Certificate> Chain { get; }

    /// <summary>Whether nothing speaks against the image.</summary>
    public bool IsGood => Kind is ImageVerdictKind.Trusted or ImageVerdictKind.Signed;

    /// <summary>Judges an image.</summary>
    /// <param name="image">The image, with PE headers.</param>
    /// <param name="trusted">The certificates that are trusted; null where it does not matter who signed.</param>
    /// <param name="revoked">What must not be started; null for nothing.</param>
    /// <exception cref="BootFormatException">It has no PE headers, they or the certificates do not describe the file, or take too much work.</exception>
    public static ImageVerdict Of(BootImage image, IReadOnlyCollection<Certificate>? trusted = null, SignatureList? revoked = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (revoked?.FindImage(image) is { } entry)
        {
            string reason = $"its digest {Convert.ToHexStringLower(entry.Data.Span)} is revoked";
            return new ImageVerdict(ImageVerdictKind.Revoked, reason, ImageSignature.ReadAll(image));
        }

        ImmutableArray<ImageSignature> signatures = ImageSignature.ReadAll(image);
        if (signatures.IsEmpty)
        {
            // Even so, headers that do not describe the file are an error.
            _ = ImageDigest.Compute(image, Hashes.HashFunction.Sha256);
            string reason = image.Signatures.IsEmpty ? "it has no signature" : "it has no signature that firmware takes: none of PKCS#7 signed data";
            return new ImageVerdict(ImageVerdictKind.Unsigned, reason, signatures);
        }

        if (revoked is not null && FindRevoked(signatures, trusted ?? [], revoked) is { } certificate)
            return new ImageVerdict(ImageVerdictKind.Revoked, $"the certificate {DistinguishedName.Cut(certificate.Subject)} is revoked", signatures);
        ImageSignature? right = signatures.FirstOrDefault(static signature => signature.Fault is null);
        if (right is null)
            return new ImageVerdict(ImageVerdictKind.Wrong, $"its signature is wrong: {signatures[0].Fault}", signatures);
        string signer = DistinguishedName.Cut(right.Signers[0].Subject);
        string weak = right.Weakness is { } weakness ? $", but weak: {weakness}" : "";
        if (trusted is null)
            return new ImageVerdict(ImageVerdictKind.Signed, $"signed by {signer}{weak}; no certificate was given to trust", signatures);
        foreach (ImageSignature signature in signatures.Where(static signature => signature is { Fault: null, Weakness: null }))
        {
            if (FindChain(signature, trusted) is { IsEmpty: false } chain)
            {
                string reason = chain.Length == 1
                    ? $"signed by {DistinguishedName.Cut(chain[0].Subject)}, which is trusted"
                    : $"signed by {DistinguishedName.Cut(chain[0].Subject)}, by way of the trusted {DistinguishedName.Cut(chain[^1].Subject)}";
                if (Caution(signature, chain) is { } caution)
                    reason += $", but {caution}";
                return new ImageVerdict(ImageVerdictKind.Trusted, reason, signatures, chain);
            }
        }

        return new ImageVerdict(
            ImageVerdictKind.Untrusted, $"signed by {signer}{(weak.Length > 0 ? weak : ", which no given certificate issued")}", signatures);
    }

    /// <summary>
    /// What there is to say against a signature that is trusted: a certificate on the way whose key or signature is weak, which firmware takes all
    /// the same, or a kind of signature that firmware does not take. The last certificate is trusted itself, whoever issued it.
    /// </summary>
    private static string? Caution(ImageSignature signature, ImmutableArray<Certificate> chain)
    {
        for (int i = 0; i < chain.Length; i++)
        {
            if ((i == chain.Length - 1 ? chain[i].KeyWeakness : chain[i].Weakness) is { } weakness)
                return $"weak: the certificate {DistinguishedName.Cut(chain[i].Subject)} has {weakness}";
        }

        return signature.Signers.Select(static signer => signer.FirmwareLimit).FirstOrDefault(static limit => limit is not null);
    }

    private static ImmutableArray<Certificate> FindChain(ImageSignature signature, IReadOnlyCollection<Certificate> trusted)
    {
        ImmutableArray<Certificate> first = [];
        foreach (ImageSigner signer in signature.Signers)
        {
            IReadOnlyList<Certificate> chain = signer.FindChain(trusted);
            if (chain.Count == 0)
                return [];
            first = first.IsEmpty ? [.. chain] : first;
        }

        return first;
    }

    /// <summary>
    /// A certificate that is revoked and by way of which the image is signed: one that a signature carries, or else one that issued it. Firmware
    /// takes each certificate of the list for an end of chains, as it does with those that it trusts; and it looks up the trusted ones, too.
    /// </summary>
    private static Certificate? FindRevoked(
        ImmutableArray<ImageSignature> signatures, IReadOnlyCollection<Certificate> trusted, SignatureList revoked)
    {
        foreach (Certificate certificate in signatures.SelectMany(static signature => signature.Certificates))
        {
            if (revoked.FindCertificate(certificate) is not null)
                return certificate;
        }

        Certificate[] ends = [.. revoked.Certificates, .. trusted.Where(certificate => revoked.FindCertificate(certificate) is not null)];
        return signatures.SelectMany(static signature => signature.Signers)
            .Select(signer => signer.FindChain(ends))
            .FirstOrDefault(static chain => chain.Count > 0)?[^1];
    }
}
