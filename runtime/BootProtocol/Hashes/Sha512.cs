using System.Buffers.Binary;
using System.Numerics;

namespace BootProtocol.Hashes;

/// <summary>SHA-512 (FIPS 180-4, 6.4) and SHA-384 (6.5), which starts elsewhere and is cut off.</summary>
internal sealed class Sha512 : RunningHash
{
    /// <summary>Bytes of a hash of SHA-512.</summary>
    public const int Length512 = 64;

    /// <summary>Bytes of a hash of SHA-384.</summary>
    public const int Length384 = 48;

    private const int BlockLength = 128;
    private const int Rounds = 80;

    private static readonly ulong[] _constants = HashConstants.CubeRoots(Rounds);
    private static readonly ulong[] _start512 = HashConstants.SquareRoots(8);
    private static readonly ulong[] _start384 = HashConstants.SquareRoots(8, first: 8);

    private readonly ulong[] _state;

    /// <summary>Starts one.</summary>
    /// <param name="length">Bytes of the hash: <see cref="Length384"/> or <see cref="Length512"/>.</param>
    public Sha512(int length)
        : base(length, BlockLength, 2 * sizeof(ulong)) => _state = [.. length == Length384 ? _start384 : _start512];

    /// <inheritdoc/>
    protected override void AddBlocks(ReadOnlySpan<byte> blocks)
    {
        Span<ulong> words = stackalloc ulong[Rounds];
        Span<ulong> state = _state;
        ReadOnlySpan<ulong> constants = _constants;
        for (; !blocks.IsEmpty; blocks = blocks[BlockLength..])
        {
            for (int i = 0; i < 16; i++)
                words[i] = BinaryPrimitives.ReadUInt64BigEndian(blocks[(i * sizeof(ulong))..]);
            for (int i = 16; i < words.Length; i++)
            {
                ulong w15 = words[i - 15];
                ulong w2 = words[i - 2];
                ulong s0 = BitOperations.RotateRight(w15, 1) ^ BitOperations.RotateRight(w15, 8) ^ w15 >> 7;
                ulong s1 = BitOperations.RotateRight(w2, 19) ^ BitOperations.RotateRight(w2, 61) ^ w2 >> 6;
                words[i] = words[i - 16] + s0 + words[i - 7] + s1;
            }

            (ulong a, ulong b, ulong c, ulong d) = (state[0], state[1], state[2], state[3]);
            (ulong e, ulong f, ulong g, ulong h) = (state[4], state[5], state[6], state[7]);
            for (int i = 0; i < words.Length; i++)
            {
                ulong s1 = BitOperations.RotateRight(e, 14) ^ BitOperations.RotateRight(e, 18) ^ BitOperations.RotateRight(e, 41);
                ulong t1 = h + s1 + (e & f ^ ~e & g) + constants[i] + words[i];
                ulong s0 = BitOperations.RotateRight(a, 28) ^ BitOperations.RotateRight(a, 34) ^ BitOperations.RotateRight(a, 39);
                ulong t2 = s0 + (a & b ^ a & c ^ b & c);
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
        for (int i = 0; i < hash.Length / sizeof(ulong); i++)
            BinaryPrimitives.WriteUInt64BigEndian(hash[(i * sizeof(ulong))..], _state[i]);
    }
}
