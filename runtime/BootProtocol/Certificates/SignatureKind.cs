namespace BootProtocol.Certificates;

/// <summary>The kinds of signatures that are verified here.</summary>
internal enum SignatureKind
{
    /// <summary>RSA, PKCS#1 v1.5 (RFC 8017, 8.2).</summary>
    RsaPkcs1,

    /// <summary>RSA, PSS (RFC 8017, 8.1).</summary>
    RsaPss,

    /// <summary>ECDSA (FIPS 186-5, 6.4).</summary>
    Ecdsa,
}
