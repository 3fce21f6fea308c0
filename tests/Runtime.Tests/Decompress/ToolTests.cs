using BootProtocol.Decompress;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>Every decoder against the tool of its format.</summary>
[Needs(Need.Tools)]
public sealed class ToolTests
{
    // Around the sizes of the formats' blocks, and of the fields that hold sizes.
    private static readonly int[] s_smallSizes = [0, 1, 2, 15, 16, 17, 254, 255, 256, 257, 1000, 4095, 4096, 4097, 65_535, 65_536, 65_537];
    private static readonly int[] s_largeSizes =
        [99_999, 100_001, 131_071, 131_073, 262_143, 262_145, 300_001, 900_001];
    private const int LargestOfOtherKinds = 131_073;
    private static readonly string[] s_otherKinds = [.. Sample.Kinds.Where(kind => kind != "code")];

    public static TheoryData<string> Packers => new(Packer.All.Select(packer => packer.Command));

    public static TheoryData<string> KernelPackers => new(Packer.OfKernels.Select(packer => packer.Command));

    [Theory]
    [MemberData(nameof(Packers))]
    public void What_the_tool_packs_is_decoded_byte_for_byte(string command)
    {
        var packer = Packer.Find(command);
        int[] sizes = [.. s_smallSizes, .. s_largeSizes];
        for (int i = 0; i < sizes.Length; i++)
        {
            // Machine code of every size; of the other kinds another one each time, as long as that takes no tool long.
            Check(packer, Sample.Make("code", sizes[i]), $"code, {sizes[i]} bytes");
            string kind = s_otherKinds[i % s_otherKinds.Length];
            if (sizes[i] <= LargestOfOtherKinds)
                Check(packer, Sample.Make(kind, sizes[i]), $"{kind}, {sizes[i]} bytes");
        }
    }

    [Theory]
    [InlineData("lz4 -l -1", 8 << 20)]
    [InlineData("lz4 -1", 4 << 20)]
    [InlineData("lzop -1", 4 << 20)]
    [InlineData("gzip -1", 1 << 20)]
    [InlineData("bzip2 -1", 1 << 20)]
    [InlineData("xz --check=crc64 -0 --block-size=70000", 1 << 20)]
    public void Output_may_end_at_any_side_of_a_large_block(string command, int block)
    {
        var packer = Packer.Find(command);
        foreach ((int size, string kind) in (ReadOnlySpan<(int, string)>)
            [(block - 1, "code"), (block, "random"), (block + 1, "code"), (2 * block - 1, "random"), (2 * block, "code"), (2 * block + 1, "random")])
        {
            Check(packer, Sample.Make(kind, size), $"{kind}, {size} bytes");
        }
    }

    [Theory]
    [MemberData(nameof(KernelPackers))]
    public void A_large_program_is_decoded_as_kernels_are_packed(string command)
    {
        var packer = Packer.Find(command);
        byte[] bytes = [.. Sample.Make("code", 2_500_000), .. Sample.Make("sparse", 1_500_000)];
        Check(packer, bytes, "a large program");
    }

    [Theory]
    [MemberData(nameof(Packers))]
    public void Steps_of_any_size_give_the_same_as_one(string command)
    {
        var packer = Packer.Find(command);
        foreach (byte[] bytes in (byte[][])[Sample.Mixed(40_000), Sample.Make("code", 400_000), Sample.Make("zeros", 500_000), []])
        {
            byte[] stream = packer.Pack(bytes);
            byte[] payload = packer.WithSize(stream, (uint)bytes.Length);
            for (int seed = 0; seed < 6; seed++)
            {
                var end = seed % 3 == 0 ? PayloadEnd.Open : PayloadEnd.Exact;
                Assert.Equal(bytes, Decoding.InSteps(packer.Format, payload, null, new Random(seed)));
                Assert.Equal(bytes, Decoding.InSteps(packer.Format, stream, new PayloadOptions { End = end }, new Random(seed)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Packers))]
    public void A_part_is_there_when_it_is_asked_for(string command)
    {
        var packer = Packer.Find(command);
        byte[] bytes = Sample.Make("code", 1_500_000);
        byte[] payload = packer.PackPayload(bytes);
        foreach (int count in (int[])[1, 64, 5000, 140_000, 1_000_000, 1_499_999])
        {
            using var decoder = PayloadDecoder.Create(packer.Format, payload);
            var output = new byte[bytes.Length];
            int position = decoder.Decode(output, count);
            Assert.InRange(position, count, bytes.Length);
            Assert.Equal(bytes.AsSpan(0, position), output.AsSpan(0, position));
            decoder.Decode(output, output.Length);
            Assert.True(decoder.IsComplete);
            Assert.Equal(bytes, output);
        }
    }

    [Theory]
    [MemberData(nameof(Packers))]
    public void Bytes_behind_the_stream_are_passed_over_only_where_they_may_be(string command)
    {
        var packer = Packer.Find(command);
        byte[] bytes = Sample.Mixed(5000);
        byte[] stream = packer.Pack(bytes);
        byte[] followed = [.. stream, 0xff, 0xfe, 0xfd, 0xfc, .. Sample.Make("random", 300)];
        Assert.Equal(bytes, Decoding.Whole(packer.Format, followed, new PayloadOptions { End = PayloadEnd.Open }));
        Assert.Throws<BootFormatException>(() => Decoding.Whole(packer.Format, followed, new PayloadOptions { End = PayloadEnd.Exact }));
        Assert.Throws<BootFormatException>(() => Decoding.Whole(packer.Format, Packer.WithTrailer(followed, (uint)bytes.Length)));
    }

    private static void Check(Packer packer, byte[] bytes, string what)
    {
        byte[] stream = packer.Pack(bytes);
        // Linux knows only the usual properties of LZMA.
        if (stream[0] != 0)
            Assert.True(PayloadFormats.TryDetect(stream, out var format) && format == packer.Format, what);
        byte[] payload = packer.WithSize(stream, (uint)bytes.Length);
        Same(payload, new PayloadOptions { Workers = 2 }, "two threads");
        Same(payload, new PayloadOptions { Workers = 1 }, "one thread");
        Same(stream, new PayloadOptions { End = PayloadEnd.Exact }, "no trailer");

        void Same(byte[] packed, PayloadOptions options, string how) =>
            Assert.True(bytes.AsSpan().SequenceEqual(Decoding.Whole(packer.Format, packed, options)), $"{what}, {how}");
    }
}
