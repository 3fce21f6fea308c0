using System.Collections.Immutable;
using System.Formats.Asn1;
using BootProtocol.Hashes;

namespace BootProtocol.Certificates;

/// <summary>A certificate (X.509): whose key it holds, and who says so.</summary>
/// <remarks>
/// Signatures by RSA (PKCS#1 v1.5 and PSS) and by ECDSA (P-256, P-384, P-521), with SHA-1 or SHA-2, are checked without any library for
/// cryptography. Secure Boot's are by RSA, PKCS#1 v1.5.
/// Source: RFC 5280, RFC 5480, RFC 4055.
/// </remarks>
/// <example><code>
/// foreach (ImageSignature signature in ImageSignature.ReadAll(image))
/// {
///     foreach (Certificate certificate in signature.Certificates)
///         Console.WriteLine($"{certificate.Subject}, issued by {certificate.Issuer}, until {certificate.NotAfter:d}");
/// }
/// </code></example>
public sealed class Certificate
{
    /// <summary>The fewest bits of a key of RSA that are worth anything today (NIST SP 800-131A).</summary>
    public const int LeastKeyBits = 2048;

    private const string Expected = "an X.509 certificate (DER or PEM)";

    private static readonly Asn1Tag _versionTag = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag _extensionsTag = new(TagClass.ContextSpecific, 3);

    private readonly ReadOnlyMemory<byte> _body;
    private readonly byte[]?[] _hashes = new byte[]?[HashFunctions.Names.Length];
    private readonly PublicKey? _key;
    private readonly SignatureMethod? _method;
    private readonly byte[] _signature;
    private bool _mayIssue = true;

    private Certificate(ReadOnlyMemory<byte> bytes)
    {
        Bytes = bytes;
        AsnReader parts = new AsnReader(bytes, AsnEncodingRules.BER).ReadSequence();
        _body = parts.ReadEncodedValue();
        ReadOnlyMemory<byte> algorithm = parts.PeekEncodedValue();
        _method = SignatureMethod.Read(parts.ReadSequence(), out string algorithmName);
        SignatureAlgorithm = algorithmName;
        _signature = parts.ReadBitString(out _);
        parts.ThrowIfNotEmpty();

        AsnReader body = new AsnReader(_body, AsnEncodingRules.BER).ReadSequence();
        bool isFirstVersion = !body.PeekTag().HasSameClassAndValue(_versionTag);
        if (!isFirstVersion)
            body.ReadEncodedValue();
        SerialBytes = body.ReadIntegerBytes();
        // What is signed says the same as what is not (RFC 5280, 4.1.1.2); otherwise it is no signature.
        if (!body.ReadEncodedValue().Span.SequenceEqual(algorithm.Span))
            _method = null;
        IssuerBytes = body.ReadEncodedValue();
        AsnReader validity = body.ReadSequence();
        NotBefore = ReadTime(validity);
        NotAfter = ReadTime(validity);
        SubjectBytes = body.ReadEncodedValue();
        _key = ReadKey(body.ReadEncodedValue(), out string keyName);
        Key = keyName;
        while (body.HasData)
        {
            if (body.PeekTag().HasSameClassAndValue(_extensionsTag))
                ReadExtensions(body.ReadSequence(_extensionsTag).ReadSequence());
            else
                body.ReadEncodedValue();
        }

        if (isFirstVersion)
            IsAuthority = IsSelfIssued;
        IsAuthority &= _mayIssue;
        Subject = DistinguishedName.Text(SubjectBytes);
        Issuer = DistinguishedName.Text(IssuerBytes);
    }

    /// <summary>The certificate as it is encoded (DER).</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Whose key it holds, such as <c>CN=Debian Secure Boot CA</c>; the parts in the order of the certificate.</summary>
    public string Subject { get; }

    /// <summary>Who issued it.</summary>
    public string Issuer { get; }

    /// <summary>Its number among those of the issuer, in hexadecimal digits.</summary>
    public string SerialNumber => Convert.ToHexStringLower(SerialBytes.Span);

    /// <summary>From when on it is valid. Firmware does not look at that.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>Until when it is valid. Firmware does not look at that.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>The kind of key, such as <c>RSA, 2048 bits</c> or <c>ECDSA, P-256</c>; or why it is of no use.</summary>
    public string Key { get; }

    /// <summary>The kind of signature by which it is issued, such as <c>sha256WithRSAEncryption</c> or <c>ecdsa-with-SHA256</c>.</summary>
    public string SignatureAlgorithm { get; }

    /// <summary>
    /// Whether it may issue others: it says so, and its key may be used for that; or it is of the first version, which cannot say so, and its
    /// own issuer.
    /// </summary>
    public bool IsAuthority { get; private set; }

    /// <summary>Whether it names itself as its issuer.</summary>
    public bool IsSelfIssued => HasName(IssuerBytes, IssuerKey);

    /// <summary>Why its key or its signature is worth little today; null if there is no reason.</summary>
    public string? Weakness
    {
        get
        {
            if (KeyWeakness is { } weakness)
                return weakness;
            bool isWeak = _method is { Function: HashFunction.Sha1 } || SignatureAlgorithm.StartsWith("md5", StringComparison.Ordinal);
            return isWeak && !IsSelfIssued ? $"an issuer's signature of {SignatureAlgorithm}" : null;
        }
    }

    /// <summary>Why its key is worth little today; null if there is no reason.</summary>
    internal string? KeyWeakness => _key?.Weakness;

    /// <summary>The name of the issuer as it is encoded.</summary>
    internal ReadOnlyMemory<byte> IssuerBytes { get; }

    /// <summary>The name of the subject as it is encoded.</summary>
    internal ReadOnlyMemory<byte> SubjectBytes { get; }

    /// <summary>What names of the issuer have in common, however they are encoded.</summary>
    internal string IssuerKey => field ??= DistinguishedName.Key(IssuerBytes);

    /// <summary>What names of the subject have in common, however they are encoded.</summary>
    private string SubjectKey => field ??= DistinguishedName.Key(SubjectBytes);

    /// <summary>The number as it is encoded.</summary>
    internal ReadOnlyMemory<byte> SerialBytes { get; }

    /// <summary>An extension that is critical and of no kind that is heeded here: nobody may trust it then; null if there is none.</summary>
    internal string? UnknownExtension { get; private set; }

    /// <summary>The most certificates that may follow it in a chain before the last.</summary>
    internal int MaximumBelow { get; private set; } = int.MaxValue;

    /// <summary>The subject's common name.</summary>
    internal string ShortName => DistinguishedName.Short(SubjectBytes);

    /// <summary>Reads the certificates of a file: one of DER, or any number of PEM, beside which other things may stand in text.</summary>
    /// <param name="file">The whole file.</param>
    /// <exception cref="BootFormatException">It holds none, or a broken one.</exception>
    public static ImmutableArray<Certificate> ReadAll(ReadOnlyMemory<byte> file)
    {
        if (CertificateText.Read(file.Span, out string? other) is { IsEmpty: false } texts)
            return [.. texts.Select(static bytes => Read(bytes))];
        const int Sequence = 0x30;
        string? found = file.IsEmpty ? "an empty file" : other is null || file.Span[0] == Sequence ? null : $"a text with {ReasonText.Quote(other)}";
        return found is null ? [Read(file)] : throw new BootFormatException(BootErrorCode.Malformed, "certificate", "", null, Expected, found);
    }

    /// <summary>Whether another certificate's key issued this one: it has the issuer's name, may issue, and the signature is right.</summary>
    public bool IsIssuedBy(Certificate issuer)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        return Names(issuer) && _method is { } method && issuer.Verifies(method, BodyHash(method.Function), _signature);
    }

    /// <summary>Whether it names another one as its issuer, which may issue it; the signature is another question.</summary>
    internal bool Names(Certificate issuer) =>
        issuer.IsAuthority && issuer.UnknownExtension is null && issuer.HasName(IssuerBytes, IssuerKey);

    /// <summary>The hash of what the issuer signed, by which lists of revocations name it; computed once.</summary>
    internal byte[] BodyHash(HashFunction function) => _hashes[(int)function] ??= HashFunctions.Hash(function, _body.Span);

    /// <summary>Whether a signature is one of a hash by the key in it.</summary>
    internal bool Verifies(SignatureMethod method, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature) =>
        _key is not null && _key.Verify(method, hash, signature);

    /// <summary>The kind of signature that a signer means by its hash function and what it states; null if the key is of no kind known here.</summary>
    internal SignatureMethod? MethodOf(HashFunction function, SignatureMethod? stated) => _key?.MethodOf(function, stated);

    /// <summary>Reads one of a file.</summary>
    /// <exception cref="BootFormatException">It is none.</exception>
    internal static Certificate Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return ReadEncoded(bytes);
        }
        catch (AsnContentException exception)
        {
            throw new BootFormatException(
                BootErrorCode.Malformed, "certificate", "", null, Expected, $"broken ASN.1: {exception.Message}", exception);
        }
    }

    /// <summary>Reads one; what follows it is not looked at.</summary>
    /// <exception cref="AsnContentException">It is none.</exception>
    internal static Certificate ReadEncoded(ReadOnlyMemory<byte> bytes) => new(new AsnReader(bytes, AsnEncodingRules.BER).PeekEncodedValue());

    /// <summary>Reads its key. One of no use takes nothing from other certificates beside this one: nothing is verified by it.</summary>
    private static PublicKey? ReadKey(ReadOnlyMemory<byte> bytes, out string name)
    {
        try
        {
            return PublicKey.Read(new AsnReader(bytes, AsnEncodingRules.BER), out name);
        }
        catch (AsnContentException exception)
        {
            name = $"of no use: {exception.Message}";
            return null;
        }
    }

    private static DateTimeOffset ReadTime(AsnReader validity) => validity.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime)
        ? validity.ReadUtcTime()
        : validity.ReadGeneralizedTime();

    private void ReadExtensions(AsnReader extensions)
    {
        while (extensions.HasData)
        {
            AsnReader extension = extensions.ReadSequence();
            string id = extension.ReadObjectIdentifier();
            bool isCritical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            if (id == ObjectIds.BasicConstraints)
                ReadConstraints(new AsnReader(extension.ReadOctetString(), AsnEncodingRules.BER).ReadSequence());
            else if (id == ObjectIds.KeyUsage)
                _mayIssue = MaySignCertificates(new AsnReader(extension.ReadOctetString(), AsnEncodingRules.BER).ReadBitString(out _));
            else if (isCritical && !ObjectIds.IsHarmlessExtension(id))
                UnknownExtension ??= ObjectIds.Name(id);
        }
    }

    private bool HasName(ReadOnlyMemory<byte> encoded, string key) => SubjectBytes.Span.SequenceEqual(encoded.Span) || SubjectKey == key;

    private void ReadConstraints(AsnReader constraints)
    {
        IsAuthority = constraints.HasData && constraints.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && constraints.ReadBoolean();
        if (constraints.HasData)
            MaximumBelow = constraints.TryReadInt32(out int most) ? most : int.MaxValue;
    }

    /// <summary>Whether a key may sign certificates, which is bit 5 of its uses (RFC 5280, 4.2.1.3).</summary>
    private static bool MaySignCertificates(byte[] uses) => uses.Length > 0 && (uses[0] & 0x04) != 0;
}
