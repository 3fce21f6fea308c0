using System.Buffers.Binary;
using System.Numerics;

namespace BootProtocol.Decompress;

/// <summary>SHA-256 (FIPS 180-4, 6.2).</summary>
/// <remarks>
/// The platform's class needs OpenSSL's library at run time, which a rescue system or a container need not have; and a library for one
/// hash would be larger than all of this one.
/// </remarks>
internal static class Sha256
{
    /// <summary>Bytes of a hash.</summary>
    public const int Length = 32;

    private const int BlockLength = 64;
    private const int Rounds = 64;
    private const int LengthField = sizeof(ulong);

    // The first 32 bits of the fractions of the cube roots of the first 64 primes, and of the square roots of the first 8.
    private static readonly uint[] s_constants = MakeConstants(Rounds, Math.Cbrt);
    private static readonly uint[] s_start = MakeConstants(8, Math.Sqrt);

    /// <summary>The hash of some bytes.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> bytes)
    {
        Span<uint> state = stackalloc uint[s_start.Length];
        s_start.CopyTo(state);
        Span<byte> last = stackalloc byte[2 * BlockLength];
        last.Clear();
        int whole = bytes.Length & -BlockLength;
        var rest = bytes[whole..];
        Add(state, bytes[..whole]);

        // The rest, one bit, zeros, and the number of bits.
        rest.CopyTo(last);
        last[rest.Length] = 0x80;
        last = last[..(rest.Length + 1 + LengthField > BlockLength ? 2 * BlockLength : BlockLength)];
        BinaryPrimitives.WriteUInt64BigEndian(last[^LengthField..], (ulong)bytes.Length * 8);
        Add(state, last);

        byte[] hash = new byte[Length];
        for (int i = 0; i < state.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(i * sizeof(uint)), state[i]);
        return hash;
    }

    /// <summary>Takes whole blocks in.</summary>
    private static void Add(Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        Span<uint> words = stackalloc uint[Rounds];
        ReadOnlySpan<uint> constants = s_constants;
        for (; !blocks.IsEmpty; blocks = blocks[BlockLength..])
        {
            for (int i = 0; i < 16; i++)
                words[i] = BinaryPrimitives.ReadUInt32BigEndian(blocks[(i * sizeof(uint))..]);
            for (int i = 16; i < words.Length; i++)
            {
                uint w15 = words[i - 15];
                uint w2 = words[i - 2];
                uint s0 = BitOperations.RotateRight(w15, 7) ^ BitOperations.RotateRight(w15, 18) ^ w15 >> 3;
                uint s1 = BitOperations.RotateRight(w2, 17) ^ BitOperations.RotateRight(w2, 19) ^ w2 >> 10;
                words[i] = words[i - 16] + s0 + words[i - 7] + s1;
            }

            (uint a, uint b, uint c, uint d) = (state[0], state[1], state[2], state[3]);
            (uint e, uint f, uint g, uint h) = (state[4], state[5], state[6], state[7]);
            for (int i = 0; i < words.Length; i++)
            {
                uint s1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
                uint t1 = h + s1 + (e & f ^ ~e & g) + constants[i] + words[i];
                uint s0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
                uint t2 = s0 + (a & b ^ a & c ^ b & c);
                (h, g, f, e) = (g, f, e, d + t1);
                (d, c, b, a) = (c, b, a, t1 + t2);
            }
            state[0] += a;
            state[1] += b;
            state[2] += c;
            state[3] += d;
            state[4] += e;
            state[5] += f;
            state[6] += g;
            state[7] += h;
        }
    }

    private static uint[] MakeConstants(int count, Func<double, double> root)
    {
        var constants = new uint[count];
        int prime = 1;
        for (int i = 0; i < count; i++)
        {
            do
                prime++;
            while (HasDivisor(prime));
            // 52 bits of a double hold the 3 bits of the root and 32 of its fraction with room to spare.
            double value = root(prime);
            constants[i] = (uint)((value - Math.Floor(value)) * (1L << 32));
        }
        return constants;
    }

    private static bool HasDivisor(int number)
    {
        for (int divisor = 2; divisor * divisor <= number; divisor++)
        {
            if (number % divisor == 0)
                return true;
        }
        return false;
    }
}
