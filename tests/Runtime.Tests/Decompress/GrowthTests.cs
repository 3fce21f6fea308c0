using BootProtocol.Decompress;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>Work and memory grow with length, whatever the bytes: with the smallest units that each format has.</summary>
[Collection(nameof(MeasuringTests))]
[Needs(Need.Tools)]
public sealed class GrowthTests
{
    private static readonly PayloadOptions s_options = new() { End = PayloadEnd.Exact, Workers = 1 };

    [Theory]
    [InlineData("gzip -1", 0, 300)]
    [InlineData("gzip -1", 1, 300)]
    [InlineData("bzip2 -1", 0, 3000)]
    [InlineData("bzip2 -1", 1, 20)]
    [InlineData("xz --check=none -0", 0, 1000)]
    [InlineData("xz --check=none -0", 1, 100)]
    [InlineData("lz4 -1", 0, 3000)]
    [InlineData("lz4 -1", 1, 3000)]
    [InlineData("lz4 -l -1", 0, 20_000)]
    [InlineData("lz4 -l -1", 1, 3000)]
    [InlineData("zstd -1", 0, 1500)]
    [InlineData("zstd -1", 1, 1500)]
    public void Files_one_after_the_other(string command, int length, int count) => CountedWork.Call(Work.Files, command, length, count);

    [Fact]
    public void Files_of_bzip2_with_blocks_of_different_sizes() => CountedWork.Call(Work.FilesOfBzip2);

    [Fact]
    public void Files_of_xz_and_gzip_with_zeros_behind_them() => CountedWork.Call(Work.FilesWithZeros);

    [Theory]
    [InlineData("zstd -1 --no-check")]
    [InlineData("lz4 -1")]
    public void Frames_that_are_skipped(string command) => CountedWork.Call(Work.SkippedFrames, command);

    [Fact]
    public void Blocks_of_one_byte() => CountedWork.Call(Work.Blocks);

    [Fact]
    public void Blocks_of_xz_with_one_byte() => CountedWork.Call(Work.BlocksOfXz);

    [Fact]
    public void Chunks_of_lzma2_with_one_byte() => CountedWork.Call(Work.ChunksOfLzma2);

    [Theory]
    [MemberData(nameof(ToolTests.Packers), MemberType = typeof(ToolTests))]
    public void Many_small_steps(string command) => CountedWork.Call(Work.SmallSteps, command);

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

    /// <summary>The work, where it is counted.</summary>
    private static class Work
    {
        private static readonly byte[] s_one = "x"u8.ToArray();
        private static readonly byte[] s_skippable = [0x5d, 0x2a, 0x4d, 0x18, 0, 0, 0, 0];

        public static void Files(string command, int length, int count)
        {
            byte[] unit = Filter.Run(command, s_one.AsMemory(0, length));
            Check(command, [], unit, [], count, count * length);
        }

        public static void FilesOfBzip2() =>
            Check("bzip2", [], [.. Filter.Run("bzip2 -1", s_one), .. Filter.Run("bzip2 -9", s_one)], [], 10, 20);

        public static void FilesWithZeros()
        {
            Check("xz", [], [.. Filter.Run("xz -0", Array.Empty<byte>()), 0, 0, 0, 0], [], 1000, 0);
            byte[] gzip = Filter.Run("gzip -1", s_one);
            Check("gzip", gzip, [0], [], 100_000, 1);
        }

        public static void SkippedFrames(string command)
        {
            byte[] frame = Filter.Run(command, s_one);
            Check(command, frame, s_skippable, [], 20_000, 1);
            Check(command, [], s_skippable, frame, 20_000, 1);
        }

        public static void Blocks()
        {
            // Without checksums: a stored byte each. The last block of zstd is empty.
            Check("zstd", Convert.FromHexString("28b52ffd0058"), [8, 0, 0, 0x41], [1, 0, 0], 5_000, 5_000);
            Check("zstd, repeated", Convert.FromHexString("28b52ffd0058"), [10, 0, 0, 0x41], [1, 0, 0], 5_000, 5_000);
            Check("zstd, empty", Convert.FromHexString("28b52ffd0058"), [0, 0, 0], [1, 0, 0], 10_000, 0);
            byte[] lz4 = Filter.Run("lz4 -1 --no-frame-crc", Array.Empty<byte>());
            Check("lz4", lz4[..7], [1, 0, 0, 0x80, 0x41], lz4[7..], 5_000, 5_000);
            Check("lz4, compressed", lz4[..7], [2, 0, 0, 0, 0x10, 0x41], lz4[7..], 5_000, 5_000);
            byte[] lzo = Filter.Run("lzop -1 -F", s_one);
            Check("lzop", lzo[..^13], lzo[^13..^4], lzo[^4..], 5_000, 5_000);
        }

        public static void BlocksOfXz()
        {
            byte[] small = Filter.Run("xz --check=none -0 --block-size=1", Sample.Make("text", 300));
            byte[] large = Filter.Run("xz --check=none -0 --block-size=1", Sample.Make("text", 300 * CountedWork.Factor));
            CountedWork.GrowsWithLength("xz", () => Decode(PayloadFormat.Xz, small, 300), () => Decode(PayloadFormat.Xz, large, 300 * CountedWork.Factor));
        }

        public static void ChunksOfLzma2()
        {
            // The header of a block; then bytes stored one by one, the first with a new dictionary. What follows is not looked at.
            byte[] file = Filter.Run("xz --check=none -0", s_one);
            int data = 12 + ((file[12] + 1) * 4);
            const int Count = 5_000;
            byte[] start = [.. file[..data], 1, 0, 0, 0x41];
            CountedWork.GrowsWithLength("LZMA2", () => Run(Count), () => Run(CountedWork.Factor * Count));

            void Run(int count)
            {
                byte[] stream = Repeat(start, [2, 0, 0, 0x41], [], count);
                using var decoder = PayloadDecoder.Create(PayloadFormat.Xz, stream, new() { End = PayloadEnd.Open });
                Assert.Equal(count, decoder.Decode(new byte[count + PayloadDecoder.Slack], count));
            }
        }

        public static void SmallSteps(string command)
        {
            const int Length = 50_000;
            var packer = Packer.Find(command);
            byte[] small = packer.Pack(Sample.Make("code", Length));
            byte[] large = packer.Pack(Sample.Make("code", CountedWork.Factor * Length));
            CountedWork.GrowsWithLength(command, () => Step(small, Length), () => Step(large, CountedWork.Factor * Length));

            void Step(byte[] stream, int length)
            {
                using var decoder = PayloadDecoder.Create(packer.Format, stream, s_options);
                byte[] output = new byte[length];
                for (int count = 0; count < length; count += 100)
                    decoder.Decode(output, count);
                decoder.Decode(output, length);
            }
        }

        private static void Check(string what, byte[] start, byte[] unit, byte[] end, int count, int length)
        {
            byte[] small = Repeat(start, unit, end, count);
            byte[] large = Repeat(start, unit, end, CountedWork.Factor * count);
            Assert.True(PayloadFormats.TryDetect(small, out PayloadFormat format));
            CountedWork.GrowsWithLength(
                what,
                () => Decode(format, small, length),
                () => Decode(format, large, length == 1 ? 1 : CountedWork.Factor * length));
        }

        private static void Decode(PayloadFormat format, byte[] stream, int length)
        {
            using var decoder = PayloadDecoder.Create(format, stream, s_options);
            Assert.Equal(length, decoder.Decode(new byte[length + PayloadDecoder.Slack], length + PayloadDecoder.Slack));
            Assert.True(decoder.IsComplete);
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
}
