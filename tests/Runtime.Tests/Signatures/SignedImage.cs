using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using BootProtocol.Hashes;
using BootProtocol.Images;
using BootProtocol.Pe;
using BootProtocol.Signatures;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Signatures;

/// <summary>Images that the tests sign in ways that no signing tool offers.</summary>
internal static class SignedImage
{
    /// <summary>What signers state for keys of RSA and signatures by PKCS#1 v1.5.</summary>
    public static byte[] Rsa => Sequence(Id("1.2.840.113549.1.1.1"), [5, 0]);

    private static readonly Asn1Tag _tag0 = new(TagClass.ContextSpecific, 0, isConstructed: true);

    /// <summary>Adds a table of certificates with one entry to an image.</summary>
    /// <param name="digest">The hash function of the image's digest.</param>
    /// <param name="signer">That of the signer.</param>
    /// <param name="algorithm">What the signer states of its signature.</param>
    /// <param name="sign">Signs a hash.</param>
    /// <param name="own">The signer's certificate.</param>
    /// <param name="others">Other certificates.</param>
    public static byte[] Make(
        HashFunction digest, HashFunction signer, byte[] algorithm, Func<byte[], byte[]> sign, X509Certificate2 own, params X509Certificate2[] others)
    {
        byte[] stub = PeFile.Stub();
        byte[] file = [.. stub, .. new byte[-stub.Length & 7]];
        int directory;
        using (var image = BootImage.Open(file))
        {
            Assert.True(image.TryGetPe(out PeView pe));
            directory = (int)pe.DirectoryOffset + ((int)DataDirectoryIndex.Certs * DataDirectoryEntry.Layout.Size);
        }

        byte[] data = Data(file, digest, signer, algorithm, sign, [own, .. others]);
        byte[] entry = [.. new byte[8], .. data, .. new byte[-data.Length & 7]];
        BinaryPrimitives.WriteInt32LittleEndian(entry, 8 + data.Length);
        BinaryPrimitives.WriteInt16LittleEndian(entry.AsSpan(4), 0x200);
        BinaryPrimitives.WriteInt16LittleEndian(entry.AsSpan(6), (short)WinCertificateType.PkcsSignedData);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(directory), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(directory + 4), entry.Length);
        return [.. file, .. entry];
    }

    /// <summary>An identifier as it is encoded.</summary>
    public static byte[] Id(string id)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteObjectIdentifier(id);
        return writer.Encode();
    }

    /// <summary>Parts under the tag of a sequence.</summary>
    public static byte[] Sequence(params byte[][] parts) => Under(Asn1Tag.Sequence, parts);

    /// <summary>Parts under any tag.</summary>
    public static byte[] Under(Asn1Tag tag, params byte[][] parts)
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

    /// <summary>Which hash function is meant.</summary>
    public static byte[] Algorithm(HashFunction function) => Sequence(
        Id(function switch
        {
            HashFunction.Sha1 => "1.3.14.3.2.26",
            HashFunction.Sha256 => "2.16.840.1.101.3.4.2.1",
            HashFunction.Sha384 => "2.16.840.1.101.3.4.2.2",
            _ => "2.16.840.1.101.3.4.2.3",
        }),
        [5, 0]);

    private static byte[] Data(
        byte[] file, HashFunction digest, HashFunction signer, byte[] algorithm, Func<byte[], byte[]> sign, X509Certificate2[] certificates)
    {
        using var image = BootImage.Open(file);
        X509Certificate2 own = certificates[0];
        byte[] kind = Sequence(Id("1.3.6.1.4.1.311.2.1.15"));
        byte[] info = Sequence(Algorithm(digest), Octets(ImageDigest.Compute(image, digest)));
        byte[] content = Sequence(kind, info);
        Assert.InRange(content[1], 0, 127);
        byte[] signature = sign(HashFunctions.Hash(signer, content.AsSpan(2)));
        byte[] one = [2, 1, 1];
        byte[] serial = [2, (byte)own.SerialNumberBytes.Length, .. own.SerialNumberBytes.Span];
        byte[] signed = Sequence(one, Sequence(own.IssuerName.RawData, serial), Algorithm(signer), algorithm, Octets(signature));
        byte[] data = Sequence(
            one,
            Under(Asn1Tag.SetOf, Algorithm(signer)),
            Sequence(Id("1.3.6.1.4.1.311.2.1.4"), Under(_tag0, content)),
            Under(_tag0, [.. certificates.Select(static certificate => certificate.RawData)]),
            Under(Asn1Tag.SetOf, signed));
        return Sequence(Id("1.2.840.113549.1.7.2"), Under(_tag0, data));
    }

    private static byte[] Octets(byte[] bytes)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(bytes);
        return writer.Encode();
    }
}
