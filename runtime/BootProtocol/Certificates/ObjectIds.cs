using System.Formats.Asn1;
using BootProtocol.Hashes;

namespace BootProtocol.Certificates;

/// <summary>Object identifiers of certificates and signatures.</summary>
/// <remarks>Source: RFC 5280, RFC 5480, RFC 5652, RFC 8017; Microsoft, "Windows Authenticode Portable Executable".</remarks>
internal static class ObjectIds
{
    /// <summary>Content of PKCS#7: signed data.</summary>
    public const string SignedData = "1.2.840.113549.1.7.2";

    /// <summary>What Authenticode signs: the digest of a program.</summary>
    public const string IndirectData = "1.3.6.1.4.1.311.2.1.4";

    /// <summary>Attribute of a signer: the type of what is signed.</summary>
    public const string ContentType = "1.2.840.113549.1.9.3";

    /// <summary>Attribute of a signer: the digest of what is signed.</summary>
    public const string MessageDigest = "1.2.840.113549.1.9.4";

    /// <summary>Key of RSA, and a signature by it whose digest is named elsewhere.</summary>
    public const string Rsa = "1.2.840.113549.1.1.1";

    /// <summary>Key of RSA for PSS alone, and a signature by PSS.</summary>
    public const string RsaPss = "1.2.840.113549.1.1.10";

    /// <summary>The mask of PSS: MGF1.</summary>
    public const string MaskGenerator = "1.2.840.113549.1.1.8";

    /// <summary>Key on an elliptic curve (RFC 5480).</summary>
    public const string EllipticKey = "1.2.840.10045.2.1";

    /// <summary>Extension of a certificate: whether it may issue others.</summary>
    public const string BasicConstraints = "2.5.29.19";

    /// <summary>Extension of a certificate: what its key may be used for.</summary>
    public const string KeyUsage = "2.5.29.15";

    /// <summary>Part of a name: the common name.</summary>
    public const string CommonName = "2.5.4.3";

    private static readonly (string Id, HashFunction Function)[] _digests =
    [
        ("1.3.14.3.2.26", HashFunction.Sha1),
        ("2.16.840.1.101.3.4.2.1", HashFunction.Sha256),
        ("2.16.840.1.101.3.4.2.2", HashFunction.Sha384),
        ("2.16.840.1.101.3.4.2.3", HashFunction.Sha512),
    ];

    private static readonly (string Id, HashFunction Function)[] _rsaSignatures =
    [
        ("1.2.840.113549.1.1.5", HashFunction.Sha1),
        ("1.2.840.113549.1.1.11", HashFunction.Sha256),
        ("1.2.840.113549.1.1.12", HashFunction.Sha384),
        ("1.2.840.113549.1.1.13", HashFunction.Sha512),
    ];

    private static readonly (string Id, HashFunction Function)[] _ellipticSignatures =
    [
        ("1.2.840.10045.4.1", HashFunction.Sha1),
        ("1.2.840.10045.4.3.2", HashFunction.Sha256),
        ("1.2.840.10045.4.3.3", HashFunction.Sha384),
        ("1.2.840.10045.4.3.4", HashFunction.Sha512),
    ];

    /// <summary>
    /// Extensions that may be critical and take nothing from who signs an image: other names, where revocations are listed, policies, and uses
    /// of the last key, at which firmware does not look.
    /// </summary>
    private static readonly string[] _harmlessExtensions =
        ["2.5.29.17", "2.5.29.18", "2.5.29.31", "2.5.29.32", "2.5.29.37", "2.16.840.1.113730.1.1"];

    private static readonly Dictionary<string, string> _names = new()
    {
        ["2.5.4.3"] = "CN",
        ["2.5.4.5"] = "serialNumber",
        ["2.5.4.6"] = "C",
        ["2.5.4.7"] = "L",
        ["2.5.4.8"] = "ST",
        ["2.5.4.10"] = "O",
        ["2.5.4.11"] = "OU",
        ["1.2.840.113549.1.9.1"] = "emailAddress",
        ["0.9.2342.19200300.100.1.25"] = "DC",
        ["1.2.840.113549.2.5"] = "md5",
        ["1.2.840.113549.1.1.4"] = "md5WithRSAEncryption",
        [Rsa] = "RSA",
        [RsaPss] = "RSASSA-PSS",
        [EllipticKey] = "ECDSA",
    };

    /// <summary>Reads which hash function is meant (AlgorithmIdentifier, with no parameters but NULL).</summary>
    /// <exception cref="AsnContentException">It is none.</exception>
    public static string ReadDigest(AsnReader reader)
    {
        AsnReader algorithm = reader.ReadSequence();
        string id = algorithm.ReadObjectIdentifier();
        if (algorithm.HasData)
            algorithm.ReadNull();
        algorithm.ThrowIfNotEmpty();
        return id;
    }

    /// <summary>The hash function of an identifier; null if it is none of those known here.</summary>
    public static HashFunction? Digest(string id) => Find(_digests, id);

    /// <summary>The hash function of a signature by RSA, PKCS#1 v1.5; null if it is another kind of signature.</summary>
    public static HashFunction? RsaSignature(string id) => Find(_rsaSignatures, id);

    /// <summary>The hash function of a signature by ECDSA; null if it is another kind of signature.</summary>
    public static HashFunction? EllipticSignature(string id) => Find(_ellipticSignatures, id);

    /// <summary>The identifier of a hash function.</summary>
    public static string OfDigest(HashFunction function) => _digests[(int)function].Id;

    /// <summary>A name for people; the identifier itself where there is none.</summary>
    public static string Name(string id)
    {
        if (Digest(id) is { } digest)
            return HashFunctions.Name(digest);
        if (RsaSignature(id) is { } rsa)
            return $"{HashFunctions.Name(rsa)}WithRSAEncryption";
        return EllipticSignature(id) is { } elliptic
            ? $"ecdsa-with-{HashFunctions.Name(elliptic).ToUpperInvariant()}"
            : _names.GetValueOrDefault(id, id);
    }

    /// <summary>Whether an extension of a certificate, though critical, need not be heeded here.</summary>
    public static bool IsHarmlessExtension(string id) => Array.IndexOf(_harmlessExtensions, id) >= 0;

    private static HashFunction? Find((string Id, HashFunction Function)[] known, string id)
    {
        foreach ((string candidate, HashFunction function) in known)
        {
            if (candidate == id)
                return function;
        }

        return null;
    }
}
