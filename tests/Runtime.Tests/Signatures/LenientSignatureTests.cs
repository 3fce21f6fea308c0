using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BootProtocol.Certificates;
using BootProtocol.Images;
using BootProtocol.Pe;
using BootProtocol.Signatures;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Signatures;

/// <summary>What other tools take for right, though a part of it is not as it should be.</summary>
public sealed class LenientSignatureTests
{
    /// <summary>RFC 5280, 7.1: names are the same without regard to case, spaces and the kind of their text.</summary>
    [Fact]
    public void An_issuer_is_found_however_its_name_is_encoded()
    {
        using var key = RSA.Create(2048);
        Certificate root = Issue(key, Name("Tests CA", UniversalTagNumber.UTF8String), Name("Tests CA", UniversalTagNumber.UTF8String));
        foreach ((string name, bool isSame) in ((string, bool)[])[("Tests CA", true), ("tests  ca ", true), ("Tests CB", false)])
        {
            Certificate leaf = Issue(key, Name("leaf", UniversalTagNumber.UTF8String), Name(name, UniversalTagNumber.PrintableString));
            Assert.Equal(isSame, leaf.IsIssuedBy(root));
        }
    }

    /// <summary>Names that their kind of text does not allow are met in use, and say nothing of the signature.</summary>
    [Fact]
    public void A_name_that_is_wrong_is_shown_as_far_as_it_goes()
    {
        Assert.Equal("CN=A&B", DistinguishedName.Text(Encoded(0x13, "A&B"u8)));
        Assert.Equal("CN=A\ufffdB", DistinguishedName.Text(Encoded(0x0c, [0x41, 0xff, 0x42])));
        Assert.Equal("CN=#0401ff", DistinguishedName.Text(Encoded(0x04, [0xff])));
        Assert.Equal("", DistinguishedName.Text(new byte[] { 0x30, 0x02, 0x31, 0x05 }));
        Assert.Equal("(no name)", DistinguishedName.Short(new byte[] { 0x30, 0x00 }));
    }

    /// <summary>OpenSSL reads a certificate whose key it cannot use, so that one beside it may be right.</summary>
    [Fact]
    public void A_certificate_whose_key_is_of_no_use_is_one()
    {
        using var key = RSA.Create(2048);
        X500DistinguishedName name = Name("Tests CA", UniversalTagNumber.UTF8String);
        Certificate right = Issue(key, name, name);
        byte[] bytes = right.Bytes.ToArray();
        int exponent = bytes.AsSpan().IndexOf((byte[])[2, 3, 1, 0, 1]);
        bytes[exponent + 2] = 0xff;
        Certificate wrong = Certificate.ReadAll(bytes)[0];
        Assert.Equal("of no use: a key of RSA whose modulus or exponent is out of bounds", wrong.Key);
        Assert.False(wrong.IsIssuedBy(wrong));
        Assert.True(right.IsIssuedBy(right));
    }

    [Fact]
    public void A_long_name_is_cut_in_messages()
    {
        Assert.Equal(new string('x', 200), DistinguishedName.Cut(new string('x', 200)));
        Assert.Equal(new string('x', 200) + "...", DistinguishedName.Cut(new string('x', 1 << 20)));
    }

    /// <summary>An entry behind or before a right one that is no signature makes that none the less right.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Needs(Need.Kernels)]
    public void An_unreadable_signature_leaves_the_others_right(bool isFirst)
    {
        byte[] whole = File.ReadAllBytes(DebianKernels.Find("bookworm-signed-amd64", "vmlinuz"));
        byte[] junk = new byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(junk, 13);
        BinaryPrimitives.WriteInt16LittleEndian(junk.AsSpan(4), 0x200);
        BinaryPrimitives.WriteInt16LittleEndian(junk.AsSpan(6), (short)WinCertificateType.PkcsSignedData);
        new byte[] { 0x30, 0x03, 0x02, 0x01, 0x01 }.CopyTo(junk, 8);
        int directory;
        int start;
        using (var image = BootImage.Open(whole))
        {
            Assert.True(image.TryGetPe(out PeView pe));
            directory = (int)pe.DirectoryOffset + ((int)DataDirectoryIndex.Certs * DataDirectoryEntry.Layout.Size);
            start = (int)image.Signatures[0].Offset;
        }

        byte[] changed = isFirst ? [.. whole[..start], .. junk, .. whole[start..]] : [.. whole, .. junk];
        BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(directory + 4), changed.Length - start);
        using var opened = BootImage.Open(changed);
        ImageVerdict verdict = ImageVerdict.Of(opened, Certificate.ReadAll(File.ReadAllBytes(DebianKernels.Find("shim", "debian-uefi-ca.der"))));
        Assert.Equal(ImageVerdictKind.Trusted, verdict.Kind);
        ImageSignature broken = verdict.Signatures[isFirst ? 0 : 1];
        Assert.StartsWith("it cannot be read: broken ASN.1", broken.Fault, StringComparison.Ordinal);
        Assert.Empty(broken.Signers);
        Assert.Empty(opened.Signatures[isFirst ? 0 : 1].Signers);
    }

    /// <summary>UEFI has two ways to say that an entry is PKCS#7, and EDK2 takes both (DxeImageVerificationLib); other kinds are none.</summary>
    [Theory]
    [InlineData("4aafd29d-68df-49ee-8aa9-347d375665a7", ImageVerdictKind.Trusted)]
    [InlineData("a7717414-c616-4977-9420-844712a735bf", ImageVerdictKind.Unsigned)]
    [Needs(Need.Kernels)]
    public void An_entry_whose_kind_is_given_by_an_identifier_is_a_signature_if_that_is_PKCS7(string kind, ImageVerdictKind expected)
    {
        const int Header = 8;
        byte[] whole = File.ReadAllBytes(DebianKernels.Find("bookworm-signed-amd64", "vmlinuz"));
        int directory;
        PeSignature plain;
        using (var image = BootImage.Open(whole))
        {
            Assert.True(image.TryGetPe(out PeView pe));
            directory = (int)pe.DirectoryOffset + ((int)DataDirectoryIndex.Certs * DataDirectoryEntry.Layout.Size);
            plain = Assert.Single(image.Signatures);
        }

        int start = (int)plain.Offset;
        byte[] data = whole[(start + Header)..(start + plain.Length)];
        byte[] entry = [.. whole.AsSpan(start, Header), .. new Guid(kind).ToByteArray(), .. data];
        BinaryPrimitives.WriteInt32LittleEndian(entry, entry.Length);
        BinaryPrimitives.WriteInt16LittleEndian(entry.AsSpan(6), (short)WinCertificateType.EfiGuid);
        byte[] changed = [.. whole[..start], .. entry, .. new byte[-entry.Length & 7]];
        BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(directory + 4), changed.Length - start);
        using var opened = BootImage.Open(changed);
        ImageVerdict verdict = ImageVerdict.Of(opened, Certificate.ReadAll(File.ReadAllBytes(DebianKernels.Find("shim", "debian-uefi-ca.der"))));
        Assert.Equal(expected, verdict.Kind);
        bool isSigned = expected == ImageVerdictKind.Trusted;
        Assert.Equal(isSigned ? plain.Signers : [], Assert.Single(opened.Signatures).Signers);
        if (!isSigned)
            Assert.Equal("it has no signature that firmware takes: none of PKCS#7 signed data", verdict.Reason);
    }

    /// <summary>Text may call certificates by OpenSSL's other names for them, and have other things beside them.</summary>
    [Fact]
    public void Certificates_in_text_have_three_names()
    {
        using var key = RSA.Create(2048);
        X500DistinguishedName name = Name("Tests CA", UniversalTagNumber.UTF8String);
        Certificate certificate = Issue(key, name, name);
        byte[] aux = [.. certificate.Bytes.Span, 0x30, 0x00];
        string text = string.Join(
            '\n',
            key.ExportPkcs8PrivateKeyPem(),
            PemEncoding.WriteString("CERTIFICATE", certificate.Bytes.Span),
            PemEncoding.WriteString("X509 CERTIFICATE", certificate.Bytes.Span),
            PemEncoding.WriteString("TRUSTED CERTIFICATE", aux));
        var read = Certificate.ReadAll(System.Text.Encoding.ASCII.GetBytes(text));
        Assert.Equal(3, read.Length);
        Assert.All(read, found => Assert.Equal(certificate.Bytes.ToArray(), found.Bytes.ToArray()));

        foreach ((string others, string found) in ((string, string)[])[
            (key.ExportPkcs8PrivateKeyPem(), "a text with \"PRIVATE KEY\""),
            (PemEncoding.WriteString("PKCS7", certificate.Bytes.Span), "a text with \"PKCS7\""),
            ("", "an empty file")])
        {
            Assert.Equal(found, Assert.Throws<BootFormatException>(() => Certificate.ReadAll(System.Text.Encoding.ASCII.GetBytes(others))).Found);
        }
    }

    private static X500DistinguishedName Name(string name, UniversalTagNumber kind)
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.Add("2.5.4.3", name, kind);
        return builder.Build();
    }

    private static byte[] Encoded(byte kind, ReadOnlySpan<byte> value)
    {
        byte[] attribute = [0x06, 0x03, 0x55, 0x04, 0x03, kind, (byte)value.Length, .. value];
        return [0x30, (byte)(attribute.Length + 4), 0x31, (byte)(attribute.Length + 2), 0x30, (byte)attribute.Length, .. attribute];
    }

    private static Certificate Issue(RSA key, X500DistinguishedName name, X500DistinguishedName issuer)
    {
        var start = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 certificate = request.Create(
            issuer, X509SignatureGenerator.CreateForRSA(key, RSASignaturePadding.Pkcs1), start, start.AddYears(20), [1]);
        return Certificate.ReadAll(certificate.RawData)[0];
    }
}
