using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BootProtocol.Certificates;
using BootProtocol.Hashes;
using BootProtocol.Images;
using BootProtocol.Signatures;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Signatures;

/// <summary>Signatures that are right and by SHA-1: sbverify refuses them.</summary>
[Needs(Need.Kernels)]
public sealed class WeakSignatureTests
{
    [Theory]
    [InlineData(HashFunction.Sha256, HashFunction.Sha256, ImageVerdictKind.Trusted)]
    [InlineData(HashFunction.Sha1, HashFunction.Sha256, ImageVerdictKind.Untrusted)]
    [InlineData(HashFunction.Sha256, HashFunction.Sha1, ImageVerdictKind.Untrusted)]
    public void What_is_signed_by_sha1_is_weak_and_not_trusted(HashFunction digest, HashFunction signer, ImageVerdictKind expected)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=weak", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 own = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(70));
        using var image = BootImage.Open(SignedImage.Make(digest, signer, SignedImage.Rsa, hash => Sign(key, signer, hash), own));
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

    /// <summary>Firmware trusts it all the same, since it asks OpenSSL for no level of security; the verdict says what is weak.</summary>
    [Theory]
    [InlineData(1024, 2048, "SHA256", "a key of RSA with 1024 bits")]
    [InlineData(2048, 1024, "SHA256", "a key of RSA with 1024 bits")]
    [InlineData(2048, 2048, "SHA1", "an issuer's signature of sha1WithRSAEncryption")]
    [InlineData(2048, 2048, "SHA256", null)]
    public void A_weak_chain_is_trusted_and_said_to_be_weak(int rootBits, int leafBits, string hash, string? weakness)
    {
        DateTimeOffset start = DateTimeOffset.UnixEpoch.AddYears(50);
        using var rootKey = RSA.Create(rootBits);
        using var key = RSA.Create(leafBits);
        X509SignatureGenerator issuer = hash == "SHA1" ? new OldGenerator(rootKey) : X509SignatureGenerator.CreateForRSA(rootKey, RSASignaturePadding.Pkcs1);
        var request = new CertificateRequest("CN=root", rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 root = request.CreateSelfSigned(start, start.AddYears(20));
        using X509Certificate2 leaf = new CertificateRequest("CN=leaf", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).Create(
            root.SubjectName, issuer, start, start.AddYears(10), [7]);
        using var image = BootImage.Open(SignedImage.Make(
            HashFunction.Sha256, HashFunction.Sha256, SignedImage.Rsa, bytes => Sign(key, HashFunction.Sha256, bytes), leaf));
        ImageVerdict verdict = ImageVerdict.Of(image, Certificate.ReadAll(root.RawData));
        Assert.Equal(ImageVerdictKind.Trusted, verdict.Kind);
        string subject = rootBits < 2048 ? "CN=root" : "CN=leaf";
        string caution = weakness is null ? "" : $", but weak: the certificate {subject} has {weakness}";
        Assert.Equal($"signed by CN=leaf, by way of the trusted CN=root{caution}", verdict.Reason);
    }

    private static byte[] Sign(RSA key, HashFunction signer, byte[] hash) =>
        key.SignHash(hash, signer == HashFunction.Sha1 ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    /// <summary>Issues by SHA-1, which .NET's own one does no longer.</summary>
    private sealed class OldGenerator(RSA key) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) =>
            SignedImage.Sequence(SignedImage.Id("1.2.840.113549.1.1.5"), [5, 0]);

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) =>
            key.SignHash(HashFunctions.Hash(HashFunction.Sha1, data), HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);

        protected override System.Security.Cryptography.X509Certificates.PublicKey BuildPublicKey() => new(key);
    }
}
