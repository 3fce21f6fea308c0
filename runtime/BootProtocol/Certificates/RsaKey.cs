using System.Formats.Asn1;
using System.Globalization;
using System.Numerics;
using BootProtocol.Hashes;

namespace BootProtocol.Certificates;

/// <summary>A public key of RSA, and signatures by it: PKCS#1 v1.5 and PSS (RFC 8017, 8.2 and 8.1).</summary>
internal sealed class RsaKey : PublicKey
{
    /// <summary>The longest modulus in bits: keys in use have at most 4096, and the work grows with the square of it.</summary>
    private const int MaximumBits = 8192;

    /// <summary>The longest exponent in bits, for the same reason; keys in use have 17.</summary>
    private const int MaximumExponentBits = 32;

    private readonly BigInteger _modulus;
    private readonly BigInteger _exponent;
    private readonly bool _isPss;
    private readonly PssParameters? _least;

    private RsaKey(BigInteger modulus, BigInteger exponent, bool isPss, PssParameters? least)
    {
        _modulus = modulus;
        _exponent = exponent;
        _isPss = isPss;
        _least = least;
    }

    /// <summary>Bits of the modulus.</summary>
    public int Bits => (int)_modulus.GetBitLength();

    /// <inheritdoc/>
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"{(_isPss ? "RSASSA-PSS" : "RSA")}, {Bits} bits");

    /// <inheritdoc/>
    public override string? Weakness => Bits < Certificate.LeastKeyBits
        ? string.Create(CultureInfo.InvariantCulture, $"a key of RSA with {Bits} bits")
        : null;

    /// <summary>Reads a key.</summary>
    /// <param name="bytes">RSAPublicKey (RFC 8017, A.1.1).</param>
    /// <param name="isPss">Whether it is for signatures by PSS alone.</param>
    /// <param name="least">Which signatures by PSS alone: of these hash functions, and of at least this salt (RFC 4055, 3.3).</param>
    /// <exception cref="AsnContentException">They are none, or its numbers are of no use.</exception>
    public static RsaKey Read(ReadOnlyMemory<byte> bytes, bool isPss = false, PssParameters? least = null)
    {
        AsnReader key = new AsnReader(bytes, AsnEncodingRules.BER).ReadSequence();
        var made = new RsaKey(key.ReadInteger(), key.ReadInteger(), isPss, least);
        bool isUsable = made._modulus > BigInteger.One && made.Bits <= MaximumBits
            && made._exponent > BigInteger.One && made._exponent.GetBitLength() <= MaximumExponentBits;
        return isUsable ? made : throw new AsnContentException("a key of RSA whose modulus or exponent is out of bounds");
    }

    /// <inheritdoc/>
    public override bool Verify(SignatureMethod method, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        int length = (Bits + 7) / 8;
        if (!Takes(method) || signature.Length != length)
            return false;
        var number = new BigInteger(signature, isUnsigned: true, isBigEndian: true);
        if (number >= _modulus)
            return false;
        if (method.Kind == SignatureKind.RsaPss)
            return VerifyPss(method.Pss!, hash, BigInteger.ModPow(number, _exponent, _modulus));
        byte[] expected = Encode(method.Function, hash, length);
        return expected.Length == length
            && BigInteger.ModPow(number, _exponent, _modulus) == new BigInteger(expected, isUnsigned: true, isBigEndian: true);
    }

    /// <inheritdoc/>
    public override SignatureMethod MethodOf(HashFunction function, SignatureMethod? stated) =>
        stated is { Kind: SignatureKind.RsaPss } ? stated : new SignatureMethod(SignatureKind.RsaPkcs1, function);

    /// <summary>Whether the key is for such signatures.</summary>
    private bool Takes(SignatureMethod method)
    {
        if (method.Kind != SignatureKind.RsaPss)
            return method.Kind == SignatureKind.RsaPkcs1 && !_isPss;
        return _least is null
            || (_least.Function == method.Pss!.Function && _least.MaskFunction == method.Pss.MaskFunction && _least.SaltLength <= method.Pss.SaltLength);
    }

    private bool VerifyPss(PssParameters parameters, ReadOnlySpan<byte> hash, BigInteger number)
    {
        // One bit less than the modulus, which may be a byte less.
        int bits = Bits - 1;
        byte[] encoded = new byte[(bits + 7) / 8];
        int length = number.GetByteCount(isUnsigned: true);
        return length <= encoded.Length
            && number.TryWriteBytes(encoded.AsSpan(encoded.Length - length), out _, isUnsigned: true, isBigEndian: true)
            && PssEncoding.Matches(encoded, bits, hash, parameters);
    }

    /// <summary>What is signed (RFC 8017, 9.2): 00 01, ff up to the length, 00, and which hash it is with the hash; empty if it has no room.</summary>
    private static byte[] Encode(HashFunction function, ReadOnlySpan<byte> hash, int length)
    {
        const int LeastFilling = 8;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(ObjectIds.OfDigest(function));
                writer.WriteNull();
            }

            writer.WriteOctetString(hash);
        }

        byte[] info = writer.Encode();
        if (length < info.Length + LeastFilling + 3)
            return [];
        byte[] encoded = new byte[length];
        encoded.AsSpan().Fill(0xff);
        encoded[0] = 0;
        encoded[1] = 1;
        encoded[length - info.Length - 1] = 0;
        info.CopyTo(encoded, length - info.Length);
        return encoded;
    }
}
