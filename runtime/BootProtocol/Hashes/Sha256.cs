using System.Buffers.Binary;
using System.Numerics;

namespace BootProtocol.Hashes;

/// <summary>SHA-256 (FIPS 180-4, 6.2).</summary>
internal sealed class Sha256 : RunningHash
{
    /// <summary>Bytes of the hash.</summary>
    public const int HashLength = 32;

    private const int BlockLength = 64;
    private const int Rounds = 64;

    private static readonly uint[] _constants = [.. HashConstants.CubeRoots(Rounds).Select(static root => (uint)(root >> 32))];
    private static readonly uint[] _start = [.. HashConstants.SquareRoots(8).Select(static root => (uint)(root >> 32))];

    private readonly uint[] _state = [.. _start];

    /// <summary>Starts one.</summary>
    public Sha256()
        : base(HashLength, BlockLength, sizeof(ulong))
    {
    }

    /// <inheritdoc/>
    protected override void AddBlocks(ReadOnlySpan<byte> blocks)
    {
        Span<uint> words = stackalloc uint[Rounds];
        Span<uint> state = _state;
        ReadOnlySpan<uint> constants = _constants;
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

    /// <inheritdoc/>
    protected override void Write(Span<byte> hash)
    {
        for (int i = 0; i < _state.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(hash[(i * sizeof(uint))..], _state[i]);
    }
}
