using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BootProtocol.Certificates;

namespace BootProtocol.Runtime.Tests.Signatures;

/// <summary>Ways from one certificate to another: what may issue what, and how much work it may take.</summary>
public sealed class CertificateChainTests : IDisposable
{
    private static readonly DateTimeOffset _start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset _end = _start.AddYears(20);

    private readonly RSA _key = RSA.Create(2048);
    private byte _number;

    public void Dispose() => _key.Dispose();

    /// <summary>Longer keys than any in use would take minutes.</summary>
    [Theory]
    [InlineData(8192, 32, true)]
    [InlineData(8193, 32, false)]
    [InlineData(16384, 17, false)]
    [InlineData(2048, 33, false)]
    [InlineData(2048, 64, false)]
    public void Keys_have_a_longest_length(int bits, int exponentBits, bool isRead)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger((BigInteger.One << (bits - 1)) + 1);
            writer.WriteInteger((BigInteger.One << (exponentBits - 1)) + 1);
        }

        byte[] bytes = writer.Encode();
        if (isRead)
            Assert.Equal(bits, RsaKey.Read(bytes).Bits);
        else
            Assert.Throws<AsnContentException>(() => RsaKey.Read(bytes));
    }

    /// <summary>Certificates of one name and key have issued each other, each each.</summary>
    [Fact]
    public void The_work_of_a_chain_is_bounded()
    {
        Certificate[] all = [.. Enumerable.Range(0, 40).Select(_ => Issue("A", "A"))];
        var checks = new SignatureChecks();
        Assert.Empty(checks.FindChain(all[0], [Issue("B", "B")], all));
        Assert.Equal(all.Length - 1, checks.Count);
        Assert.Empty(checks.FindChain(all[0], [Issue("B", "B")], all));
        Assert.Equal(all.Length - 1, checks.Count);
        BootFormatException refused = Assert.Throws<BootFormatException>(
            () => all.SelectMany(one => all.Select(other => checks.IsIssuedBy(one, other))).Count(static isIssued => isIssued));
        Assert.Equal(BootErrorCode.TooLarge, refused.Code);
        Assert.Equal(SignatureChecks.MaximumCount, checks.Count);
    }

    [Fact]
    public void A_chain_has_eight_certificates_at_most()
    {
        Certificate[] all = [.. Enumerable.Range(0, 9).Select(index => Issue($"{index}", $"{index + 1}"))];
        Assert.Equal(all[..8], new SignatureChecks().FindChain(all[0], [all[7]], all[..7]));
        Assert.Empty(new SignatureChecks().FindChain(all[0], [all[8]], all[..8]));
    }

    /// <summary>RFC 5280, 4.2.1.9: how many may follow before the last.</summary>
    [Fact]
    public void A_limit_of_certificates_below_is_kept()
    {
        Certificate root = Issue("root", "root", Authority(0));
        Certificate between = Issue("between", "root");
        Certificate leaf = Issue("leaf", "between", Plain());
        Assert.Equal([between, root], Chain(between, root));
        Assert.Equal(2, Chain(Issue("direct", "root", Plain()), root).Count);
        Assert.Empty(Chain(leaf, root, between));
        Certificate wider = Issue("root", "root", Authority(1));
        Assert.Equal([leaf, between, wider], Chain(leaf, wider, between));
    }

    [Fact]
    public void An_authority_whose_key_may_not_sign_certificates_issues_none()
    {
        Certificate leaf = Issue("leaf", "root", Plain());
        Assert.NotEmpty(Chain(leaf, Issue("root", "root", Authority(), Uses(X509KeyUsageFlags.KeyCertSign))));
        Certificate other = Issue("root", "root", Authority(), Uses(X509KeyUsageFlags.DigitalSignature));
        Assert.Empty(Chain(leaf, other));
        Assert.False(other.IsAuthority);
        Assert.False(leaf.IsIssuedBy(other));
    }

    /// <summary>RFC 5280, 4.2: who does not know a critical extension refuses the certificate.</summary>
    [Fact]
    public void An_unknown_critical_extension_ends_the_trust()
    {
        Certificate root = Issue("root", "root");
        Assert.Empty(Chain(Issue("leaf", "root", Plain(), Unknown(isCritical: true)), root));
        Assert.NotEmpty(Chain(Issue("leaf", "root", Plain(), Unknown(isCritical: false)), root));
        Assert.NotEmpty(Chain(Issue("leaf", "root", new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.3")], true)), root));
        Assert.Empty(Chain(Issue("leaf", "root", Plain()), Issue("root", "root", Authority(), Unknown(isCritical: true))));
    }

    private static IReadOnlyList<Certificate> Chain(Certificate from, Certificate to, params Certificate[] between) =>
        new SignatureChecks().FindChain(from, [to], between);

    private static X509BasicConstraintsExtension Authority(int? below = null) => new(true, below is not null, below ?? 0, true);

    private static X509BasicConstraintsExtension Plain() => new(false, false, 0, true);

    private static X509KeyUsageExtension Uses(X509KeyUsageFlags uses) => new(uses, true);

    private static X509Extension Unknown(bool isCritical) => new("1.2.3.4.5", [5, 0], isCritical);

    /// <summary>Issues one; all have the same key.</summary>
    private Certificate Issue(string name, string issuer, params X509Extension[] extensions)
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        foreach (X509Extension extension in extensions.Length == 0 ? [Authority()] : extensions)
            request.CertificateExtensions.Add(extension);
        using X509Certificate2 certificate = request.Create(
            new X500DistinguishedName($"CN={issuer}"), X509SignatureGenerator.CreateForRSA(_key, RSASignaturePadding.Pkcs1), _start, _end, [++_number]);
        return Certificate.ReadAll(certificate.RawData)[0];
    }
}
