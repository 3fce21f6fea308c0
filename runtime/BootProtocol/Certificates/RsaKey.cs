using System.Formats.Asn1;
using System.Numerics;
using BootProtocol.Hashes;

namespace BootProtocol.Certificates;

/// <summary>A public key of RSA, and signatures by PKCS#1 v1.5 (RFC 8017, 8.2).</summary>
internal sealed class RsaKey
{
    /// <summary>The longest modulus in bits: keys in use have at most 4096, and the work grows with the square of it.</summary>
    private const int MaximumBits = 8192;

    /// <summary>The longest exponent in bits, for the same reason; keys in use have 17.</summary>
    private const int MaximumExponentBits = 32;

    private readonly BigInteger _modulus;
    private readonly BigInteger _exponent;

    private RsaKey(BigInteger modulus, BigInteger exponent)
    {
        _modulus = modulus;
        _exponent = exponent;
    }

    /// <summary>Bits of the modulus.</summary>
    public int Bits => (int)_modulus.GetBitLength();

    /// <summary>Reads a key.</summary>
    /// <param name="bytes">RSAPublicKey (RFC 8017, A.1.1).</param>
    /// <exception cref="AsnContentException">They are none, or its numbers are of no use.</exception>
    public static RsaKey Read(ReadOnlyMemory<byte> bytes)
    {
        AsnReader key = new AsnReader(bytes, AsnEncodingRules.BER).ReadSequence();
        var made = new RsaKey(key.ReadInteger(), key.ReadInteger());
        bool isUsable = made._modulus > BigInteger.One && made.Bits <= MaximumBits
            && made._exponent > BigInteger.One && made._exponent.GetBitLength() <= MaximumExponentBits;
        return isUsable ? made : throw new AsnContentException("a key of RSA with numbers that no key has");
    }

    /// <summary>Whether a signature is one of a hash by this key.</summary>
    public bool Verify(HashFunction function, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        int length = (Bits + 7) / 8;
        var number = new BigInteger(signature, isUnsigned: true, isBigEndian: true);
        if (signature.Length != length || number >= _modulus)
            return false;
        byte[] expected = Encode(function, hash, length);
        return expected.Length == length
            && BigInteger.ModPow(number, _exponent, _modulus) == new BigInteger(expected, isUnsigned: true, isBigEndian: true);
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
