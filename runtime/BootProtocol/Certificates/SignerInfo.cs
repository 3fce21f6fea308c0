using System.Collections.Immutable;
using System.Formats.Asn1;
using BootProtocol.Hashes;

namespace BootProtocol.Certificates;

/// <summary>One signer of signed data (RFC 2315, 9.2), with the certificate that it refers to.</summary>
internal sealed class SignerInfo
{
    private static readonly Asn1Tag _tag0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag _tag1 = new(TagClass.ContextSpecific, 1);

    private readonly ReadOnlyMemory<byte> _attributes;
    private readonly string _digestAlgorithm;
    private readonly SignatureMethod? _stated;
    private readonly byte[] _signature;

    private SignerInfo(AsnReader info, ImmutableArray<Certificate> certificates)
    {
        if (!info.TryReadInt32(out int version) || version is not (1 or 3))
            throw new AsnContentException("a signer of an unknown version");
        if (info.PeekTag().HasSameClassAndValue(_tag0))
        {
            info.ReadEncodedValue();
            Issuer = Name = "(named by its key)";
            SerialNumber = "";
        }
        else
        {
            AsnReader name = info.ReadSequence();
            ReadOnlyMemory<byte> issuer = name.ReadEncodedValue();
            ReadOnlyMemory<byte> serial = name.ReadIntegerBytes();
            Issuer = DistinguishedName.Text(issuer);
            SerialNumber = Convert.ToHexStringLower(serial.Span);
            Certificate[] numbered = [.. certificates.Where(certificate => certificate.SerialBytes.Span.SequenceEqual(serial.Span))];
            Certificate = Array.Find(numbered, certificate => certificate.IssuerBytes.Span.SequenceEqual(issuer.Span));
            if (Certificate is null && numbered.Length > 0)
            {
                string key = DistinguishedName.Key(issuer);
                Certificate = Array.Find(numbered, certificate => certificate.IssuerKey == key);
            }

            Name = Certificate?.ShortName ?? $"(issued by {DistinguishedName.Short(issuer)})";
        }

        _digestAlgorithm = ObjectIds.ReadDigest(info);
        if (info.PeekTag().HasSameClassAndValue(_tag0))
            _attributes = info.ReadEncodedValue();
        _stated = SignatureMethod.Read(info.ReadSequence(), out string algorithm);
        SignatureAlgorithm = algorithm;
        Method = ObjectIds.Digest(_digestAlgorithm) is { } function ? Certificate?.MethodOf(function, _stated) : null;
        _signature = info.ReadOctetString();
        if (info.HasData)
            info.ReadSetOf(skipSortOrderValidation: true, _tag1);
        info.ThrowIfNotEmpty();
    }

    /// <summary>The certificate's common name, or what there is to say in place of it.</summary>
    public string Name { get; }

    /// <summary>The name of the certificate's issuer.</summary>
    public string Issuer { get; }

    /// <summary>The certificate's number among those of its issuer, in hexadecimal digits; empty if it is not named so.</summary>
    public string SerialNumber { get; }

    /// <summary>The certificate; null if the signed data do not carry it.</summary>
    public Certificate? Certificate { get; }

    /// <summary>The name of the hash function.</summary>
    public string DigestName => ObjectIds.Name(_digestAlgorithm);

    /// <summary>What the signer states of the kind of signature, such as <c>RSA</c>.</summary>
    public string SignatureAlgorithm { get; }

    /// <summary>The kind of signature by the certificate's key; null if that or the hash function is not known.</summary>
    public SignatureMethod? Method { get; }

    /// <summary>Reads one.</summary>
    /// <exception cref="AsnContentException">It is none.</exception>
    public static SignerInfo Read(AsnReader info, ImmutableArray<Certificate> certificates) => new(info, certificates);

    /// <summary>Why the signature is none of the content by a certificate's key; null if it is one.</summary>
    /// <exception cref="BootFormatException">Too many signatures were checked.</exception>
    public string? Fault(SignedData data, Certificate certificate, SignatureChecks checks)
    {
        if (ObjectIds.Digest(_digestAlgorithm) is not { } function)
            return $"its hash function {DistinguishedName.Cut(DigestName)} is not known";
        if (!data.Digests.Contains(_digestAlgorithm))
            return $"its hash function {DistinguishedName.Cut(DigestName)} is none of those that the signed data list";
        try
        {
            byte[] hash = data.ContentHash(function);
            if (!_attributes.IsEmpty)
            {
                if (AttributesFault(data.ContentType, hash) is { } fault)
                    return fault;
                // They are signed as the set that they are, not under the tag that they stand under.
                byte[] set = _attributes.ToArray();
                set[0] = 0x31;
                hash = HashFunctions.Hash(function, set);
            }

            // PSS has its hash function in its parameters, too, and both are the same (RFC 4056, 3).
            if (Method is { } method && method.Function != function)
                return $"its hash function {DigestName} is not {HashFunctions.Name(method.Function)}, of its parameters";
            return Method is not null && checks.Verifies(certificate, Method, hash, _signature)
                ? null
                : $"it is none by the key of {DistinguishedName.Cut(certificate.Subject)} "
                    + $"({DistinguishedName.Cut(certificate.Key)}; {DistinguishedName.Cut(SignatureAlgorithm)})";
        }
        catch (AsnContentException exception)
        {
            return $"broken ASN.1: {exception.Message}";
        }
    }

    private string? AttributesFault(string contentType, byte[] hash)
    {
        bool hasType = false;
        bool hasDigest = false;
        AsnReader attributes = new AsnReader(_attributes, AsnEncodingRules.BER).ReadSetOf(skipSortOrderValidation: true, _tag0);
        while (attributes.HasData)
        {
            AsnReader attribute = attributes.ReadSequence();
            string id = attribute.ReadObjectIdentifier();
            AsnReader values = attribute.ReadSetOf(skipSortOrderValidation: true);
            if (id == ObjectIds.ContentType)
                hasType = values.ReadObjectIdentifier() == contentType;
            else if (id == ObjectIds.MessageDigest)
                hasDigest = values.ReadOctetString().AsSpan().SequenceEqual(hash);
        }

        if (!hasType)
            return "its attributes are of another kind of content";
        return hasDigest ? null : "its content was changed after it was signed";
    }
}
