using System.Buffers.Binary;
using BootProtocol.Hashes;

namespace BootProtocol.Certificates;

/// <summary>What RSASSA-PSS signs: a hash, a salt, and a mask over both (EMSA-PSS, RFC 8017, 9.1.2).</summary>
internal static class PssEncoding
{
    /// <summary>The byte in front of the salt.</summary>
    private const byte Separator = 0x01;

    /// <summary>The last byte.</summary>
    private const byte Trailer = 0xbc;

    /// <summary>Zeros in front of the hash and the salt.</summary>
    private const int PaddingLength = 8;

    /// <summary>Whether bytes are what is signed for a hash.</summary>
    /// <param name="encoded">The bytes; they are changed.</param>
    /// <param name="bits">Bits that they may have: one less than the modulus.</param>
    /// <param name="hash">The hash.</param>
    /// <param name="parameters">Hash functions and length of the salt.</param>
    public static bool Matches(Span<byte> encoded, int bits, ReadOnlySpan<byte> hash, PssParameters parameters)
    {
        int hashLength = HashFunctions.Length(parameters.Function);
        long needed = (long)hashLength + parameters.SaltLength + 2;
        if (hash.Length != hashLength || encoded.Length < needed || encoded[^1] != Trailer)
            return false;
        Span<byte> block = encoded[..(encoded.Length - hashLength - 1)];
        ReadOnlySpan<byte> signed = encoded.Slice(block.Length, hashLength);
        byte unused = (byte)~(0xff >> ((encoded.Length * 8) - bits));
        if ((block[0] & unused) != 0)
            return false;
        Unmask(block, signed, parameters.MaskFunction);
        block[0] &= (byte)~unused;
        int zeros = block.Length - parameters.SaltLength - 1;
        if (block[..zeros].ContainsAnyExcept((byte)0) || block[zeros] != Separator)
            return false;
        RunningHash running = HashFunctions.Create(parameters.Function);
        running.AddZeros(PaddingLength);
        running.Add(hash);
        running.Add(block[(zeros + 1)..]);
        return running.Finish().AsSpan().SequenceEqual(signed);
    }

    /// <summary>Takes the mask off (MGF1, RFC 8017, B.2.1): hashes of the seed and a counter.</summary>
    private static void Unmask(Span<byte> block, ReadOnlySpan<byte> seed, HashFunction function)
    {
        Span<byte> counter = stackalloc byte[sizeof(uint)];
        for (uint i = 0; !block.IsEmpty; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(counter, i);
            RunningHash running = HashFunctions.Create(function);
            running.Add(seed);
            running.Add(counter);
            byte[] mask = running.Finish();
            int length = Math.Min(mask.Length, block.Length);
            for (int j = 0; j < length; j++)
                block[j] ^= mask[j];
            block = block[length..];
        }
    }
}
