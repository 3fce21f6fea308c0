using System.Buffers.Binary;
using System.IO.Hashing;
using BootProtocol.Decompress;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>The checks of .xz blocks.</summary>
[Needs(Need.Tools)]
public sealed class XzCheckTests
{
    private const int HeaderFlags = 6;

    private static readonly PayloadOptions s_exact = new() { End = PayloadEnd.Exact };

    /// <summary>Each bit of it: what the header itself says stays right.</summary>
    [Fact]
    public void The_checksum_of_a_block_header_is_compared()
    {
        const int Block = 12;
        byte[] stream = Filter.Run("xz --check=crc32 -1", Sample.Mixed(5000));
        int check = Block + (stream[Block] * 4);
        for (int bit = 0; bit < 32; bit++)
        {
            byte[] changed = [.. stream];
            changed[check + (bit / 8)] ^= (byte)(1 << (bit % 8));
            var fault = Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Xz, changed, s_exact));
            Assert.Equal(("block header CRC32", (long?)check), (fault.Field, fault.Offset));
        }
    }

    /// <summary>Flags, and what fills the header up, under a checksum that is right.</summary>
    [Fact]
    public void A_block_header_says_nothing_unknown()
    {
        const int Block = 12;
        byte[] bytes = Sample.Mixed(5000);
        byte[] stream = Filter.Run("xz --check=crc32 -1", bytes);
        int check = Block + (stream[Block] * 4);
        Assert.Equal(0, stream[check - 1]);
        Assert.Equal(bytes, Decoding.Whole(PayloadFormat.Xz, Changed(check - 1, 0), s_exact));
        foreach (byte flag in (byte[])[0x04, 0x08, 0x10, 0x20])
            Assert.Equal("block flags", Refuse(Changed(Block + 1, flag)));
        Assert.Equal("block header padding", Refuse(Changed(check - 1, 1)));

        byte[] Changed(int at, byte bits)
        {
            byte[] changed = [.. stream];
            changed[at] ^= bits;
            BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(check), Crc32.HashToUInt32(changed.AsSpan(Block, check - Block)));
            return changed;
        }

        static string Refuse(byte[] changed) => Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Xz, changed, s_exact)).Field;
    }

    [Fact]
    public void A_check_that_is_not_known_is_refused()
    {
        byte[] bytes = Sample.Mixed(5000);
        foreach ((string name, int number) in new[] { ("none", 0), ("crc32", 1), ("crc64", 4), ("sha256", 10) })
        {
            byte[] stream = Filter.Run($"xz --check={name} -1", bytes);
            Assert.Equal(number, stream[HeaderFlags + 1]);
            Assert.Equal(bytes, Decoding.Whole(PayloadFormat.Xz, stream, s_exact));
            for (int check = 0; check < 16; check++)
            {
                if (check == number)
                    continue;
                // The whole file but the check itself, which the format reserves its place for, is right.
                byte[] other = [.. stream];
                SetCheck(other, check);
                foreach (PayloadEnd end in Enum.GetValues<PayloadEnd>())
                {
                    byte[] payload = end == PayloadEnd.SizeTrailer ? Packer.WithTrailer(other, (uint)bytes.Length) : other;
                    var fault = Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Xz, payload, new() { End = end }));
                    if (check is not (0 or 1 or 4 or 10))
                        Assert.Equal(("stream flags", (long?)HeaderFlags), (fault.Field, fault.Offset));
                }
            }
        }
    }

    [Fact]
    public void Sha256_is_that_of_the_tool_at_any_length()
    {
        // Around the sizes at which the padding takes another block.
        foreach (int size in Enumerable.Range(0, 140).Concat([1000, 4095, 4096, 100_000]))
        {
            byte[] bytes = Sample.Make("text", size);
            byte[] stream = Filter.Run("xz --check=sha256 -0", bytes);
            Assert.Equal(bytes, Decoding.Whole(PayloadFormat.Xz, stream, s_exact));
            if (size == 0)
                continue;
            int check = Find(stream, ToolHash(bytes));
            stream[check + size % 32] ^= 1;
            Assert.Equal("block SHA-256", Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Xz, stream, s_exact)).Field);
        }
    }

    private static byte[] ToolHash(byte[] bytes) =>
        Convert.FromHexString(System.Text.Encoding.ASCII.GetString(Filter.Run("sha256sum", bytes))[..64]);

    private static int Find(byte[] stream, byte[] hash)
    {
        int at = stream.AsSpan().IndexOf(hash);
        Assert.True(at > 0, "the tool's check is that of sha256sum");
        return at;
    }

    /// <summary>Sets the check's number in a stream's header and footer.</summary>
    private static void SetCheck(byte[] stream, int check)
    {
        stream[HeaderFlags + 1] = (byte)check;
        BinaryPrimitives.WriteUInt32LittleEndian(stream.AsSpan(HeaderFlags + 2), Crc32.HashToUInt32(stream.AsSpan(HeaderFlags, 2)));
        Span<byte> footer = stream.AsSpan()[^12..];
        footer[9] = (byte)check;
        BinaryPrimitives.WriteUInt32LittleEndian(footer, Crc32.HashToUInt32(footer[4..10]));
    }
}
