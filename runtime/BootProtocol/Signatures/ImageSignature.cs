using System.Collections.Immutable;
using System.Formats.Asn1;
using BootProtocol.Certificates;
using BootProtocol.Hashes;
using BootProtocol.Images;
using BootProtocol.Pe;

namespace BootProtocol.Signatures;

/// <summary>A signature of an image, as Secure Boot takes it (Authenticode): what it signs, and who.</summary>
/// <remarks>
/// It is right where its digest is that of the image, and every signer's signature one of that digest by the key of its certificate. Who a
/// certificate belongs to is another question: <see cref="ImageVerdict"/> asks that, too.
/// Source: Microsoft, "Windows Authenticode Portable Executable Signature Format".
/// </remarks>
/// <example><code>
/// foreach (ImageSignature signature in ImageSignature.ReadAll(image))
///     Console.WriteLine($"{signature.Signers[0].Subject}: {signature.Fault ?? "right"}");
/// </code></example>
public sealed class ImageSignature
{
    /// <summary>The revision of entries in the table that signatures have.</summary>
    private const int Revision = 0x200;

    private readonly int _revision;

    private readonly string? _broken;

    /// <summary>One that cannot be read: others of the image may be right.</summary>
    private ImageSignature(PeSignature entry, string broken)
    {
        Entry = entry;
        _broken = broken;
        DigestName = "";
        Signers = [];
        Certificates = [];
    }

    private ImageSignature(PeSignature entry, int revision, SignedData data, Func<HashFunction, byte[]> digestOf, SignatureChecks checks)
    {
        Entry = entry;
        _revision = revision;
        Certificates = data.Certificates;
        (string digestId, Digest) = ReadDigest(data);
        DigestFunction = ObjectIds.Digest(digestId);
        DigestName = ObjectIds.Name(digestId);
        IsDigestRight = DigestFunction is { } function && digestOf(function).AsSpan().SequenceEqual(Digest.Span);
        Signers = [.. data.Signers.Select(signer => new ImageSigner(signer, data, checks))];
    }

    /// <summary>Its entry in the image's table of certificates.</summary>
    public PeSignature Entry { get; }

    /// <summary>The name of the hash function of <see cref="Digest"/>, such as <c>sha256</c>; empty if the signature cannot be read.</summary>
    public string DigestName { get; }

    /// <summary>The hash function of <see cref="Digest"/>; null if it is none of those known here.</summary>
    public HashFunction? DigestFunction { get; }

    /// <summary>The digest of the image as it was when it was signed.</summary>
    public ReadOnlyMemory<byte> Digest { get; }

    /// <summary>Whether the image has that digest now.</summary>
    public bool IsDigestRight { get; }

    /// <summary>Who signed it.</summary>
    public ImmutableArray<ImageSigner> Signers { get; }

    /// <summary>The certificates that it carries, of signers and of those who issued theirs.</summary>
    public ImmutableArray<Certificate> Certificates { get; }

    /// <summary>Why it is no signature of this image; null if it is one. Whose it is does not matter here.</summary>
    public string? Fault
    {
        get
        {
            if (_broken is not null)
                return $"it cannot be read: {_broken}";
            if (_revision != Revision)
                return FormattableString.Invariant($"its entry is of revision 0x{_revision:x}, not 0x{Revision:x}");
            if (DigestFunction is null)
                return $"the hash function of its digest, {DistinguishedName.Cut(DigestName)}, is not known";
            if (!IsDigestRight)
                return "the image was changed after it was signed: it has another digest";
            return Signers.IsEmpty ? "it has no signer" : Signers.Select(static signer => signer.Fault).FirstOrDefault(static fault => fault is not null);
        }
    }

    /// <summary>Why it is worth nothing today though it may be right: a hash in it is one of SHA-1. Null if there is no reason.</summary>
    /// <remarks>Source: NIST SP 800-131A: digests by SHA-1 can be made to meet.</remarks>
    public string? Weakness
    {
        get
        {
            if (DigestFunction == HashFunction.Sha1)
                return "the image's digest is one of SHA-1";
            return Signers.Any(static signer => signer.DigestName == HashFunctions.Name(HashFunction.Sha1)) ? "it is signed by SHA-1" : null;
        }
    }

    /// <summary>Reads the signatures of an image and computes its digest; kinds of certificates other than PKCS#7 are left out.</summary>
    /// <param name="image">The image; an image inside of it has signatures of its own.</param>
    /// <remarks>A signature that cannot be read is one with a <see cref="Fault"/>, and without signers and certificates.</remarks>
    /// <exception cref="BootFormatException">
    /// The table of certificates or the PE headers do not describe the file, or there are more signatures to check than 256.
    /// </exception>
    public static ImmutableArray<ImageSignature> ReadAll(BootImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        ImmutableArray<ImageSignature>.Builder signatures = ImmutableArray.CreateBuilder<ImageSignature>();
        var checks = new SignatureChecks();
        var digests = new Dictionary<HashFunction, byte[]>();
        foreach (PeSignature entry in image.Signatures)
        {
            if (entry.HeaderLength == 0)
                continue;
            int offset = (int)entry.Offset + entry.HeaderLength;
            int end = (int)entry.Offset + entry.Length;
            int revision = WinCertificate.Parse(image.Bytes[(int)entry.Offset..]).Revision;
            signatures.Add(Read(entry, revision, image.Memory[offset..end]));
        }

        return signatures.ToImmutable();

        ImageSignature Read(PeSignature entry, int revision, ReadOnlyMemory<byte> bytes)
        {
            if (SignedData.TryRead(bytes, entry.Offset, out string fault) is not { } data)
                return new ImageSignature(entry, fault);
            try
            {
                return new ImageSignature(entry, revision, data, DigestOf, checks);
            }
            catch (AsnContentException exception)
            {
                return new ImageSignature(entry, $"no digest of a program (SpcIndirectDataContent): {exception.Message}");
            }
        }

        byte[] DigestOf(HashFunction function)
        {
            if (!digests.TryGetValue(function, out byte[]? digest))
                digests.Add(function, digest = ImageDigest.Compute(image, function));
            return digest;
        }
    }

    /// <summary>The digest in SpcIndirectDataContent: what it is of, and behind it the hash function and the digest.</summary>
    /// <exception cref="AsnContentException">There is none.</exception>
    private static (string Id, ReadOnlyMemory<byte> Digest) ReadDigest(SignedData data)
    {
        if (data.ContentType != ObjectIds.IndirectData)
            throw new AsnContentException($"content of type {DistinguishedName.Cut(data.ContentType)}, not {ObjectIds.IndirectData}");
        AsnReader content = new AsnReader(data.Content, AsnEncodingRules.BER).ReadSequence();
        content.ReadEncodedValue();
        AsnReader info = content.ReadSequence();
        return (ObjectIds.ReadDigest(info), info.ReadOctetString());
    }
}
