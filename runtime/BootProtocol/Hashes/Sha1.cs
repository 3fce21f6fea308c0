using System.Buffers.Binary;
using System.Numerics;

namespace BootProtocol.Hashes;

/// <summary>SHA-1 (FIPS 180-4, 6.1).</summary>
internal sealed class Sha1 : RunningHash
{
    private const int BlockLength = 64;
    private const int Rounds = 80;

    private uint _a = 0x67452301;
    private uint _b = 0xefcdab89;
    private uint _c = 0x98badcfe;
    private uint _d = 0x10325476;
    private uint _e = 0xc3d2e1f0;

    /// <summary>Starts one.</summary>
    public Sha1()
        : base(20, BlockLength, sizeof(ulong))
    {
    }

    /// <inheritdoc/>
    protected override void AddBlocks(ReadOnlySpan<byte> blocks)
    {
        Span<uint> words = stackalloc uint[Rounds];
        for (; !blocks.IsEmpty; blocks = blocks[BlockLength..])
        {
            for (int i = 0; i < 16; i++)
                words[i] = BinaryPrimitives.ReadUInt32BigEndian(blocks[(i * sizeof(uint))..]);
            for (int i = 16; i < Rounds; i++)
                words[i] = BitOperations.RotateLeft(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
            (uint a, uint b, uint c, uint d, uint e) = (_a, _b, _c, _d, _e);
            for (int i = 0; i < Rounds; i++)
            {
                (uint f, uint constant) = (i / 20) switch
                {
                    0 => (b & c ^ ~b & d, 0x5a827999u),
                    1 => (b ^ c ^ d, 0x6ed9eba1u),
                    2 => (b & c ^ b & d ^ c & d, 0x8f1bbcdcu),
                    _ => (b ^ c ^ d, 0xca62c1d6u),
                };
                uint next = BitOperations.RotateLeft(a, 5) + f + e + constant + words[i];
                (e, d, c, b, a) = (d, c, BitOperations.RotateLeft(b, 30), a, next);
            }

            _a += a;
            _b += b;
            _c += c;
            _d += d;
            _e += e;
        }
    }

    /// <inheritdoc/>
    protected override void Write(Span<byte> hash)
    {
        uint[] state = [_a, _b, _c, _d, _e];
        for (int i = 0; i < state.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(hash[(i * sizeof(uint))..], state[i]);
    }
}
