using BootProtocol.Decompress;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Runtime.Tests.Cli;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.Images;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Kernels;

/// <summary>What the header names as the payload is one, and of its memory nothing shows but what was decoded into it.</summary>
public sealed class NamedFormatTests
{
    [Theory]
    [InlineData("preset=6,dict=4KiB")]
    [InlineData("preset=6,lc=0,lp=2")]
    [InlineData("preset=0,lc=4,lp=0,pb=4,dict=5000")]
    [InlineData("preset=6,lc=0,lp=4,pb=0")]
    [InlineData("preset=1,lc=1,lp=3,pb=1,dict=96KiB")]
    [InlineData("preset=9,dict=1536MiB")]
    [Needs(Need.Tools)]
    public void Lzma_may_have_any_properties_and_dictionary(string options)
    {
        byte[] kernel = Kernel("right");
        byte[] stream = Filter.Run($"xz --format=lzma --lzma1={options} -c", kernel);
        Decodes(kernel, stream);

        // A size that is stated, with the end marker all the same; and without a dictionary at all, which any distance fits.
        byte[] stated = [.. stream[..5], .. BitConverter.GetBytes((long)kernel.Length), .. stream[13..]];
        Decodes(kernel, stated);
        Assert.Equal(kernel, Filter.Run("xz --format=lzma -dc", stated));
        Decodes(kernel, [stated[0], 0, 0, 0, 0, .. stated[5..]]);

        byte[] false1 = [.. stated];
        false1[5]++;
        Assert.Throws<BootFormatException>(() => Open(PackedImage.WithTrailer(false1, (uint)kernel.Length)).Dispose());
    }

    [Fact]
    [Needs(Need.Tools)]
    public void Where_a_payload_is_searched_for_lzma_is_known_by_its_usual_beginning_only()
    {
        byte[] kernel = Kernel("right");
        foreach ((string options, bool isFound) in new[] { ("preset=6,dict=8MiB", true), ("preset=6,dict=4KiB", false), ("preset=6,lc=0,lp=2", false) })
        {
            byte[] image = TestImages.Old();
            int at = image.Length;
            image = [.. image, .. Filter.Run($"xz --format=lzma --lzma1={options} -c", kernel), .. new byte[64]];
            using var opened = BootImage.Open(image);
            Assert.Equal(isFound ? at : null, opened.FindPayload()?.Offset);
        }
    }

    [Theory]
    [InlineData("00000000000000000000000000000000000000000000000000000000")]
    [InlineData("e15d0000000000000000000000000000000000000000000000000000")] // properties that cannot be
    [InlineData("2c00100000140000000000000001000000000000000000000014000000")] // data that begin with 1
    [InlineData("2c00100000140000000000000000000000000000000000000015000000")] // another size behind them
    [InlineData("2c0010")]
    [InlineData("")]
    public void What_cannot_be_lzma_is_none(string payload)
    {
        if (payload.Length == 0)
        {
            Assert.Equal(PayloadOrigin.Image, Find(PackedImage.Create([]))!.Origin);
            return;
        }
        var fault = Assert.Throws<BootFormatException>(() => Find(PackedImage.Create(Convert.FromHexString(payload))));
        Assert.Equal("magic", fault.Field);

        static KernelPayload? Find(byte[] image)
        {
            using var opened = BootImage.Open(image);
            return opened.FindPayload(search: false);
        }
    }

    [Fact]
    [Needs(Need.Tools)]
    public void Xz_with_a_check_that_is_not_known_is_one_error()
    {
        byte[] kernel = Kernel("right");
        byte[] stream = Filter.Run("xz --check=crc32 -c", kernel);
        stream[7] = 2;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(stream.AsSpan(8), System.IO.Hashing.Crc32.HashToUInt32(stream.AsSpan(6, 2)));
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("image"), PackedImage.Create(PackedImage.WithTrailer(stream, (uint)kernel.Length)));
        Assert.Contains("xz payload.stream flags at offset 0x6: expected 00, then the check: 00, 01 (CRC32), 04 (CRC64) or 0a (SHA-256), found 00 02",
            CliRun.Start("notes", folder.File("image")).Failed(1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("28b52ffd04004d00001008000100b3f10116bddbcb4f")] // zstd: a block of more than its window
    [InlineData("02214c180d000000ff000000ffffffffff01500000000000")] // LZ4: a match of no distance
    [InlineData("02214c180c00000015417f454c4600001f00000050000000")]
    public void A_broken_payload_shows_nothing_of_the_image_before(string payload)
    {
        byte[] broken = PackedImage.Create(PackedImage.WithTrailer(Convert.FromHexString(payload), 100_000));
        foreach (int round in Enumerable.Range(0, 5))
        {
            // Its memory goes back to the pool; the broken one, of the same size, gets it.
            byte[] kernel = Kernel("secret");
            Array.Resize(ref kernel, 100_000);
            using (Kernel first = Open(PackedImage.Gzip(kernel)))
                Assert.Equal("secret", first.Notes.Xen.GuestOs);

            using Kernel second = Open(broken, isImage: true);
            Assert.Throws<BootFormatException>(() => second.Notes.All.Length);
            Assert.Throws<BootFormatException>(() => second.IsElf);
            Assert.Throws<BootFormatException>(() => second.DecodeAll().Length);
            Assert.Equal(0, second.DecodedLength);
        }
    }

    private static void Decodes(byte[] kernel, byte[] stream)
    {
        using Kernel opened = Open(PackedImage.WithTrailer(stream, (uint)kernel.Length));
        Assert.Equal(PayloadFormat.Lzma, opened.Payload.Format);
        Assert.Equal("right", opened.Notes.Xen.GuestOs);
        Assert.Equal(kernel, opened.DecodeAll().ToArray());
    }

    private static Kernel Open(byte[] payload, bool isImage = false)
    {
        using var image = BootImage.Open(isImage ? payload : PackedImage.Create(payload));
        return image.Decompress();
    }

    private static byte[] Kernel(string name) =>
        new TestElf().Add(new TestNotes().Add("Xen", 6, name).Segment(), new TestSegment(SegmentType.Load, new byte[4000])).Build();
}
