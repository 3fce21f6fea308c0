using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BootProtocol.Certificates;
using BootProtocol.Checks;
using BootProtocol.Hashes;
using BootProtocol.Images;
using BootProtocol.Signatures;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Signatures;

/// <summary>Images that are signed by ECDSA or RSASSA-PSS, and certificates that are issued so, against osslsigncode, sbverify and OpenSSL.</summary>
[Needs(Need.Kernels)]
public sealed class NewerAlgorithmTests : IDisposable
{
    /// <summary>What a key for PSS alone states for OpenSSL to keep.</summary>
    private const string Limits =
        "-pkeyopt rsa_pss_keygen_md:sha256 -pkeyopt rsa_pss_keygen_mgf1_md:sha256 -pkeyopt rsa_pss_keygen_saltlen:32";

    private const string OtherMask = "-sigopt rsa_padding_mode:pss -sigopt rsa_mgf1_md:sha512 -sigopt rsa_pss_saltlen:11";

    private static readonly DateTimeOffset _start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Signed by osslsigncode with a key whose certificate an authority of the same curve has issued.</summary>
    [Theory]
    [InlineData("P-256", "sha256")]
    [InlineData("P-384", "sha384")]
    [InlineData("P-521", "sha512")]
    public void An_image_signed_by_ECDSA_is_judged_as_other_tools_judge_it(string name, string hash)
    {
        ECCurve curve = ECCurve.CreateFromValue(EllipticCurve.All.First(curve => curve.Name == name).Id);
        using var authorityKey = ECDsa.Create(curve);
        using var key = ECDsa.Create(curve);
        var function = new HashAlgorithmName(hash.ToUpperInvariant());
        var request = new CertificateRequest("CN=Curve CA", authorityKey, function);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 authority = request.CreateSelfSigned(_start, _start.AddYears(30));
        using X509Certificate2 leaf = new CertificateRequest("CN=Curve signer", key, function).Create(authority, _start, _start.AddYears(20), [5]);
        File.WriteAllText(_folder.File("ca.pem"), authority.ExportCertificatePem());
        File.WriteAllText(_folder.File("leaf.pem"), leaf.ExportCertificatePem());
        File.WriteAllText(_folder.File("key.pem"), key.ExportPkcs8PrivateKeyPem());
        string signed = _folder.File("signed.efi");
        string image = DebianKernels.Find("systemd-stub", "linuxx64.efi.stub");
        string[] arguments = ["sign", "-certs", _folder.File("leaf.pem"), "-key", _folder.File("key.pem"), "-h", hash, "-in", image, "-out", signed];
        _ = ToolRun.Start("osslsigncode", arguments, _folder.Path).Succeeded();

        byte[] whole = File.ReadAllBytes(signed);
        ImageVerdict verdict = Judge(whole, authority);
        Assert.Equal(ImageVerdictKind.Trusted, verdict.Kind);
        const string End = "by way of the trusted CN=Curve CA, but signatures by ECDSA are verified only by firmware that is built for them";
        Assert.EndsWith(End, verdict.Reason, StringComparison.Ordinal);
        ImageSigner signer = verdict.Signatures[0].Signers[0];
        Assert.Equal($"ecdsa-with-{hash.ToUpperInvariant()}", signer.SignatureAlgorithm);
        Assert.Equal($"ECDSA, {name}", signer.Certificate!.Key);
        Assert.Equal(0, Osslsigncode(signed));
        // It knows images of SHA-256 alone.
        Assert.Equal(hash == "sha256" ? 0 : 1, Sbverify(signed));
        Assert.Contains("signature-kind", Rules(whole));

        // Each part of it changed: the image, the signature's last number, the certificate's.
        int table;
        using (var opened = BootImage.Open(whole))
            table = (int)opened.Signatures[0].Offset;
        int size = whole.AsSpan(table).LastIndexOfAnyExcept((byte)0);
        int certificate = whole.AsSpan(table).IndexOf(leaf.RawData.AsSpan());
        foreach (int place in (int[])[0x600, table + size - 4, table + certificate + leaf.RawData.Length - 4])
        {
            whole[place] ^= 4;
            File.WriteAllBytes(_folder.File("changed.efi"), whole);
            Assert.NotEqual(ImageVerdictKind.Trusted, Judge(whole, authority).Kind);
            Assert.NotEqual(0, Osslsigncode(_folder.File("changed.efi")));
            whole[place] ^= 4;
        }

        Assert.Equal(ImageVerdictKind.Trusted, Judge(whole, authority).Kind);
    }

    /// <summary>No signing tool offers it: the signature is OpenSSL's, the rest is put together here.</summary>
    [Theory]
    [InlineData(HashFunction.Sha256, HashFunction.Sha256, 32, null)]
    [InlineData(HashFunction.Sha512, HashFunction.Sha512, 64, null)]
    [InlineData(HashFunction.Sha384, HashFunction.Sha384, 48, null)]
    [InlineData(HashFunction.Sha256, HashFunction.Sha384, 32, "its hash function sha256 is not sha384, of its parameters")]
    public void An_image_signed_by_PSS_is_right_and_no_firmwares(HashFunction function, HashFunction stated, int salt, string? fault)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=PSS", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        using X509Certificate2 own = request.CreateSelfSigned(_start, _start.AddYears(20));
        var name = new HashAlgorithmName(HashFunctions.Name(function).ToUpperInvariant());
        byte[] whole = SignedImage.Make(
            function, function, Pss(stated, salt), hash => key.SignHash(hash, name, RSASignaturePadding.Pss), own);
        ImageVerdict verdict = Judge(whole, own);
        Assert.Equal(fault, verdict.Signatures[0].Fault);
        if (fault is not null)
            return;
        Assert.Equal(ImageVerdictKind.Trusted, verdict.Kind);
        Assert.EndsWith(", but signatures by RSASSA-PSS are verified by no firmware made of EDK2, nor by shim", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal("RSASSA-PSS with sha256, salt of 32 bytes", verdict.Chain[0].SignatureAlgorithm);
        Assert.Contains("signature-kind", Rules(whole));
        byte[] other = SignedImage.Make(
            function, function, Pss(stated, salt + 1), hash => key.SignHash(hash, name, RSASignaturePadding.Pss), own);
        Assert.Equal(ImageVerdictKind.Wrong, Judge(other, own).Kind);
    }

    /// <summary>A certificate of ECDSA issued by one of RSASSA-PSS, and the other way about, and a key for PSS alone.</summary>
    [Theory]
    [InlineData("ec -pkeyopt ec_paramgen_curve:P-256", "", "rsa -pkeyopt rsa_keygen_bits:2048", "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32")]
    [InlineData("rsa -pkeyopt rsa_keygen_bits:2048", "-sha384", "ec -pkeyopt ec_paramgen_curve:P-521", "-sha512")]
    [InlineData("rsa-pss -pkeyopt rsa_keygen_bits:2048", "", $"rsa-pss -pkeyopt rsa_keygen_bits:2048 {Limits}", "")]
    [InlineData("ec -pkeyopt ec_paramgen_curve:P-384", "", "rsa -pkeyopt rsa_keygen_bits:2048", OtherMask)]
    public void Certificates_made_by_OpenSSL_lead_to_each_other(string leafKey, string leafOptions, string authorityKey, string authorityOptions)
    {
        Run($"genpkey -algorithm {authorityKey} -out ca.key");
        Run($"req -x509 -new -key ca.key -subj /CN=ca -days 9000 {authorityOptions} -addext basicConstraints=critical,CA:TRUE -out ca.pem");
        Run($"genpkey -algorithm {leafKey} -out leaf.key");
        Run($"req -new -key leaf.key -subj /CN=leaf {leafOptions} -out leaf.csr");
        Run($"x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -set_serial 7 -days 8000 {authorityOptions} -out leaf.pem");
        Run("verify -CAfile ca.pem leaf.pem");
        Certificate ca = Assert.Single(Certificate.ReadAll(File.ReadAllBytes(_folder.File("ca.pem"))));
        Certificate leaf = Assert.Single(Certificate.ReadAll(File.ReadAllBytes(_folder.File("leaf.pem"))));
        Assert.True(ca.IsIssuedBy(ca));
        Assert.True(leaf.IsIssuedBy(ca));
        Assert.False(ca.IsIssuedBy(leaf));
        Assert.Null(leaf.Weakness);
        Assert.Null(ca.Weakness);
        byte[] bytes = leaf.Bytes.ToArray();
        bytes[^5] ^= 1;
        Assert.False(Certificate.ReadAll(bytes)[0].IsIssuedBy(ca));
    }

    /// <summary>RFC 5280, 4.1.1.2: the kind of signature that is not signed is the one that is.</summary>
    [Fact]
    public void A_certificate_that_states_two_kinds_of_signature_is_issued_by_nobody()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 own = request.CreateSelfSigned(_start, _start.AddYears(20));
        AsnReader parts = new AsnReader(own.RawData, AsnEncodingRules.DER).ReadSequence();
        byte[] body = parts.ReadEncodedValue().ToArray();
        parts.ReadEncodedValue();
        byte[] signature = parts.ReadEncodedValue().ToArray();
        Certificate right = Certificate.ReadAll(own.RawData)[0];
        Assert.True(right.IsIssuedBy(right));
        Certificate changed = Certificate.ReadAll(SignedImage.Sequence(body, SignedImage.Sequence(SignedImage.Id("1.2.840.10045.4.3.3")), signature))[0];
        Assert.False(changed.IsIssuedBy(right));
    }

    private static byte[] Pss(HashFunction function, int salt)
    {
        byte[] hash = SignedImage.Algorithm(function);
        byte[] mask = SignedImage.Sequence(SignedImage.Id("1.2.840.113549.1.1.8"), hash);
        return SignedImage.Sequence(
            SignedImage.Id("1.2.840.113549.1.1.10"),
            SignedImage.Sequence(SignedImage.Under(Tag(0), hash), SignedImage.Under(Tag(1), mask), SignedImage.Under(Tag(2), [2, 1, (byte)salt])));
    }

    private static Asn1Tag Tag(int value) => new(TagClass.ContextSpecific, value, isConstructed: true);

    private static ImageVerdict Judge(byte[] bytes, X509Certificate2 trusted)
    {
        using var image = BootImage.Open(bytes);
        return ImageVerdict.Of(image, Certificate.ReadAll(trusted.RawData));
    }

    private static IEnumerable<string> Rules(byte[] bytes)
    {
        using var image = BootImage.Open(bytes);
        return [.. ImageCheck.Run(image, new ImageCheckRequest { Target = CheckTarget.Uefi }).Findings.Select(static finding => finding.Rule.Id)];
    }

    private int Osslsigncode(string path) =>
        ToolRun.Start("osslsigncode", ["verify", "-CAfile", _folder.File("ca.pem"), "-in", path], _folder.Path).ExitCode;

    private int Sbverify(string path) => ToolRun.Start("sbverify", ["--cert", _folder.File("ca.pem"), path], _folder.Path).ExitCode;

    private void Run(string arguments) =>
        ToolRun.Start("openssl", arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), _folder.Path).Succeeded();
}
