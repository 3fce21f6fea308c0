using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BootProtocol.Certificates;
using BootProtocol.Hashes;
using BootProtocol.Images;
using BootProtocol.Pe;
using BootProtocol.Signatures;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Signatures;

/// <summary>Signatures that are right and by SHA-1: sbverify refuses them.</summary>
[Needs(Need.Kernels)]
public sealed class WeakSignatureTests
{
    private static readonly Asn1Tag _tag0 = new(TagClass.ContextSpecific, 0, isConstructed: true);

    [Theory]
    [InlineData(HashFunction.Sha256, HashFunction.Sha256, ImageVerdictKind.Trusted)]
    [InlineData(HashFunction.Sha1, HashFunction.Sha256, ImageVerdictKind.Untrusted)]
    [InlineData(HashFunction.Sha256, HashFunction.Sha1, ImageVerdictKind.Untrusted)]
    public void What_is_signed_by_sha1_is_weak_and_not_trusted(HashFunction digest, HashFunction signer, ImageVerdictKind expected)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=weak", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 own = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(70));
        using var image = BootImage.Open(Attach(PeFile.Stub(), file => Sign(file, digest, signer, key, own)));
        ImageVerdict signed = ImageVerdict.Of(image);
        Assert.Equal(ImageVerdictKind.Signed, signed.Kind);
        Assert.Null(signed.Signatures[0].Fault);
        Assert.Equal(expected == ImageVerdictKind.Trusted, signed.Signatures[0].Weakness is null);
        ImageVerdict verdict = ImageVerdict.Of(image, Certificate.ReadAll(own.RawData));
        Assert.Equal(expected, verdict.Kind);
        if (expected == ImageVerdictKind.Untrusted)
        {
            Assert.Contains("but weak: ", signed.Reason, StringComparison.Ordinal);
            Assert.Contains("but weak: ", verdict.Reason, StringComparison.Ordinal);
        }
    }

    /// <summary>Adds a table of certificates with one entry.</summary>
    private static byte[] Attach(byte[] stub, Func<byte[], byte[]> sign)
    {
        byte[] file = [.. stub, .. new byte[-stub.Length & 7]];
        int directory;
        using (var image = BootImage.Open(file))
        {
            Assert.True(image.TryGetPe(out PeView pe));
            directory = (int)pe.DirectoryOffset + ((int)DataDirectoryIndex.Certs * DataDirectoryEntry.Layout.Size);
        }

        byte[] data = sign(file);
        byte[] entry = [.. new byte[8], .. data, .. new byte[-data.Length & 7]];
        BinaryPrimitives.WriteInt32LittleEndian(entry, 8 + data.Length);
        BinaryPrimitives.WriteInt16LittleEndian(entry.AsSpan(4), 0x200);
        BinaryPrimitives.WriteInt16LittleEndian(entry.AsSpan(6), (short)WinCertificateType.PkcsSignedData);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(directory), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(directory + 4), entry.Length);
        return [.. file, .. entry];
    }

    private static byte[] Sign(byte[] file, HashFunction digest, HashFunction signer, RSA key, X509Certificate2 own)
    {
        using var image = BootImage.Open(file);
        byte[] kind = Sequence(Id("1.3.6.1.4.1.311.2.1.15"));
        byte[] info = Sequence(Algorithm(digest), Octets(ImageDigest.Compute(image, digest)));
        byte[] content = Sequence(kind, info);
        Assert.InRange(content[1], 0, 127);
        HashAlgorithmName name = signer == HashFunction.Sha1 ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256;
        byte[] signature = key.SignHash(HashFunctions.Hash(signer, content.AsSpan(2)), name, RSASignaturePadding.Pkcs1);
        byte[] one = [2, 1, 1];
        byte[] serial = [2, (byte)own.SerialNumberBytes.Length, .. own.SerialNumberBytes.Span];
        byte[] signed = Sequence(
            one, Sequence(own.IssuerName.RawData, serial), Algorithm(signer), Sequence(Id("1.2.840.113549.1.1.1"), [5, 0]), Octets(signature));
        byte[] data = Sequence(
            one,
            Under(Asn1Tag.SetOf, Algorithm(signer)),
            Sequence(Id("1.3.6.1.4.1.311.2.1.4"), Under(_tag0, content)),
            Under(_tag0, own.RawData),
            Under(Asn1Tag.SetOf, signed));
        return Sequence(Id("1.2.840.113549.1.7.2"), Under(_tag0, data));
    }

    private static byte[] Algorithm(HashFunction function) =>
        Sequence(Id(function == HashFunction.Sha1 ? "1.3.14.3.2.26" : "2.16.840.1.101.3.4.2.1"), [5, 0]);

    private static byte[] Id(string id)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteObjectIdentifier(id);
        return writer.Encode();
    }

    private static byte[] Octets(byte[] bytes)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(bytes);
        return writer.Encode();
    }

    private static byte[] Sequence(params byte[][] parts) => Under(Asn1Tag.Sequence, parts);

    private static byte[] Under(Asn1Tag tag, params byte[][] parts)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence(tag.TagClass == TagClass.Universal ? Asn1Tag.Sequence : tag))
        {
            foreach (byte[] part in parts)
                writer.WriteEncodedValue(part);
        }

        byte[] encoded = writer.Encode();
        if (tag == Asn1Tag.SetOf)
            encoded[0] = 0x31;
        return encoded;
    }
}
