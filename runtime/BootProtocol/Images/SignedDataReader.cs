using System.Collections.Immutable;
using System.Formats.Asn1;

namespace BootProtocol.Images;

/// <summary>Reads who signed PKCS#7 signed data (RFC 2315, RFC 5652), by the certificates that it carries.</summary>
internal static class SignedDataReader
{
    private const string SignedData = "1.2.840.113549.1.7.2";
    private const string CommonName = "2.5.4.3";

    /// <summary>The forms of text in which names are written.</summary>
    private static readonly UniversalTagNumber[] _texts =
    [
        UniversalTagNumber.UTF8String, UniversalTagNumber.PrintableString, UniversalTagNumber.IA5String, UniversalTagNumber.T61String,
        UniversalTagNumber.BMPString, UniversalTagNumber.VisibleString, UniversalTagNumber.NumericString,
    ];

    private static readonly Asn1Tag _tag0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag _tag1 = new(TagClass.ContextSpecific, 1);

    /// <summary>A certificate, as far as a signer refers to it.</summary>
    private readonly record struct Certificate(ReadOnlyMemory<byte> Issuer, ReadOnlyMemory<byte> Serial, ReadOnlyMemory<byte> Subject);

    /// <summary>Reads the signers' names: the common name of the subject of each signer's certificate, or of its issuer if that is missing.</summary>
    /// <param name="bytes">The signed data in its ContentInfo; padding may follow.</param>
    /// <param name="offset">Where they stand in the file.</param>
    /// <exception cref="BootFormatException">They are no signed data.</exception>
    public static ImmutableArray<string> ReadSigners(ReadOnlyMemory<byte> bytes, long offset)
    {
        try
        {
            return Read(bytes);
        }
        catch (AsnContentException exception)
        {
            throw new BootFormatException(
                BootErrorCode.Malformed, "win_certificate", "", offset, "PKCS#7 signed data", $"broken ASN.1: {exception.Message}", exception);
        }
    }

    private static ImmutableArray<string> Read(ReadOnlyMemory<byte> bytes)
    {
        AsnReader content = new AsnReader(bytes, AsnEncodingRules.BER).ReadSequence();
        string kind = content.ReadObjectIdentifier();
        if (kind != SignedData)
            throw new AsnContentException($"content of type {kind}, not {SignedData}");
        AsnReader signed = content.ReadSequence(_tag0).ReadSequence();
        signed.ReadIntegerBytes();
        signed.ReadEncodedValue();
        signed.ReadEncodedValue();
        List<Certificate> certificates = [];
        if (signed.PeekTag().HasSameClassAndValue(_tag0))
        {
            AsnReader set = signed.ReadSetOf(_tag0);
            while (set.HasData)
                certificates.Add(ReadCertificate(set));
        }

        if (signed.PeekTag().HasSameClassAndValue(_tag1))
            signed.ReadEncodedValue();
        ImmutableArray<string>.Builder signers = ImmutableArray.CreateBuilder<string>();
        AsnReader infos = signed.ReadSetOf();
        while (infos.HasData)
            signers.Add(ReadSigner(infos.ReadSequence(), certificates));
        return signers.ToImmutable();
    }

    private static Certificate ReadCertificate(AsnReader set)
    {
        AsnReader body = set.ReadSequence().ReadSequence();
        if (body.PeekTag().HasSameClassAndValue(_tag0))
            body.ReadEncodedValue();
        ReadOnlyMemory<byte> serial = body.ReadIntegerBytes();
        body.ReadEncodedValue();
        ReadOnlyMemory<byte> issuer = body.ReadEncodedValue();
        body.ReadEncodedValue();
        return new Certificate(issuer, serial, body.ReadEncodedValue());
    }

    private static string ReadSigner(AsnReader info, List<Certificate> certificates)
    {
        info.ReadIntegerBytes();
        if (info.PeekTag().HasSameClassAndValue(_tag0))
            return "(named by its key)";
        AsnReader name = info.ReadSequence();
        ReadOnlyMemory<byte> issuer = name.ReadEncodedValue();
        ReadOnlyMemory<byte> serial = name.ReadIntegerBytes();
        foreach (Certificate certificate in certificates)
        {
            if (certificate.Serial.Span.SequenceEqual(serial.Span) && certificate.Issuer.Span.SequenceEqual(issuer.Span))
                return ReadName(certificate.Subject);
        }

        return $"(issued by {ReadName(issuer)})";
    }

    /// <summary>The common name in a distinguished name; its last attribute where it has none.</summary>
    private static string ReadName(ReadOnlyMemory<byte> name)
    {
        AsnReader parts = new AsnReader(name, AsnEncodingRules.BER).ReadSequence();
        string last = "(no name)";
        while (parts.HasData)
        {
            AsnReader set = parts.ReadSetOf(skipSortOrderValidation: true);
            while (set.HasData)
            {
                AsnReader attribute = set.ReadSequence();
                string kind = attribute.ReadObjectIdentifier();
                Asn1Tag tag = attribute.PeekTag();
                if (tag.TagClass != TagClass.Universal || !_texts.Contains((UniversalTagNumber)tag.TagValue))
                    continue;
                last = attribute.ReadCharacterString((UniversalTagNumber)tag.TagValue);
                if (kind == CommonName)
                    return last;
            }
        }

        return last;
    }
}
