using System.Buffers.Binary;
using BootProtocol.Decompress;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>LZ4 blocks made by hand, against a decoder that goes byte by byte and against the tool.</summary>
public sealed class Lz4BlockTests
{
    private static readonly byte[] s_ending = "\u0050close"u8.ToArray();

    [Theory]
    [InlineData("14 41 01 00", 9)] // one literal, eight bytes from one back
    [InlineData("1f 41 01 00 ff 05", 280)]
    [InlineData("34 414243 03 00", 11)]
    [InlineData("f4 01 4142434445464748494a4b4c4d4e4f50 10 00", 24)] // from where the output begins
    [InlineData("14 41 00 00", null)] // from no distance
    [InlineData("1f 41 00 00 ff 05", null)]
    [InlineData("14 41 02 00", null)] // from before the output
    [InlineData("14 41 ff ff", null)]
    [InlineData("04 01 00", null)]
    [InlineData("f4", null)] // cut
    [InlineData("ff ff ff", null)]
    public void Matches_reach_no_farther_than_the_output(string sequence, int? length)
    {
        byte[] block = [.. Convert.FromHexString(sequence.Replace(" ", "", StringComparison.Ordinal)), .. s_ending];
        byte[]? expected = Model(block);
        Assert.Equal(length, expected?.Length - 5);
        Compare(block, expected);
    }

    [Fact]
    [Needs(Need.Tools)]
    public void Random_sequences_decode_as_byte_by_byte()
    {
        int good = 0;
        for (int seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            byte[] block = RandomBlock(random, mostSequences: seed % 10 == 0 ? 400 : 12);
            byte[]? expected = Model(block);
            good += expected is null ? 0 : 1;
            Compare(block, expected);
            if (seed % 100 == 0 && expected is not null)
                Assert.Equal(expected, Filter.Run("lz4 -dc", Legacy(block)));
        }
        Assert.InRange(good, 1000, 2800);
    }

    [Fact]
    [Needs(Need.Tools)]
    public void Linked_blocks_copy_from_those_before()
    {
        byte[] text = Sample.Make("text", 70_000);
        byte[] stream = Filter.Run("lz4 -1 -BD -B4 --no-frame-crc", text);
        // The second block may copy from the first, unless the frame says that its blocks are independent.
        WrittenBytes linked = WrittenBytes.Decode(PayloadFormat.Lz4, stream, PayloadEnd.Exact, text.Length + PayloadDecoder.Slack);
        Assert.Equal(text, linked.Bytes);
        byte[] independent = [.. stream[..4], (byte)(stream[4] | 0x20), stream[5], 0, .. stream[7..]];
        independent[6] = (byte)(System.IO.Hashing.XxHash32.HashToUInt32(independent.AsSpan(4, 2)) >> 8);
        WrittenBytes alone = WrittenBytes.Decode(PayloadFormat.Lz4, independent, PayloadEnd.Exact, text.Length + PayloadDecoder.Slack);
        Assert.Contains("lz4 payload.block", alone.Fault, StringComparison.Ordinal);
        Assert.Equal(64 << 10, alone.Bytes.Length);
    }

    /// <summary>In all ways: with room to spare, to the exact room, cut short by the room, and as a linked block of a frame.</summary>
    private static void Compare(byte[] block, byte[]? expected)
    {
        byte[] legacy = Legacy(block);
        WrittenBytes written = WrittenBytes.Decode(PayloadFormat.Lz4, legacy, PayloadEnd.Exact, 300_000);
        Assert.Equal(expected, written.IsComplete ? written.Bytes : null);
        int length = expected?.Length ?? 40;
        WrittenBytes exact = WrittenBytes.Decode(
            PayloadFormat.Lz4, Packer.WithTrailer(legacy, (uint)length), PayloadEnd.SizeTrailer, length);
        Assert.Equal(expected, exact.IsComplete ? exact.Bytes : null);
        foreach (int count in (int[])[1, length / 2, length - 1])
        {
            WrittenBytes part = WrittenBytes.Decode(PayloadFormat.Lz4, legacy, PayloadEnd.Open, count);
            if (expected is not null)
                Assert.Equal(expected[..count], part.Bytes);
        }

        byte[] frame = [0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0xc0, .. BitConverter.GetBytes(block.Length), .. block, 0, 0, 0, 0];
        WrittenBytes framed = WrittenBytes.Decode(PayloadFormat.Lz4, frame, PayloadEnd.Exact, 300_000, 1, length / 2);
        Assert.Equal(expected?.Length <= 64 << 10 ? expected : null, framed.IsComplete ? framed.Bytes : null);
    }

    private static byte[] Legacy(byte[] block) => [0x02, 0x21, 0x4c, 0x18, .. BitConverter.GetBytes(block.Length), .. block];

    /// <summary>Sequences with few and many literals, near and far matches, now and then from no distance or too far.</summary>
    private static byte[] RandomBlock(Random random, int mostSequences)
    {
        var block = new List<byte>();
        int length = 0;
        for (int i = random.Next(mostSequences); i > 0; i--)
        {
            int literals = random.Next(4) == 0 ? random.Next(600) : random.Next(length == 0 ? 1 : 0, 18);
            int match = random.Next(4) == 0 ? random.Next(700) : random.Next(20);
            Start(literals, match);
            int distance = random.Next(5 * mostSequences) switch
            {
                0 => 0,
                1 => length + 1,
                _ => random.Next(1, Math.Min(random.Next(3) == 0 ? 65_535 : 20, length) + 1),
            };
            block.AddRange(BitConverter.GetBytes((ushort)distance));
            if (match >= 15)
                Extend(match);
            length += match + 4;
        }
        Start(12 + random.Next(30), 0);
        return [.. block];

        void Start(int literals, int match)
        {
            block.Add((byte)(Math.Min(literals, 15) << 4 | Math.Min(match, 15)));
            if (literals >= 15)
                Extend(literals);
            byte[] bytes = new byte[literals];
            random.NextBytes(bytes);
            block.AddRange(bytes);
            length += literals;
        }

        void Extend(int value)
        {
            for (value -= 15; value >= 255; value -= 255)
                block.Add(255);
            block.Add((byte)value);
        }
    }

    /// <summary>The block format's description, word for word; null where it is not followed.</summary>
    private static byte[]? Model(byte[] block)
    {
        var output = new List<byte>();
        int at = 0;
        while (at < block.Length)
        {
            int token = block[at++];
            if (!TryRead(token >> 4, out int literals) || literals > block.Length - at)
                return null;
            output.AddRange(block[at..(at + literals)]);
            at += literals;
            if (at == block.Length)
                return [.. output];
            if (block.Length - at < 8)
                return null;
            int distance = BinaryPrimitives.ReadUInt16LittleEndian(block.AsSpan(at));
            at += 2;
            if (distance == 0 || distance > output.Count || !TryRead(token & 15, out int length))
                return null;
            for (int i = 0; i < length + 4; i++)
                output.Add(output[^distance]);
        }
        return null;

        bool TryRead(int nibble, out int value)
        {
            value = nibble;
            if (nibble < 15)
                return true;
            while (at < block.Length)
            {
                int more = block[at++];
                value += more;
                if (more < 255)
                    return true;
            }
            return false;
        }
    }
}
