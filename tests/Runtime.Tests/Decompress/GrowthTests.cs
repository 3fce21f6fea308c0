using BootProtocol.Decompress;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>Time grows with length, whatever the bytes: with the smallest units that each format has.</summary>
[Collection(nameof(MeasuringTests))]
[Needs(Need.Tools)]
public sealed class GrowthTests
{
    private static readonly byte[] s_one = "x"u8.ToArray();
    private static readonly byte[] s_skippable = [0x5d, 0x2a, 0x4d, 0x18, 0, 0, 0, 0];
    private static readonly PayloadOptions s_options = new() { End = PayloadEnd.Exact, Workers = 1 };

    [Theory]
    [InlineData("gzip -1", 0, 1000)]
    [InlineData("gzip -1", 1, 1000)]
    [InlineData("bzip2 -1", 0, 10_000)]
    [InlineData("bzip2 -1", 1, 60)]
    [InlineData("xz --check=none -0", 0, 3000)]
    [InlineData("xz --check=none -0", 1, 500)]
    [InlineData("lz4 -1", 0, 10_000)]
    [InlineData("lz4 -1", 1, 10_000)]
    [InlineData("lz4 -l -1", 0, 100_000)]
    [InlineData("lz4 -l -1", 1, 10_000)]
    [InlineData("zstd -1", 0, 5000)]
    [InlineData("zstd -1", 1, 5000)]
    public void Files_one_after_the_other(string command, int length, int count)
    {
        byte[] unit = Filter.Run(command, s_one.AsMemory(0, length));
        Check(command, [], unit, [], count, count * length);
    }

    [Fact]
    public void Files_of_bzip2_with_blocks_of_different_sizes() =>
        Check("bzip2", [], [.. Filter.Run("bzip2 -1", s_one), .. Filter.Run("bzip2 -9", s_one)], [], 30, 60);

    [Fact]
    public void Files_of_xz_and_gzip_with_zeros_behind_them()
    {
        Check("xz", [], [.. Filter.Run("xz -0", Array.Empty<byte>()), 0, 0, 0, 0], [], 3000, 0);
        byte[] gzip = Filter.Run("gzip -1", s_one);
        Check("gzip", gzip, [0], [], 1_000_000, 1);
    }

    [Theory]
    [InlineData("zstd -1 --no-check")]
    [InlineData("lz4 -1")]
    public void Frames_that_are_skipped(string command)
    {
        byte[] frame = Filter.Run(command, s_one);
        Check(command, frame, s_skippable, [], 100_000, 1);
        Check(command, [], s_skippable, frame, 100_000, 1);
    }

    [Fact]
    public void Blocks_of_one_byte()
    {
        // Without checksums: a stored byte each. The last block of zstd is empty.
        Check("zstd", Convert.FromHexString("28b52ffd0058"), [8, 0, 0, 0x41], [1, 0, 0], 25_000, 25_000);
        Check("zstd, repeated", Convert.FromHexString("28b52ffd0058"), [10, 0, 0, 0x41], [1, 0, 0], 25_000, 25_000);
        Check("zstd, empty", Convert.FromHexString("28b52ffd0058"), [0, 0, 0], [1, 0, 0], 50_000, 0);
        byte[] lz4 = Filter.Run("lz4 -1 --no-frame-crc", Array.Empty<byte>());
        Check("lz4", lz4[..7], [1, 0, 0, 0x80, 0x41], lz4[7..], 25_000, 25_000);
        Check("lz4, compressed", lz4[..7], [2, 0, 0, 0, 0x10, 0x41], lz4[7..], 25_000, 25_000);
        byte[] lzo = Filter.Run("lzop -1 -F", s_one);
        Check("lzop", lzo[..^13], lzo[^13..^4], lzo[^4..], 15_000, 15_000);
    }

    [Fact]
    public void Blocks_of_xz_with_one_byte()
    {
        byte[] small = Filter.Run("xz --check=none -0 --block-size=1", Sample.Make("text", 1000));
        byte[] large = Filter.Run("xz --check=none -0 --block-size=1", Sample.Make("text", 16_000));
        ThreadTime.GrowsWithLength("xz", () => Decode(PayloadFormat.Xz, small, 1000), () => Decode(PayloadFormat.Xz, large, 16_000));
    }

    [Fact]
    public void Chunks_of_lzma2_with_one_byte()
    {
        // The header of a block; then bytes stored one by one, the first with a new dictionary. What follows is not looked at.
        byte[] file = Filter.Run("xz --check=none -0", s_one);
        int data = 12 + (file[12] + 1) * 4;
        Part([.. file[..data], 1, 0, 0, 0x41], [2, 0, 0, 0x41], 25_000);

        void Part(byte[] start, byte[] unit, int count)
        {
            byte[] small = Repeat(start, unit, [], count);
            byte[] large = Repeat(start, unit, [], ThreadTime.Factor * count);
            ThreadTime.GrowsWithLength("LZMA2", () => Run(small, count), () => Run(large, ThreadTime.Factor * count));
        }

        void Run(byte[] stream, int count)
        {
            using var decoder = PayloadDecoder.Create(PayloadFormat.Xz, stream, new() { End = PayloadEnd.Open });
            Assert.Equal(count, decoder.Decode(new byte[count + PayloadDecoder.Slack], count));
        }
    }

    [Theory]
    [MemberData(nameof(ToolTests.Packers), MemberType = typeof(ToolTests))]
    public void Many_small_steps(string command)
    {
        var packer = Packer.Find(command);
        (byte[] small, byte[] large) = (packer.Pack(Sample.Make("code", 100_000)), packer.Pack(Sample.Make("code", 1_600_000)));
        ThreadTime.GrowsWithLength(command, () => Step(packer.Format, small, 100_000), () => Step(packer.Format, large, 1_600_000));

        static void Step(PayloadFormat format, byte[] stream, int length)
        {
            using var decoder = PayloadDecoder.Create(format, stream, s_options);
            byte[] output = new byte[length];
            for (int count = 0; count < length; count += 100)
                decoder.Decode(output, count);
            decoder.Decode(output, length);
        }
    }

    [Theory]
    [InlineData("lz4 -l -1", 24 << 20)]
    [InlineData("gzip -1", 24 << 20)]
    [InlineData("lz4 -1", 100_000)]
    public void Memory_that_is_asked_for_grows_with_the_output(string command, int length)
    {
        foreach (string kind in (string[])["random", "zeros"])
        {
            byte[] bytes = Sample.Make(kind, length);
            byte[] stream = Packer.Find(command).Pack(bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Equal(bytes, Decoding.Whole(Packer.Find(command).Format, stream, s_options));
            // Two copies of the output are made here; the decoder's memory is twice to eight times as much, and a bit for small ones.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, length, 11L * length + (6 << 20));
        }
    }

    private static void Check(string what, byte[] start, byte[] unit, byte[] end, int count, int length)
    {
        byte[] small = Repeat(start, unit, end, count);
        byte[] large = Repeat(start, unit, end, ThreadTime.Factor * count);
        PayloadFormat format = FormatOf(small);
        ThreadTime.GrowsWithLength(what, () => Decode(format, small, length), () => Decode(format, large, length == 1 ? 1 : ThreadTime.Factor * length));
    }

    private static void Decode(PayloadFormat format, byte[] stream, int length)
    {
        using var decoder = PayloadDecoder.Create(format, stream, s_options);
        Assert.Equal(length, decoder.Decode(new byte[length + PayloadDecoder.Slack], length + PayloadDecoder.Slack));
        Assert.True(decoder.IsComplete);
    }

    private static PayloadFormat FormatOf(byte[] stream)
    {
        Assert.True(PayloadFormats.TryDetect(stream, out var format));
        return format;
    }

    private static byte[] Repeat(byte[] start, byte[] unit, byte[] end, int count)
    {
        byte[] stream = new byte[start.Length + (unit.Length * count) + end.Length];
        start.CopyTo(stream, 0);
        for (int i = 0; i < count; i++)
            unit.CopyTo(stream, start.Length + (i * unit.Length));
        end.CopyTo(stream, stream.Length - end.Length);
        return stream;
    }
}
