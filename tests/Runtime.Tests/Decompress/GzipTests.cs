using System.Buffers.Binary;
using System.IO.Hashing;
using BootProtocol.Decompress;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>A member's trailer stands where its deflate data ends, and nowhere else.</summary>
[Needs(Need.Tools)]
public sealed class GzipTests
{
    private const int TrailerLength = 8;

    private static readonly PayloadOptions s_exact = new() { End = PayloadEnd.Exact };
    private static readonly PayloadOptions s_open = new() { End = PayloadEnd.Open };

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(20_000)]
    public void A_trailer_is_not_searched_for(int junkLength)
    {
        byte[] bytes = Sample.Mixed(3000);
        byte[] member = Filter.Run("gzip -n -9", bytes);
        byte[] trailer = member[^TrailerLength..];
        byte[] wrong = [.. member[..^TrailerLength], 1, 2, 3, 4, 5, 6, 7, 8, .. Sample.Make("random", junkLength), .. trailer];
        foreach (PayloadEnd end in Enum.GetValues<PayloadEnd>())
        {
            var fault = Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Gzip, wrong, new() { End = end }));
            Assert.Equal(("CRC32 and size", (long?)(member.Length - TrailerLength)), (fault.Field, fault.Offset));
            Assert.EndsWith("found 0x04030201 and 134678021", fault.Message, StringComparison.Ordinal);
        }
        Assert.Throws<InvalidOperationException>(() => Filter.Run("gzip -dc", wrong));
    }

    [Theory]
    [InlineData("gzip -1")]
    [InlineData("gzip -9")]
    public void The_end_of_the_data_is_found_to_the_byte(string command)
    {
        // Where the last bits lie in the last byte, and in which piece of input that is, differs from size to size.
        foreach (string kind in Sample.Kinds)
        {
            for (int size = 0; size < 120_000; size = size < 80 ? size + 3 : size * 3 / 2)
            {
                byte[] bytes = Sample.Make(kind, size);
                byte[] member = Filter.Run(command, bytes);
                byte[] followed = [.. member, .. Sample.Make("random", 5000)];
                Assert.Equal(bytes, Decoding.Whole(PayloadFormat.Gzip, member));
                Assert.Equal(bytes, Decoding.Whole(PayloadFormat.Gzip, followed, s_open));
                var fault = Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Gzip, followed, s_exact));
                Assert.Equal(("end", (long?)member.Length), (fault.Field, fault.Offset));

                for (int bit = 0; bit < TrailerLength * 8; bit += 13)
                {
                    byte[] changed = [.. member];
                    changed[^(1 + bit / 8)] ^= (byte)(1 << bit % 8);
                    Assert.Equal("CRC32 and size", Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Gzip, changed, s_exact)).Field);
                }
                if (size > 300)
                    size += 3;
            }
        }
    }

    [Fact]
    public void Members_may_hold_what_looks_like_members()
    {
        // Stored data that is full of magic numbers and of trailers that would be right.
        byte[] magic = [0x1f, 0x8b, 8, 0];
        byte[] inner = Filter.Run("gzip -n -1", Sample.Mixed(500));
        byte[] bytes = [.. inner, .. Enumerable.Repeat(magic, 30_000).SelectMany(part => part), .. inner, 0x1f, 0x8b];
        byte[] member = Stored(bytes);
        byte[] three = [.. member, .. member, .. Filter.Run("gzip -9", bytes)];
        byte[] all = [.. bytes, .. bytes, .. bytes];
        Assert.Equal(all, Filter.Run("gzip -dc", three));
        Assert.Equal(all, Decoding.Whole(PayloadFormat.Gzip, three, s_exact));
        Assert.Equal(bytes, Decoding.Whole(PayloadFormat.Gzip, member));
        for (int seed = 0; seed < 4; seed++)
            Assert.Equal(all, Decoding.InSteps(PayloadFormat.Gzip, three, seed % 2 == 0 ? s_exact : s_open, new Random(seed)));
    }

    [Fact]
    public void Zeros_behind_a_file_are_passed_over_as_the_tool_does()
    {
        byte[] bytes = Sample.Mixed(3000);
        byte[] padded = [.. Filter.Run("gzip -9", bytes), .. Filter.Run("gzip -1", bytes), .. new byte[777]];
        byte[] both = [.. bytes, .. bytes];
        Assert.Equal(both, Filter.Run("gzip -dc", padded));
        Assert.Equal(both, Decoding.Whole(PayloadFormat.Gzip, padded, s_exact));
        padded[^1] = 1;
        Assert.Throws<InvalidOperationException>(() => Filter.Run("gzip -dc", padded));
        Assert.Equal("end", Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Gzip, padded, s_exact)).Field);

        // The payload of a bzImage ends with the size. In front of it are zeros where a kernel was packed anew into the room of another one.
        byte[] payload = [.. Filter.Run("gzip -9", bytes), 0, 0, 0, 0, .. BitConverter.GetBytes(bytes.Length)];
        Assert.Equal(bytes, Decoding.Whole(PayloadFormat.Gzip, payload));
        payload[^5] = 1;
        Assert.Equal("end", Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Gzip, payload)).Field);
    }

    /// <summary>A member of blocks that are stored as they are, as no level of the tool makes them.</summary>
    private static byte[] Stored(byte[] bytes)
    {
        var member = new List<byte> { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };
        for (int at = 0; at < bytes.Length; at += ushort.MaxValue)
        {
            int length = Math.Min(ushort.MaxValue, bytes.Length - at);
            member.Add((byte)(at + length == bytes.Length ? 1 : 0));
            member.AddRange(BitConverter.GetBytes((ushort)length));
            member.AddRange(BitConverter.GetBytes((ushort)~length));
            member.AddRange(bytes[at..(at + length)]);
        }
        byte[] trailer = new byte[TrailerLength];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, Crc32.HashToUInt32(bytes));
        BinaryPrimitives.WriteInt32LittleEndian(trailer.AsSpan(4), bytes.Length);
        return [.. member, .. trailer];
    }
}
