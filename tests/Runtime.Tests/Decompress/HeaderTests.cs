using System.Buffers.Binary;
using System.IO.Hashing;
using BootProtocol.Decompress;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>Headers that are whole and have right checksums, and say what no decoder here can do: each is refused by its field.</summary>
public sealed class HeaderTests
{
    private static readonly byte[] s_bytes = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];

    private static readonly PayloadOptions s_exact = new() { End = PayloadEnd.Exact };

    [Theory]
    [InlineData(0x60, 0x40, null)]
    [InlineData(0x40, 0x40, null)] // blocks that need those before
    [InlineData(0x60, 0x70, null)]
    [InlineData(0x20, 0x40, "frame version")]
    [InlineData(0xa0, 0x40, "frame version")]
    [InlineData(0xe0, 0x40, "frame version")]
    [InlineData(0x62, 0x40, "frame flags")]
    [InlineData(0x61, 0x40, "frame flags")] // a dictionary
    [InlineData(0x60, 0xc0, "block maximum size")]
    [InlineData(0x60, 0x30, "block maximum size")]
    [InlineData(0x60, 0x00, "block maximum size")]
    [InlineData(0x60, 0x41, "block maximum size")]
    [InlineData(0x60, 0x48, "block maximum size")]
    public void Lz4_frames_say_nothing_unknown(byte flags, byte descriptor, string? field)
    {
        byte[] described = [flags, descriptor];
        byte[] stream =
        [
            4, 0x22, 0x4d, 0x18, .. described, (byte)(XxHash32.HashToUInt32(described) >> 8),
            (byte)s_bytes.Length, 0, 0, 0x80, .. s_bytes, 0, 0, 0, 0,
        ];
        AssertField(PayloadFormat.Lz4, stream, field);
        for (int bit = 1; bit <= 0x80; bit <<= 1)
            AssertField(PayloadFormat.Lz4, [.. stream[..6], (byte)(stream[6] ^ bit), .. stream[7..]], field ?? "header checksum");
    }

    /// <summary>The descriptor, the window or the content size, and a dictionary's number, which may be there and 0.</summary>
    [Theory]
    [InlineData("00 00", null)]
    [InlineData("20 c8", null)] // the content size, a byte
    [InlineData("01 00 00", null)]
    [InlineData("02 00 0000", null)]
    [InlineData("03 00 00000000", null)]
    [InlineData("60 0000", "content size")] // a size of two bytes is at least 256
    [InlineData("80 00 c8000000", null)]
    [InlineData("c0 00 c800000000000000", null)]
    [InlineData("08 00", "frame header descriptor")]
    [InlineData("01 00 01", "dictionary")]
    [InlineData("02 00 0001", "dictionary")]
    [InlineData("03 00 00000001", "dictionary")]
    [InlineData("20 c7", "")] // less than the block has
    [InlineData("20 c9", "content size")]
    public void Zstd_frames_say_nothing_unknown(string header, string? field)
    {
        int block = (s_bytes.Length << 3) | 1;
        byte[] stream =
        [
            0x28, 0xb5, 0x2f, 0xfd, .. Convert.FromHexString(header.Replace(" ", "", StringComparison.Ordinal)),
            (byte)block, (byte)(block >> 8), 0, .. s_bytes,
        ];
        AssertField(PayloadFormat.Zstd, stream, field);
    }

    [Theory]
    [InlineData(8, 0, null)]
    [InlineData(7, 0, "compression method")]
    [InlineData(9, 0, "compression method")]
    [InlineData(8, 0x20, "flags")]
    [InlineData(8, 0x40, "flags")]
    [InlineData(8, 0x80, "flags")]
    public void Gzip_members_say_nothing_unknown(byte method, byte flags, string? field)
    {
        byte[] stream =
        [
            0x1f, 0x8b, method, flags, 0, 0, 0, 0, 0, 3,
            1, (byte)s_bytes.Length, 0, (byte)~s_bytes.Length, 0xff, .. s_bytes, .. Word(Crc32.HashToUInt32(s_bytes)), .. Word((uint)s_bytes.Length),
        ];
        AssertField(PayloadFormat.Gzip, stream, field);
    }

    /// <summary>Not by the size behind them, which says nothing of what is none of these formats.</summary>
    [Theory]
    [InlineData(PayloadFormat.Gzip)]
    [InlineData(PayloadFormat.Xz)]
    [InlineData(PayloadFormat.Lzo)]
    [InlineData(PayloadFormat.Lz4)]
    [InlineData(PayloadFormat.Zstd)]
    public void Other_bytes_are_refused_by_their_magic(PayloadFormat format)
    {
        var fault = Assert.Throws<BootFormatException>(() => PayloadDecoder.Create(format, (byte[])[.. s_bytes, 1, 0, 0, 0]));
        Assert.Equal((BootErrorCode.WrongMagic, "magic"), (fault.Code, fault.Field));
    }

    /// <summary>Decodes it; where a field is named, that one is refused, or any if the name is empty.</summary>
    private static void AssertField(PayloadFormat format, byte[] stream, string? field)
    {
        if (field is null)
        {
            Assert.Equal(s_bytes, Decoding.Whole(format, stream, s_exact));
            return;
        }

        var fault = Assert.Throws<BootFormatException>(() => Decoding.Whole(format, stream, s_exact));
        if (field.Length > 0)
            Assert.Equal(field, fault.Field);
    }

    private static byte[] Word(uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }
}
