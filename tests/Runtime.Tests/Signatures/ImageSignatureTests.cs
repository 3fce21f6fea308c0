using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BootProtocol.Certificates;
using BootProtocol.Hashes;
using BootProtocol.Images;
using BootProtocol.Signatures;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Signatures;

/// <summary>Signatures, against sbsigntool and pesign.</summary>
[Needs(Need.Kernels)]
public sealed class ImageSignatureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> SignedKernels => [.. DebianKernels.BzImages.Select(static row => row.Data).Where(DebianKernels.IsSigned)];

    private static string Signed => DebianKernels.Find("bookworm-signed-amd64", "vmlinuz");

    public void Dispose() => _folder.Dispose();

    /// <summary>Digest, signer and verdict: pesign prints the first, sbverify the others.</summary>
    [Theory]
    [MemberData(nameof(SignedKernels))]
    public void Debians_kernels_are_what_other_tools_say(string name)
    {
        string path = DebianKernels.Find(name, "vmlinuz");
        using var image = BootImage.Open(path);
        ImageSignature signature = Assert.Single(ImageSignature.ReadAll(image));
        Assert.Null(signature.Fault);
        Assert.Equal(Pesign(path), Convert.ToHexStringLower(signature.Digest.Span));
        string list = ToolRun.Start("sbverify", ["--list", path], _folder.Path).Succeeded();
        ImageSigner signer = Assert.Single(signature.Signers);
        Assert.Contains($" - subject: /{signer.Subject}\n   issuer:  /{signer.Issuer}\n", list, StringComparison.Ordinal);
        using var leaf = X509CertificateLoader.LoadCertificate(signature.Certificates[0].Bytes.Span);
        Assert.Equal(leaf.SerialNumber, signer.SerialNumber, ignoreCase: true);
        Assert.Equal(leaf.NotAfter.ToUniversalTime(), signature.Certificates[0].NotAfter.UtcDateTime);

        // By the signer's own certificate, and by the authority that shim has.
        string leafFile = _folder.File("leaf.pem");
        File.WriteAllText(leafFile, leaf.ExportCertificatePem());
        Compare(path, leafFile, ImageVerdictKind.Trusted);
        string authority = _folder.File("ca.pem");
        using var ca = X509CertificateLoader.LoadCertificateFromFile(DebianKernels.Find("shim", "debian-uefi-ca.der"));
        File.WriteAllText(authority, ca.ExportCertificatePem());
        Compare(path, authority, ImageVerdictKind.Trusted);
        using var other = new TestAuthority(_folder);
        Compare(path, other.File, ImageVerdictKind.Untrusted);
    }

    /// <summary>Images of any kind and size, unsigned: what signing them would cover.</summary>
    [Fact]
    public void Digests_are_those_of_pesign()
    {
        string[] images =
        [
            DebianKernels.Cloud61, DebianKernels.Amd64612, DebianKernels.Pae61, DebianKernels.Find("systemd-stub", "linuxx64.efi.stub"),
            DebianKernels.Find("memtest86plus", "memtest86+ia32.efi"), DebianKernels.Find("memtest86plus", "memtest86+x64.efi"),
            DebianKernels.Find("ipxe", "ipxe.efi"), DebianKernels.Find("shim", "shimx64.efi"), DebianKernels.Find("xen-4.20", "xen.efi"),
        ];
        foreach (string path in images)
        {
            using var image = BootImage.Open(path);
            Assert.Equal($"{path} {Pesign(path)}", $"{path} {Convert.ToHexStringLower(ImageDigest.Compute(image, HashFunction.Sha256))}");
            Assert.Equal(ImageVerdictKind.Unsigned, ImageVerdict.Of(image).Kind);
        }
    }

    /// <summary>One byte changed anywhere: in the headers, the kernel, the signature.</summary>
    [Fact]
    public void A_changed_byte_is_refused_where_sbverify_refuses_it()
    {
        string path = DebianKernels.Find("shim", "shimx64.efi");
        using var authority = new TestAuthority(_folder);
        (string Certificate, string Key) signer = authority.Issue("Tests signer");
        byte[] whole = File.ReadAllBytes(authority.Sign(path, signer));
        int table;
        using (var image = BootImage.Open(whole))
            table = (int)image.Signatures[0].Offset;
        var random = new Random(17);
        int[] places =
        [
            .. Enumerable.Range(0x80, 0x200).Where(static place => place % 5 == 0),
            .. Enumerable.Range(0, 40).Select(_ => random.Next(0x400, table)),
            .. Enumerable.Range(table, whole.Length - table).Where(static place => place % 5 == 0),
        ];
        int refused = 0;
        List<int> stricter = [];
        foreach (int place in places)
        {
            byte[] changed = [.. whole];
            changed[place] ^= (byte)(1 << random.Next(8));
            string file = _folder.File("changed");
            File.WriteAllBytes(file, changed);
            bool isTheirs = ToolRun.Start("sbverify", ["--cert", authority.File, file], _folder.Path).ExitCode == 0;
            bool isOurs = IsTrusted(changed, authority.File);

            Assert.True(isTheirs || !isOurs, $"byte 0x{place:x}, 0x{place - table:x} in the table: sbverify refuses what is taken here");
            if (isTheirs && !isOurs)
                stricter.Add(place);
            refused += isOurs ? 0 : 1;
        }

        // OpenSSL writes sets anew before it hashes them, takes names for the same whatever the kind of their text, and sbverify does not look at the
        // kind of content: all of it in the signed data, where no byte of the image is.
        Assert.All(stricter, place => Assert.InRange(place, table, whole.Length));
        Assert.InRange(stricter.Count, 0, (whole.Length - table) / 5 / 20);
        Assert.InRange(refused, places.Length * 9 / 10, places.Length);
    }

    [Fact]
    public void A_changed_kernel_is_wrong_everywhere()
    {
        byte[] whole = File.ReadAllBytes(Signed);
        string certificate = DebianKernels.Find("shim", "debian-uefi-ca.der");
        Assert.True(IsTrusted(whole, certificate));
        var random = new Random(61);
        for (int i = 0; i < 24; i++)
        {
            int place = i == 0 ? 0x200 : random.Next(0x400, whole.Length - 1500);
            whole[place] ^= 1;
            using var image = BootImage.Open(whole);
            ImageVerdict verdict = ImageVerdict.Of(image);
            Assert.Equal(ImageVerdictKind.Wrong, verdict.Kind);
            Assert.False(verdict.Signatures[0].IsDigestRight);
            Assert.Null(verdict.Signatures[0].Signers[0].Fault);
            whole[place] ^= 1;
        }
    }

    [Fact]
    public void A_chain_leads_through_certificates_in_between()
    {
        using var root = new TestAuthority(_folder);
        (string middle, string middleKey) = root.Issue("Tests between", isAuthority: true);
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=Tests leaf", key, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1);
        using var issuer = X509Certificate2.CreateFromPemFile(middle, middleKey);
        using X509Certificate2 leaf = request.Create(issuer, issuer.NotBefore, issuer.NotAfter, [77]);
        string leafFile = _folder.File("chain-leaf.pem");
        File.WriteAllText(leafFile, leaf.ExportCertificatePem());
        string leafKey = _folder.File("chain-leaf.key");
        File.WriteAllText(leafKey, key.ExportPkcs8PrivateKeyPem());

        string image = DebianKernels.Find("systemd-stub", "linuxx64.efi.stub");
        string signed = root.Sign(image, (leafFile, leafKey), middle);
        using var opened = BootImage.Open(signed);
        ImageVerdict verdict = ImageVerdict.Of(opened, Certificate.ReadAll(File.ReadAllBytes(root.DerFile)));
        Assert.Equal(ImageVerdictKind.Trusted, verdict.Kind);
        string[] chain = ["CN=Tests leaf", "O=BootProtocol, CN=Tests between", "O=BootProtocol, CN=Tests CA"];
        Assert.Equal(chain, verdict.Chain.Select(static link => Sorted(link.Subject)));

        // Without the one in between there is no way, and a signer's certificate issues none.
        Assert.Equal(ImageVerdictKind.Untrusted, VerdictOf(root.Sign(image, (leafFile, leafKey)), root.File));
        Assert.Equal(ImageVerdictKind.Trusted, VerdictOf(root.Sign(image, (leafFile, leafKey)), middle));
        Assert.False(Certificate.ReadAll(File.ReadAllBytes(root.Issue("Tests plain").Certificate))[0].IsAuthority);
    }

    [Fact]
    public void Two_signatures_count_each()
    {
        using var one = new TestAuthority(_folder, "One CA");
        using var two = new TestAuthority(_folder, "Two CA");
        string image = DebianKernels.Find("systemd-stub", "linuxx64.efi.stub");
        string signed = two.Sign(one.Sign(image, one.Issue("One")), two.Issue("Two"));
        using var opened = BootImage.Open(signed);
        Assert.Equal(
            ["One", "Two"],
            ImageSignature.ReadAll(opened).Select(static signature => signature.Signers[0].Subject.Split("CN=")[1].Split(',')[0]));
        Assert.Equal(ImageVerdictKind.Trusted, VerdictOf(signed, one.File));
        Assert.Equal(ImageVerdictKind.Trusted, VerdictOf(signed, two.File));
        using var three = new TestAuthority(_folder, "Three CA");
        Assert.Equal(ImageVerdictKind.Untrusted, VerdictOf(signed, three.File));
    }

    [Fact]
    public void What_follows_the_certificates_is_no_part_of_a_right_image()
    {
        byte[] whole = [.. File.ReadAllBytes(Signed), .. new byte[64]];
        using var image = BootImage.Open(whole);
        Assert.Equal(ImageVerdictKind.Wrong, ImageVerdict.Of(image).Kind);
    }

    private static string Sorted(string name) => string.Join(", ", name.Split(", ").OrderDescending(StringComparer.Ordinal));

    private static bool IsTrusted(byte[] bytes, string certificate)
    {
        try
        {
            using var image = BootImage.Open(bytes);
            return ImageVerdict.Of(image, Certificate.ReadAll(File.ReadAllBytes(certificate))).Kind == ImageVerdictKind.Trusted;
        }
        catch (BootFormatException)
        {
            return false;
        }
    }

    private static ImageVerdictKind VerdictOf(string path, string certificate)
    {
        using var image = BootImage.Open(path);
        return ImageVerdict.Of(image, Certificate.ReadAll(File.ReadAllBytes(certificate))).Kind;
    }

    private void Compare(string path, string certificate, ImageVerdictKind expected)
    {
        Assert.Equal(expected, VerdictOf(path, certificate));
        Assert.Equal(expected == ImageVerdictKind.Trusted ? 0 : 1, ToolRun.Start("sbverify", ["--cert", certificate, path], _folder.Path).ExitCode);
    }

    private string Pesign(string path) =>
        ToolRun.Start("pesign", ["-h", "-i", path], _folder.Path).Succeeded().Split("hash: ")[1].Trim();
}
