using System.Security.Cryptography;
using BootProtocol.Hashes;

namespace BootProtocol.Runtime.Tests.Signatures;

/// <summary>The hash functions, against the platform's.</summary>
public sealed class HashTests
{
    [Theory]
    [InlineData(HashFunction.Sha1)]
    [InlineData(HashFunction.Sha256)]
    [InlineData(HashFunction.Sha384)]
    [InlineData(HashFunction.Sha512)]
    public void Hashes_are_those_of_the_platform(HashFunction function)
    {
        byte[] bytes = new byte[100_000];
        new Random(3).NextBytes(bytes);
        foreach (int length in Enumerable.Range(0, 300).Append(bytes.Length))
            Assert.Equal(Expected(function, bytes.AsSpan(0, length)), HashFunctions.Hash(function, bytes.AsSpan(0, length)));
        Assert.True(HashFunctions.TryParse(HashFunctions.Name(function), out HashFunction found));
        Assert.Equal(function, found);
    }

    [Theory]
    [InlineData(HashFunction.Sha1)]
    [InlineData(HashFunction.Sha256)]
    [InlineData(HashFunction.Sha512)]
    public void Parts_make_the_same_hash_as_the_whole(HashFunction function)
    {
        byte[] bytes = new byte[5000];
        var random = new Random(4);
        random.NextBytes(bytes);
        for (int round = 0; round < 50; round++)
        {
            RunningHash hash = HashFunctions.Create(function);
            for (int at = 0; at < bytes.Length;)
            {
                int part = Math.Min(random.Next(300), bytes.Length - at);
                hash.Add(bytes.AsSpan(at, part));
                at += part;
            }

            Assert.Equal(Expected(function, bytes), hash.Finish());
        }
    }

    [Fact]
    public void No_other_name_is_one()
    {
        Assert.False(HashFunctions.TryParse("md5", out _));
        Assert.False(HashFunctions.TryParse(null, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => HashFunctions.Length((HashFunction)4));
    }

    private static byte[] Expected(HashFunction function, ReadOnlySpan<byte> bytes) =>
        CryptographicOperations.HashData(new HashAlgorithmName(HashFunctions.Name(function).ToUpperInvariant()), bytes);
}
