using System.Collections.Immutable;
using System.Formats.Asn1;
using BootProtocol.Hashes;

namespace BootProtocol.Certificates;

/// <summary>PKCS#7 signed data (RFC 2315, RFC 5652), as the signatures of images hold it.</summary>
internal sealed class SignedData
{
    /// <summary>The last version that there is (RFC 5652, 5.1).</summary>
    private const int LastVersion = 5;

    /// <summary>The most certificates, and the most signers: each may have issued any other, and the work grows with the square of it.</summary>
    private const int MaximumCount = 64;

    private static readonly Asn1Tag _tag0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag _tag1 = new(TagClass.ContextSpecific, 1);

    private readonly byte[]?[] _hashes = new byte[]?[HashFunctions.Names.Length];

    private SignedData(ReadOnlyMemory<byte> bytes)
    {
        AsnReader content = new AsnReader(bytes, AsnEncodingRules.BER).ReadSequence();
        string kind = content.ReadObjectIdentifier();
        if (kind != ObjectIds.SignedData)
            throw new AsnContentException($"content of type {kind}, not {ObjectIds.SignedData}");
        AsnReader signed = content.ReadSequence(_tag0).ReadSequence();
        content.ThrowIfNotEmpty();
        if (!signed.TryReadInt32(out int version) || version is < 1 or > LastVersion)
            throw new AsnContentException("signed data of an unknown version");
        AsnReader digests = signed.ReadSetOf(skipSortOrderValidation: true);
        var listed = new List<string>();
        while (digests.HasData)
            listed.Add(ObjectIds.ReadDigest(digests));
        Digests = listed;
        AsnReader inner = signed.ReadSequence();
        ContentType = inner.ReadObjectIdentifier();
        if (inner.HasData)
            Content = inner.ReadSequence(_tag0).ReadEncodedValue();
        inner.ThrowIfNotEmpty();
        ImmutableArray<Certificate>.Builder certificates = ImmutableArray.CreateBuilder<Certificate>();
        if (signed.PeekTag().HasSameClassAndValue(_tag0))
        {
            AsnReader set = signed.ReadSetOf(skipSortOrderValidation: true, _tag0);
            while (set.HasData)
            {
                RequireFew(certificates.Count);
                certificates.Add(Certificate.ReadEncoded(set.ReadEncodedValue()));
            }
        }

        Certificates = certificates.ToImmutable();
        if (signed.PeekTag().HasSameClassAndValue(_tag1))
            signed.ReadEncodedValue();
        ImmutableArray<SignerInfo>.Builder signers = ImmutableArray.CreateBuilder<SignerInfo>();
        AsnReader infos = signed.ReadSetOf(skipSortOrderValidation: true);
        while (infos.HasData)
        {
            RequireFew(signers.Count);
            signers.Add(SignerInfo.Read(infos.ReadSequence(), Certificates));
        }

        signed.ThrowIfNotEmpty();
        Signers = signers.ToImmutable();
    }

    /// <summary>The identifiers of the hash functions of all signers.</summary>
    public IReadOnlyList<string> Digests { get; }

    /// <summary>The identifier of the kind of content.</summary>
    public string ContentType { get; }

    /// <summary>The content as it is encoded; empty if it stands elsewhere.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>The certificates that it carries.</summary>
    public ImmutableArray<Certificate> Certificates { get; }

    /// <summary>Who signed.</summary>
    public ImmutableArray<SignerInfo> Signers { get; }

    private static void RequireFew(int count)
    {
        if (count == MaximumCount)
            throw new AsnContentException(FormattableString.Invariant($"more than {MaximumCount} certificates or signers"));
    }

    /// <summary>Reads it.</summary>
    /// <param name="bytes">The signed data in its ContentInfo; padding may follow.</param>
    /// <param name="offset">Where they stand in the file.</param>
    /// <exception cref="BootFormatException">They are no signed data.</exception>
    public static SignedData Read(ReadOnlyMemory<byte> bytes, long offset)
    {
        try
        {
            return new SignedData(bytes);
        }
        catch (AsnContentException exception)
        {
            throw new BootFormatException(
                BootErrorCode.Malformed, "win_certificate", "", offset, "PKCS#7 signed data", $"broken ASN.1: {exception.Message}", exception);
        }
    }

    /// <summary>Reads it; null if it is none.</summary>
    /// <param name="bytes">The signed data in its ContentInfo; padding may follow.</param>
    /// <param name="offset">Where they stand in the file.</param>
    /// <param name="fault">Why it is none.</param>
    public static SignedData? TryRead(ReadOnlyMemory<byte> bytes, long offset, out string fault)
    {
        try
        {
            fault = "";
            return Read(bytes, offset);
        }
        catch (BootFormatException exception)
        {
            fault = exception.Found;
            return null;
        }
    }

    /// <summary>The hash of the bytes of the content that are signed: those behind its tag and length (RFC 2315, 9.3); computed once.</summary>
    /// <exception cref="AsnContentException">It has none.</exception>
    public byte[] ContentHash(HashFunction function)
    {
        if (_hashes[(int)function] is { } known)
            return known;
        AsnDecoder.ReadEncodedValue(Content.Span, AsnEncodingRules.BER, out int offset, out int length, out _);
        return _hashes[(int)function] = HashFunctions.Hash(function, Content.Span.Slice(offset, length));
    }
}
