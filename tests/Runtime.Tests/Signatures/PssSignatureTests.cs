using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using BootProtocol.Certificates;
using BootProtocol.Hashes;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Signatures;

/// <summary>RSASSA-PSS, against OpenSSL: by way of .NET's classes, and by its own program for what these do not offer.</summary>
public sealed class PssSignatureTests : IDisposable
{
    private readonly RSA _key = RSA.Create(2048);

    public void Dispose() => _key.Dispose();

    [Theory]
    [InlineData(1024)]
    [InlineData(2048)]
    [InlineData(3072)]
    public void Signatures_are_judged_as_OpenSSL_judges_them(int bits)
    {
        using var key = RSA.Create(bits);
        PublicKey read = RsaKey.Read(key.ExportRSAPublicKey());
        var random = new Random(bits);
        foreach (HashFunction function in Enum.GetValues<HashFunction>())
        {
            int salt = HashFunctions.Length(function);
            if ((2 * salt) + 2 > (bits + 6) / 8)
                continue;
            byte[] hash = new byte[salt];
            random.NextBytes(hash);
            byte[] signature = key.SignHash(hash, Name(function), RSASignaturePadding.Pss);
            Check(hash, signature, isRight: true);
            Assert.False(read.Verify(Method(function, salt - 1), hash, signature));
            Assert.False(read.Verify(Method(function, salt + 1), hash, signature));
            Assert.False(read.Verify(Method(function, 0), hash, signature));
            Assert.False(read.Verify(Method(function, int.MaxValue), hash, signature));
            byte[] changed = [.. signature];
            changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
            Check(hash, changed, isRight: false);
            hash[random.Next(hash.Length)] ^= 1;
            Check(hash, signature, isRight: false);

            void Check(byte[] hash, byte[] signature, bool isRight)
            {
                Assert.Equal(isRight, read.Verify(Method(function, salt), hash, signature));
                Assert.Equal(isRight, key.VerifyHash(hash, signature, Name(function), RSASignaturePadding.Pss));
            }
        }
    }

    /// <summary>Each part of what is signed, made wrong: the trailer, the unused bits, the zeros, the byte in front of the salt.</summary>
    [Fact]
    public void What_is_encoded_wrongly_is_refused()
    {
        PublicKey read = RsaKey.Read(_key.ExportRSAPublicKey());
        byte[] hash = HashFunctions.Hash(HashFunction.Sha256, "abc"u8);
        SignatureMethod method = Method(HashFunction.Sha256, 32);
        Check(Encode(hash), isRight: true);
        byte[] trailer = Encode(hash);
        foreach (byte value in (byte[])[0xcc, 0xbd, 0])
        {
            trailer[^1] = value;
            Check(trailer, isRight: false);
        }

        Check(Encode(hash, static block => block[0] = 1), isRight: false);
        Check(Encode(hash, static block => block[100] = 1), isRight: false);
        Check(Encode(hash, static block => block[^33] = 2), isRight: false);
        Check(Encode(hash, static block => block[^33] = 0), isRight: false);
        Check(Encode(hash, static block => block[^34] = 1), isRight: false);
        Check(Encode(hash, static block => block[^1] ^= 1), isRight: false);
        byte[] zeros = new byte[256];
        Check(zeros, isRight: false);
        zeros[^1] = 0xbc;
        Check(zeros, isRight: false);

        // The same number modulo the modulus, and the same bytes of another length.
        byte[] right = Raw(Encode(hash));
        var number = new BigInteger(right, isUnsigned: true, isBigEndian: true) + Modulus();
        if (number.GetByteCount(isUnsigned: true) == right.Length)
            CheckBytes(number.ToByteArray(isUnsigned: true, isBigEndian: true));
        CheckBytes([0, .. right]);
        CheckBytes(right[..^1]);
        CheckBytes([]);
        Assert.False(read.Verify(Method(HashFunction.Sha384, 32), hash, right));
        Assert.False(read.Verify(new SignatureMethod(SignatureKind.RsaPkcs1, HashFunction.Sha256), hash, right));
        byte[] first = _key.SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        Assert.False(read.Verify(method, hash, first));
        Assert.True(read.Verify(new SignatureMethod(SignatureKind.RsaPkcs1, HashFunction.Sha256), hash, first));

        void Check(byte[] encoded, bool isRight)
        {
            byte[] signature = Raw(encoded);
            Assert.Equal(isRight, read.Verify(method, hash, signature));
            Assert.Equal(isRight, _key.VerifyHash(hash, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
        }

        void CheckBytes(byte[] signature)
        {
            Assert.False(read.Verify(method, hash, signature));
            Assert.False(_key.VerifyHash(hash, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
        }
    }

    /// <summary>
    /// Masks by another hash function than what is signed, salts of any length, and keys whose encoding has a byte less than the modulus (1025 bits) or
    /// uses its first byte in part: .NET's classes do not make these.
    /// </summary>
    [Theory]
    [InlineData(2048, HashFunction.Sha256, HashFunction.Sha1, 20)]
    [InlineData(2048, HashFunction.Sha256, HashFunction.Sha512, 0)]
    [InlineData(2048, HashFunction.Sha512, HashFunction.Sha256, 1)]
    [InlineData(2048, HashFunction.Sha384, HashFunction.Sha384, 206)]
    [InlineData(1025, HashFunction.Sha256, HashFunction.Sha256, 94)]
    [InlineData(1026, HashFunction.Sha256, HashFunction.Sha256, 95)]
    [InlineData(1031, HashFunction.Sha512, HashFunction.Sha512, 20)]
    [Needs(Need.Tools)]
    public void Masks_salts_and_keys_of_any_length_are_those_of_OpenSSL(int bits, HashFunction function, HashFunction mask, int salt)
    {
        using var folder = new TemporaryFolder();
        string[] making = ["genpkey", "-algorithm", "RSA", "-pkeyopt", FormattableString.Invariant($"rsa_keygen_bits:{bits}"), "-out", folder.File("key")];
        _ = ToolRun.Start("openssl", making, folder.Path).Succeeded();
        string[] writing = ["rsa", "-in", folder.File("key"), "-RSAPublicKey_out", "-outform", "DER", "-out", folder.File("public")];
        _ = ToolRun.Start("openssl", writing, folder.Path).Succeeded();
        File.WriteAllText(folder.File("data"), "abc");
        Assert.Equal(0, Dgst(salt, "-sign", folder.File("key"), "-out", folder.File("signature")));
        byte[] signature = File.ReadAllBytes(folder.File("signature"));
        byte[] hash = HashFunctions.Hash(function, "abc"u8);
        RsaKey read = RsaKey.Read(File.ReadAllBytes(folder.File("public")));
        Assert.Equal(bits, read.Bits);
        foreach (HashFunction one in Enum.GetValues<HashFunction>())
        {
            var method = new SignatureMethod(SignatureKind.RsaPss, function, new PssParameters(function, one, salt));
            Assert.Equal(one == mask, read.Verify(method, hash, signature));
        }

        foreach (int stated in (int[])[salt, salt + 1, 32])
        {
            bool isTheirs = Dgst(stated, "-prverify", folder.File("key"), "-signature", folder.File("signature")) == 0;
            Assert.Equal(stated == salt, isTheirs);
            var method = new SignatureMethod(SignatureKind.RsaPss, function, new PssParameters(function, mask, stated));
            Assert.Equal(isTheirs, read.Verify(method, hash, signature));
        }

        int Dgst(int length, params string[] what)
        {
            string[] options =
            [
                "dgst", $"-{HashFunctions.Name(function)}", "-sigopt", "rsa_padding_mode:pss", "-sigopt",
                FormattableString.Invariant($"rsa_pss_saltlen:{length}"), "-sigopt", $"rsa_mgf1_md:{HashFunctions.Name(mask)}",
            ];
            return ToolRun.Start("openssl", [.. options, .. what, folder.File("data")], folder.Path).ExitCode;
        }
    }

    /// <summary>A key may be for PSS alone, and state the least that is right (RFC 4055, 3.3).</summary>
    [Theory]
    [InlineData(HashFunction.Sha256, 32, true)]
    [InlineData(HashFunction.Sha256, 33, false)]
    [InlineData(HashFunction.Sha384, 32, false)]
    public void A_key_for_PSS_keeps_its_limits(HashFunction function, int leastSalt, bool isRight)
    {
        byte[] bytes = _key.ExportRSAPublicKey();
        byte[] hash = HashFunctions.Hash(function, "abc"u8);
        byte[] signature = _key.SignHash(hash, Name(function), RSASignaturePadding.Pss);
        SignatureMethod method = Method(function, hash.Length);
        var least = new PssParameters(HashFunction.Sha256, HashFunction.Sha256, leastSalt);
        Assert.Equal(isRight, RsaKey.Read(bytes, isPss: true, least).Verify(method, hash, signature));
        Assert.True(RsaKey.Read(bytes, isPss: true).Verify(method, hash, signature));
        byte[] first = _key.SignHash(hash, Name(function), RSASignaturePadding.Pkcs1);
        Assert.False(RsaKey.Read(bytes, isPss: true).Verify(new SignatureMethod(SignatureKind.RsaPkcs1, function), hash, first));
        Assert.Equal("RSASSA-PSS, 2048 bits", RsaKey.Read(bytes, isPss: true).Name);
    }

    /// <summary>A key that is for signatures by another hash function, mask or trailer alone is none for those that are known here.</summary>
    [Fact]
    public void A_key_for_unknown_signatures_by_PSS_verifies_nothing()
    {
        byte[] content = _key.ExportRSAPublicKey();
        var trailerTag = new Asn1Tag(TagClass.ContextSpecific, 3, isConstructed: true);
        foreach ((byte trailer, bool isKnown) in ((byte, bool)[])[(1, true), (2, false)])
        {
            byte[] parameters = SignedImage.Sequence(SignedImage.Under(trailerTag, [2, 1, trailer]));
            var writer = new AsnWriter(AsnEncodingRules.DER);
            writer.WriteBitString(content);
            byte[] info = SignedImage.Sequence(SignedImage.Sequence(SignedImage.Id("1.2.840.113549.1.1.10"), parameters), writer.Encode());
            PublicKey? read = PublicKey.Read(new AsnReader(info, AsnEncodingRules.BER), out string name);
            Assert.Equal(isKnown, read is not null);
            Assert.Equal(isKnown ? "RSASSA-PSS, 2048 bits" : "RSASSA-PSS", name);
        }
    }

    /// <summary>RFC 8017, A.2.3: what is left out is SHA-1 and 20 bytes; other masks and trailers are not known, and broken ones no parameters.</summary>
    [Fact]
    public void Parameters_are_read()
    {
        var tags = Enumerable.Range(0, 4).Select(static value => new Asn1Tag(TagClass.ContextSpecific, value, isConstructed: true)).ToArray();
        byte[] sha256 = SignedImage.Algorithm(HashFunction.Sha256);
        byte[] mask = SignedImage.Sequence(SignedImage.Id("1.2.840.113549.1.1.8"), sha256);
        Assert.Equal(PssParameters.Default, Read());
        Assert.Equal("sha1, salt of 20 bytes", PssParameters.Default.Name);
        Assert.Equal(new PssParameters(HashFunction.Sha256, HashFunction.Sha1, 20), Read(SignedImage.Under(tags[0], sha256)));
        PssParameters? all = Read(
            SignedImage.Under(tags[0], sha256),
            SignedImage.Under(tags[1], mask),
            SignedImage.Under(tags[2], [2, 1, 48]),
            SignedImage.Under(tags[3], [2, 1, 1]));
        Assert.Equal("sha256, salt of 48 bytes", all?.Name);
        Assert.Equal("sha1, mask by sha256, salt of 20 bytes", Read(SignedImage.Under(tags[1], mask))?.Name);
        Assert.Null(Read(SignedImage.Under(tags[3], [2, 1, 2])));
        Assert.Null(Read(SignedImage.Under(tags[0], SignedImage.Sequence(SignedImage.Id("1.2.840.113549.2.5"), [5, 0]))));
        Assert.Null(Read(SignedImage.Under(tags[1], SignedImage.Sequence(SignedImage.Id("1.2.3"), sha256))));
        Assert.Throws<AsnContentException>(() => Read(SignedImage.Under(tags[2], [2, 1, 0xff])));
        Assert.Throws<AsnContentException>(() => Read(SignedImage.Under(tags[2], [2, 5, 1, 0, 0, 0, 0])));
        Assert.Throws<AsnContentException>(() => Read(SignedImage.Under(tags[3], [2, 1, 1]), [5, 0]));

        static PssParameters? Read(params byte[][] parts) => PssParameters.Read(new AsnReader(SignedImage.Sequence(parts), AsnEncodingRules.BER));
    }

    private static SignatureMethod Method(HashFunction function, int salt) =>
        new(SignatureKind.RsaPss, function, new PssParameters(function, function, salt));

    private static HashAlgorithmName Name(HashFunction function) => new(HashFunctions.Name(function).ToUpperInvariant());

    /// <summary>What is signed for a hash, by SHA-256 and with a salt of 32 bytes; its block may be changed before it is masked.</summary>
    private static byte[] Encode(byte[] hash, Action<byte[]>? change = null)
    {
        byte[] salt = [.. Enumerable.Range(0, 32).Select(static value => (byte)value)];
        byte[] signed = SHA256.HashData((byte[])[.. new byte[8], .. hash, .. salt]);
        byte[] block = [.. new byte[223 - 33], 1, .. salt];
        change?.Invoke(block);
        byte[] counter = new byte[4];
        for (int i = 0; i < block.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(counter, i / 32);
            block[i] ^= SHA256.HashData((byte[])[.. signed, .. counter])[i % 32];
        }

        block[0] &= 0x7f;
        return [.. block, .. signed, 0xbc];
    }

    private BigInteger Modulus() => new(_key.ExportParameters(false).Modulus!, isUnsigned: true, isBigEndian: true);

    /// <summary>The signature of bytes as they are.</summary>
    private byte[] Raw(byte[] encoded)
    {
        RSAParameters parameters = _key.ExportParameters(true);
        var exponent = new BigInteger(parameters.D!, isUnsigned: true, isBigEndian: true);
        var number = BigInteger.ModPow(new BigInteger(encoded, isUnsigned: true, isBigEndian: true), exponent, Modulus());
        byte[] bytes = new byte[encoded.Length];
        byte[] written = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        written.CopyTo(bytes, bytes.Length - written.Length);
        return bytes;
    }
}
