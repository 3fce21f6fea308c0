using System.Buffers.Binary;
using System.IO.Hashing;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.LinuxX86;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Images;

public sealed class BootImageTests
{
    /// <summary>No number of sectors stands for four, before protocol 2.00, too: there must be more than five sectors then.</summary>
    [Fact]
    public void An_old_image_that_leaves_its_sectors_out_has_four()
    {
        byte[] bytes = TestImages.Old();
        bytes[0x1f1] = 0;
        using BootImage image = BootImage.Open(bytes);
        Assert.Null(image.Protocol);
        Assert.Equal(5 * 512, image.SetupLength);
        using BootImage shortest = BootImage.Open(bytes.AsMemory(0, 5 * 512 + 1));
        Assert.Equal(image.Kind, shortest.Kind);
        Assert.Throws<BootFormatException>(() => BootImage.Open(bytes.AsMemory(0, 5 * 512)));
    }

    [Fact]
    public void The_sample_image_is_a_whole_image()
    {
        byte[] bytes = HeaderOnlyImage.Create();
        using var image = BootImage.Open(bytes);
        Assert.Equal(ImageKind.BzImage, image.Kind);
        Assert.Equal(new ProtocolVersion(2, 15), image.Protocol);
        Assert.Equal(bytes.Length, image.ImageLength);
        Assert.Equal(BootImage.SetupHeaderOffset + SetupHeader.Layout.Size, image.SetupHeaderEnd);
        Assert.Equal(ChecksumState.Valid, image.Checksum);
        Assert.Contains("bootproto", image.KernelVersion, StringComparison.Ordinal);
        Assert.True(image.TryGetKernelInfo(out KernelInfo info, out long offset));
        Assert.Equal(16u, info.Size);
        Assert.Equal(0xc00, offset);
        Assert.Null(TestImages.AskEverything(bytes));
        Assert.Equal(bytes, HeaderOnlyImage.Create());
    }

    [Fact]
    public void Bytes_behind_the_image_leave_the_checksum_valid()
    {
        using var image = BootImage.Open((byte[])[.. HeaderOnlyImage.Create(), .. new byte[1234]]);
        Assert.Equal(1234, image.TrailingLength);
        Assert.Equal(ChecksumState.Valid, image.Checksum);
        Assert.False(image.IsTruncated);
    }

    [Fact]
    public void A_changed_image_has_an_invalid_checksum()
    {
        byte[] bytes = TestImages.Sample(TestImages.AddPayload);
        bytes[0x900] ^= 1;
        using var image = BootImage.Open(bytes);
        Assert.Equal(ChecksumState.Invalid, image.Checksum);
    }

    [Fact]
    public void An_image_that_is_its_own_kernel_was_never_promised_a_checksum()
    {
        byte[] bytes = HeaderOnlyImage.Create();
        bytes[0x900] ^= 1;
        using var image = BootImage.Open(bytes);
        Assert.Equal(ChecksumState.Absent, image.Checksum);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    public void The_last_paragraph_need_not_be_whole(int missing)
    {
        using var image = BootImage.Open(HeaderOnlyImage.Create().AsMemory(..^missing));
        Assert.False(image.IsTruncated);
        image.EnsureComplete();
        Assert.Equal(4096, image.ImageLength);
        Assert.Equal(4096 - missing, image.ContentLength);
        Assert.Equal(0, image.TrailingLength);
        Assert.Equal(4096 - missing - 2048, image.FindPayload()!.Length);
    }

    [Fact]
    public void A_syssize_of_0_says_nothing()
    {
        using var image = BootImage.Open(TestImages.Sample(bytes => bytes.AsSpan(0x1f4, 4).Clear()));
        Assert.Null(image.ImageLength);
        Assert.False(image.IsTruncated);
        Assert.Equal(4096, image.ContentLength);
        Assert.Equal(ChecksumState.Valid, image.Checksum);
        Assert.Equal((PayloadOrigin.Image, 2048), (image.FindPayload()!.Origin, image.FindPayload()!.Length));
    }

    [Theory]
    [InlineData(0x500000)]
    [InlineData(0x500010)]
    [InlineData(0x7fffff0)]
    public void The_checksum_of_a_large_image_is_that_of_all_its_bytes(int protectedModeLength)
    {
        byte[] bytes = new byte[2048 + protectedModeLength];
        new Random(1).NextBytes(bytes);
        TestImages.Sample(TestImages.AddPayload).AsSpan(0, 2048).CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(0x1f4), (uint)protectedModeLength / 16);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(^4..), ~Crc32.HashToUInt32(bytes.AsSpan(..^4)));
        using (var image = BootImage.Open(bytes))
            Assert.Equal(ChecksumState.Valid, image.Checksum);

        foreach (int place in new[] { 2048, (bytes.Length / 2) - 1, bytes.Length / 2, bytes.Length - 5 })
        {
            bytes[place] ^= 0x10;
            using var changed = BootImage.Open(bytes);
            Assert.Equal(ChecksumState.Invalid, changed.Checksum);
            bytes[place] ^= 0x10;
        }
    }

    [Fact]
    public void Zeros_in_the_place_of_the_checksum_are_none()
    {
        byte[] bytes = HeaderOnlyImage.Create();
        bytes.AsSpan(^4..).Clear();
        using var image = BootImage.Open(bytes);
        Assert.Equal(ChecksumState.Absent, image.Checksum);
    }

    [Fact]
    public void An_image_before_2_08_has_no_checksum()
    {
        using var image = BootImage.Open(TestImages.Versioned(0x207, headerEnd: 0x248));
        Assert.Equal(ChecksumState.Absent, image.Checksum);
        Assert.NotNull(image.ImageLength);
    }

    [Fact]
    public void A_truncated_image_says_what_it_should_hold()
    {
        using var image = BootImage.Open(HeaderOnlyImage.Create().AsMemory(..^16));
        Assert.True(image.IsTruncated);
        var exception = Assert.Throws<BootFormatException>(image.EnsureComplete);
        Assert.Equal("setup_header.syssize at offset 0x1f4: expected a file of 4096 bytes, found one of 4080 bytes (truncated)", exception.Message);
        Assert.Throws<BootFormatException>(() => image.Checksum);
    }

    [Fact]
    public void A_kernel_info_outside_of_the_file_is_named()
    {
        byte[] bytes = TestImages.Sample(image => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x268), 0xffff_fff0));
        using var image = BootImage.Open(bytes);
        var exception = Assert.Throws<BootFormatException>(() => image.TryGetKernelInfo(out _, out _));
        Assert.Equal("kernel_info_offset", exception.Field);
        Assert.Equal(0x268, exception.Offset);
    }

    [Fact]
    public void A_broken_kernel_info_is_named_at_its_place_in_the_file()
    {
        byte[] bytes = TestImages.Sample(image => image[0xc00] = (byte)'X');
        using var image = BootImage.Open(bytes);
        var exception = Assert.Throws<BootFormatException>(() => image.TryGetKernelInfo(out _, out _));
        Assert.Equal("kernel_info", exception.Structure);
        Assert.Equal(0xc00, exception.Offset);
    }

    [Fact]
    public void Every_prefix_is_an_answer_or_the_one_exception()
    {
        byte[] bytes = HeaderOnlyImage.Create();
        for (int length = 0; length < bytes.Length; length++)
            Assert.Equal(length <= bytes.Length - BootImage.ParagraphSize, TestImages.AskEverything(bytes[..length]) is not null);
    }

    [Fact]
    public void Every_changed_byte_is_an_answer_or_the_one_exception()
    {
        byte[] bytes = HeaderOnlyImage.Create();
        for (int i = 0; i < bytes.Length; i++)
        {
            byte kept = bytes[i];
            foreach (byte value in new byte[] { 0, 1, 0x7f, 0x80, 0xff, (byte)~kept })
            {
                bytes[i] = value;
                TestImages.AskEverything(bytes);
            }

            bytes[i] = kept;
        }
    }

    [Fact]
    public void Path_stream_and_memory_give_the_same()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = HeaderOnlyImage.Create();
        string path = folder.File("image");
        File.WriteAllBytes(path, bytes);
        using var mapped = BootImage.Open(path);
        using var stream = new MemoryStream(bytes);
        using var read = BootImage.Open(stream);
        Assert.True(mapped.Bytes.SequenceEqual(bytes));
        Assert.True(read.Bytes.SequenceEqual(bytes));
        Assert.Equal(ChecksumState.Valid, mapped.Checksum);
        Assert.Equal(ChecksumState.Valid, read.Checksum);
    }

    /// <summary>Lengths around those at which more room is made for a stream, which gives as much as there is room for, or a byte less.</summary>
    [Theory]
    [InlineData(0xffff)]
    [InlineData(0x10000)]
    [InlineData(0x10001)]
    [InlineData(0x54321)]
    public void A_stream_is_read_to_its_end(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        HeaderOnlyImage.Create().CopyTo(bytes, 0);
        using var stream = new MemoryStream(bytes);
        using var image = BootImage.Open(stream);
        Assert.True(image.Bytes.SequenceEqual(bytes));
    }

    [Fact]
    public void Memory_of_a_mapped_file_cannot_be_read_after_disposal()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("image");
        File.WriteAllBytes(path, HeaderOnlyImage.Create());
        var image = BootImage.Open(path);
        ReadOnlyMemory<byte> memory = image.Memory;
        image.Dispose();
        image.Dispose();
        Assert.True(image.Bytes.IsEmpty);
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
    }

    [Fact]
    public void A_stream_without_an_end_that_is_no_image_is_left_at_once()
    {
        using Stream endless = File.OpenRead("/dev/zero");
        Assert.Throws<BootFormatException>(() => BootImage.Open(endless));
    }

    [Theory]
    [InlineData("")]
    [InlineData("MZ")]
    [InlineData("#!/bin/sh")]
    public void Other_bytes_are_no_image(string text)
    {
        byte[] bytes = new byte[2048];
        System.Text.Encoding.ASCII.GetBytes(text, bytes);
        var exception = Assert.Throws<BootFormatException>(() => BootImage.Open(bytes));
        Assert.Equal("image", exception.Structure);
    }
}
