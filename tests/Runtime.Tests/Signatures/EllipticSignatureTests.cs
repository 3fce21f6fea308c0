using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using BootProtocol.Certificates;
using BootProtocol.Hashes;

namespace BootProtocol.Runtime.Tests.Signatures;

/// <summary>ECDSA, against OpenSSL by way of .NET's classes.</summary>
public sealed class EllipticSignatureTests
{
    public static TheoryData<string, string, HashFunction> Combinations
    {
        get
        {
            var data = new TheoryData<string, string, HashFunction>();
            foreach (EllipticCurve curve in EllipticCurve.All)
            {
                foreach (HashFunction function in Enum.GetValues<HashFunction>())
                    data.Add(curve.Name, curve.Id, function);
            }

            return data;
        }
    }

    /// <summary>Right ones, and each with a bit changed in the hash or in the signature: both say the same.</summary>
    [Theory]
    [MemberData(nameof(Combinations))]
    public void Signatures_are_judged_as_OpenSSL_judges_them(string name, string id, HashFunction function)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromValue(id));
        PublicKey read = Read(key.ExportSubjectPublicKeyInfo());
        Assert.Equal($"ECDSA, {name}", read.Name);
        var method = new SignatureMethod(SignatureKind.Ecdsa, function);
        var random = new Random(7);
        byte[] hash = new byte[HashFunctions.Length(function)];
        for (int i = 0; i < 12; i++)
        {
            random.NextBytes(hash);
            byte[] signature = key.SignHash(hash, DSASignatureFormat.Rfc3279DerSequence);
            Assert.True(read.Verify(method, hash, signature));
            byte[] changed = [.. signature];
            changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
            Assert.False(read.Verify(method, hash, changed));
            Assert.False(key.VerifyHash(hash, changed, DSASignatureFormat.Rfc3279DerSequence));
            // The last bits of a hash that is longer than the order count for nothing.
            byte[] other = [.. hash];
            other[random.Next(other.Length)] ^= (byte)(1 << random.Next(8));
            Assert.Equal(key.VerifyHash(other, signature, DSASignatureFormat.Rfc3279DerSequence), read.Verify(method, other, signature));
        }

        Assert.False(read.Verify(method, hash.AsSpan(1), key.SignHash(hash[1..], DSASignatureFormat.Rfc3279DerSequence)));
        Assert.False(read.Verify(new SignatureMethod(SignatureKind.RsaPkcs1, function), hash, key.SignHash(hash, DSASignatureFormat.Rfc3279DerSequence)));
    }

    /// <summary>Numbers out of their range, and encodings that are no DER.</summary>
    [Theory]
    [InlineData("P-256")]
    [InlineData("P-384")]
    [InlineData("P-521")]
    public void Numbers_that_no_signature_has_are_refused(string name)
    {
        EllipticCurve curve = EllipticCurve.All.First(curve => curve.Name == name);
        using var key = ECDsa.Create(ECCurve.CreateFromValue(curve.Id));
        PublicKey read = Read(key.ExportSubjectPublicKeyInfo());
        var method = new SignatureMethod(SignatureKind.Ecdsa, HashFunction.Sha256);
        byte[] hash = HashFunctions.Hash(HashFunction.Sha256, "abc"u8);
        byte[] signature = key.SignHash(hash, DSASignatureFormat.Rfc3279DerSequence);
        AsnReader numbers = new AsnReader(signature, AsnEncodingRules.DER).ReadSequence();
        BigInteger r = numbers.ReadInteger();
        BigInteger s = numbers.ReadInteger();
        BigInteger n = curve.Order;
        // The other root of the same equation is as right, there and here.
        Check(Encode(r, s), isRight: true);
        Check(Encode(r, n - s), isRight: true);
        foreach ((BigInteger first, BigInteger second) in ((BigInteger, BigInteger)[])
        [
            (0, s), (r, 0), (0, 0), (n, s), (r, n), (n, n), (r + n, s), (r, s + n), (-r, s), (r, -s), (r - n, s), (r, s - n), (s, r), (1, 1), (n - 1, n - 1),
            (BigInteger.One << 4096, s), (r, BigInteger.One << 4096),
        ])
        {
            Check(Encode(first, second), isRight: false);
        }

        for (int length = 0; length < signature.Length; length += 5)
            Check(signature[..length], isRight: false);
        Check([.. signature, 0], isRight: false);
        Check([], isRight: false);

        void Check(byte[] encoded, bool isRight)
        {
            Assert.Equal(isRight, read.Verify(method, hash, encoded));
            Assert.Equal(isRight, TheirVerdict(key, hash, encoded));
        }
    }

    /// <summary>The same numbers with a zero too many, a length too long or something behind them: one encoding alone is a signature's.</summary>
    [Fact]
    public void Other_encodings_of_a_right_signature_are_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        PublicKey read = Read(key.ExportSubjectPublicKeyInfo());
        var method = new SignatureMethod(SignatureKind.Ecdsa, HashFunction.Sha256);
        byte[] hash = HashFunctions.Hash(HashFunction.Sha256, "abc"u8);
        byte[] signature = key.SignHash(hash, DSASignatureFormat.Rfc3279DerSequence);
        Assert.True(read.Verify(method, hash, signature));
        byte[] content = signature[2..];
        byte[] firstNumber = content[..(2 + content[1])];
        byte[] secondNumber = content[firstNumber.Length..];
        byte[] padded = [2, (byte)(firstNumber[1] + 1), 0, .. firstNumber[2..]];
        foreach (byte[] encoded in (byte[][])
        [
            [0x30, 0x81, (byte)content.Length, .. content],
            [0x30, 0x80, .. content, 0, 0],
            [0x30, (byte)(padded.Length + secondNumber.Length), .. padded, .. secondNumber],
            [0x30, (byte)(content.Length + 2), .. content, 5, 0],
            [0x31, .. signature[1..]],
        ])
        {
            Assert.False(read.Verify(method, hash, encoded));
        }
    }

    [Fact]
    public void A_point_is_one_of_its_curve()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        byte[] info = key.ExportSubjectPublicKeyInfo();
        ECPoint point = key.ExportParameters(false).Q;
        int at = info.Length - 97;
        Assert.Equal(4, info[at]);
        byte[] hash = HashFunctions.Hash(HashFunction.Sha384, "abc"u8);
        byte[] signature = key.SignHash(hash, DSASignatureFormat.Rfc3279DerSequence);
        var method = new SignatureMethod(SignatureKind.Ecdsa, HashFunction.Sha384);

        // One coordinate and a bit of the other are the same point; with the other bit it is another.
        byte sign = (byte)(2 | (point.Y![^1] & 1));
        Assert.True(Read(Info(info, at, [sign, .. point.X!])).Verify(method, hash, signature));
        Assert.False(Read(Info(info, at, [(byte)(sign ^ 1), .. point.X!])).Verify(method, hash, signature));
        byte[] moved = [.. point.Y!];
        moved[^1] ^= 1;
        byte[] prime = Convert.FromHexString("fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff");
        foreach (byte[] bytes in (byte[][])
        [
            [4, .. point.X!, .. moved], [4, .. point.Y!, .. point.X!], [0], [], [4], [4, .. point.X!], [4, .. point.X!, .. point.Y!, 0],
            [4, .. prime, .. point.Y!], [4, .. new byte[96]], [5, .. point.X!], [2, .. prime], [6, .. point.X!, .. point.Y!],
        ])
        {
            Assert.Throws<AsnContentException>(() => Read(Info(info, at, bytes)));
        }
    }

    /// <summary>Curves that are not known, and those that a key describes itself, are named; nothing is verified by them.</summary>
    [Fact]
    public void Other_curves_are_named()
    {
        byte[] own = SignedImage.Sequence(SignedImage.Sequence(SignedImage.Id("1.2.840.10045.2.1"), SignedImage.Sequence([2, 1, 1])), [3, 2, 0, 4]);
        Assert.Null(PublicKey.Read(new AsnReader(own, AsnEncodingRules.BER), out string name));
        Assert.Equal("ECDSA, a curve of its own", name);
        byte[] other = SignedImage.Sequence(SignedImage.Sequence(SignedImage.Id("1.2.840.10045.2.1"), SignedImage.Id("1.3.132.0.10")), [3, 2, 0, 4]);
        Assert.Null(PublicKey.Read(new AsnReader(other, AsnEncodingRules.BER), out name));
        Assert.Equal("ECDSA, curve 1.3.132.0.10", name);
    }

    private static PublicKey Read(byte[] info)
    {
        PublicKey? key = PublicKey.Read(new AsnReader(info, AsnEncodingRules.BER), out _);
        Assert.NotNull(key);
        return key;
    }

    private static bool TheirVerdict(ECDsa key, byte[] hash, byte[] signature)
    {
        try
        {
            return key.VerifyHash(hash, signature, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>A key of the same curve with another point.</summary>
    private static byte[] Info(byte[] info, int at, byte[] point)
    {
        AsnReader parts = new AsnReader(info, AsnEncodingRules.DER).ReadSequence();
        byte[] algorithm = parts.ReadEncodedValue().ToArray();
        Assert.True(info.AsSpan(at).SequenceEqual(parts.ReadBitString(out _)));
        return SignedImage.Sequence(algorithm, [3, (byte)(point.Length + 1), 0, .. point]);
    }

    private static byte[] Encode(BigInteger first, BigInteger second)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(first);
            writer.WriteInteger(second);
        }

        return writer.Encode();
    }
}
