using System.Buffers.Binary;
using System.Text;
using BootProtocol.Decompress;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>What the formats allow, and no tool's options make.</summary>
public sealed class FormatTests
{
    private static readonly PayloadOptions s_exact = new() { End = PayloadEnd.Exact };
    private static readonly byte[] s_bytes = Sample.Mixed(60_000);

    [Theory]
    [InlineData("gzip -n -9")]
    [InlineData("bzip2 -9")]
    [InlineData("xz --check=crc32 --x86 --lzma2=dict=32MiB")]
    [InlineData("lz4 -1")]
    [InlineData("zstd -3")]
    [Needs(Need.Tools)]
    public void Files_may_be_concatenated(string command)
    {
        var packer = Packer.Find(command);
        byte[] other = Sample.Make("text", 5000);
        byte[] stream = [.. packer.Pack(s_bytes), .. packer.Pack(Array.Empty<byte>()), .. packer.Pack(other)];
        byte[] both = [.. s_bytes, .. other];
        Assert.Equal(both, Decoding.Whole(packer.Format, stream, s_exact));
        for (int seed = 0; seed < 5; seed++)
            Assert.Equal(both, Decoding.InSteps(packer.Format, stream, s_exact, new Random(seed)));
    }

    [Fact]
    [Needs(Need.Tools)]
    public void Gzip_headers_may_have_all_fields()
    {
        byte[] plain = Packer.Find("gzip -n -9").Pack(s_bytes);
        foreach (int flags in (int[])[0, 1, 4, 8, 16, 28, 31])
        {
            var header = new List<byte>(plain[..10]) { [3] = (byte)flags };
            if ((flags & 4) != 0)
                header.AddRange([3, 0, 1, 2, 3]);
            if ((flags & 8) != 0)
                header.AddRange("vmlinux\0"u8);
            if ((flags & 16) != 0)
                header.AddRange("a comment\0"u8);
            if ((flags & 2) != 0)
                header.AddRange(BitConverter.GetBytes((ushort)System.IO.Hashing.Crc32.HashToUInt32(header.ToArray())));
            byte[] stream = [.. header, .. plain[10..]];
            Assert.Equal(s_bytes, Decoding.Whole(PayloadFormat.Gzip, stream));
            if ((flags & 2) == 0)
                continue;
            stream[header.Count - 1] ^= 1;
            Assert.Equal("header CRC16", Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Gzip, stream)).Field);
        }
        foreach (byte reserved in (byte[])[0x20, 0x40, 0x80])
        {
            byte[] stream = [.. plain[..3], reserved, .. plain[4..]];
            Assert.Equal("flags", Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Gzip, stream)).Field);
        }
    }

    [Fact]
    [Needs(Need.Tools)]
    public void Lzma_of_a_known_size_needs_no_end_marker()
    {
        // LZMA2 has no end markers: the data of its only chunk make such a file.
        byte[] xz = Filter.Run("xz --check=none --lzma2=preset=6", s_bytes);
        int chunk = 12 + (xz[12] + 1) * 4;
        Assert.InRange(xz[chunk], 0xe0, 0xff);
        int length = BinaryPrimitives.ReadUInt16BigEndian(xz.AsSpan(chunk + 3)) + 1;
        byte[] data = xz[(chunk + 6)..(chunk + 6 + length)];
        byte[] stream = [xz[chunk + 5], 0, 0, 0x80, 0, .. BitConverter.GetBytes((long)s_bytes.Length), .. data];
        Assert.Equal(s_bytes, Decoding.Whole(PayloadFormat.Lzma, stream, s_exact));
        Assert.Equal(s_bytes, Decoding.Whole(PayloadFormat.Lzma, Packer.WithTrailer(stream, (uint)s_bytes.Length)));
        Assert.Equal(s_bytes, Filter.Run("xz --format=lzma -dc", stream));

        byte[] longer = [.. stream];
        longer[5]++;
        Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Lzma, longer, s_exact));
        byte[] shorter = [.. stream];
        shorter[5]--;
        Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Lzma, shorter, s_exact));
    }

    [Fact]
    [Needs(Need.Tools)]
    public void Lzma_of_a_known_size_may_have_an_end_marker()
    {
        byte[] stream = Packer.Find("lzma -9").Pack(s_bytes);
        BinaryPrimitives.WriteInt64LittleEndian(stream.AsSpan(5), s_bytes.Length);
        Assert.Equal(s_bytes, Decoding.Whole(PayloadFormat.Lzma, stream, s_exact));
        BinaryPrimitives.WriteInt64LittleEndian(stream.AsSpan(5), s_bytes.Length + 1);
        Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Lzma, stream, s_exact));
        BinaryPrimitives.WriteInt64LittleEndian(stream.AsSpan(5), 3L << 30);
        var refusal = Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Lzma, stream, s_exact));
        Assert.Equal(("output size", 5L), (refusal.Field, refusal.Offset));
    }

    [Theory]
    [InlineData("lz4 -l -1")]
    [InlineData("lz4 -l -9")]
    [Needs(Need.Tools)]
    public void The_legacy_lz4_magic_may_repeat(string command)
    {
        var packer = Packer.Find(command);
        byte[] large = Sample.Make("code", (16 << 20) + 12_345);
        byte[] small = Sample.Make("text", 77_777);
        byte[] magic = packer.Pack(Array.Empty<byte>())[..4];
        byte[] stream = [.. packer.Pack(small), .. packer.Pack(large), .. magic, .. packer.Pack(small), .. packer.Pack(large)];
        byte[] all = [.. small, .. large, .. small, .. large];
        Assert.Equal(all, Decoding.Whole(PayloadFormat.Lz4, Packer.WithTrailer(stream, (uint)all.Length)));
        Assert.Equal(all, Decoding.Whole(PayloadFormat.Lz4, stream, s_exact));
    }

    [Fact]
    [Needs(Need.Tools)]
    public void Legacy_lz4_blocks_need_not_be_full()
    {
        var packer = Packer.Find("lz4 -l -1");
        byte[] text = Sample.Make("text", 300_000);
        byte[] block = packer.Pack(text)[4..];
        var stream = new List<byte>(BitConverter.GetBytes(0x184c2102));
        var all = new List<byte>();
        for (int i = 0; i < 100; i++)
        {
            stream.AddRange(block);
            all.AddRange(text);
        }
        Assert.Equal(all.ToArray(), Decoding.Whole(PayloadFormat.Lz4, Packer.WithTrailer([.. stream], (uint)all.Count)));
    }

    [Fact]
    [Needs(Need.Tools)]
    public void Lz4_frames_may_state_their_size()
    {
        // The tool states it only for a file, not for what it is piped.
        byte[] stream = Packer.Find("lz4 -1 -BI -B6 --no-frame-crc").Pack(s_bytes);
        byte[] descriptor = [(byte)(stream[4] | 8), stream[5], .. BitConverter.GetBytes((long)s_bytes.Length)];
        byte[] sized = [.. stream[..4], .. descriptor, HeaderChecksum(descriptor), .. stream[7..]];
        Assert.Equal(s_bytes, Decoding.Whole(PayloadFormat.Lz4, sized, s_exact));
        descriptor[2]++;
        sized = [.. stream[..4], .. descriptor, HeaderChecksum(descriptor), .. stream[7..]];
        var fault = Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Lz4, sized, s_exact));
        Assert.Equal(("content size", 6L), (fault.Field, fault.Offset));
        descriptor[6] = 1;
        sized = [.. stream[..4], .. descriptor, HeaderChecksum(descriptor), .. stream[7..]];
        Assert.Equal("content size", Assert.Throws<BootFormatException>(() => PayloadDecoder.Create(sized, s_exact)).Field);

        static byte HeaderChecksum(byte[] descriptor) => (byte)(System.IO.Hashing.XxHash32.HashToUInt32(descriptor) >> 8);
    }

    [Theory]
    [InlineData("lz4 -1")]
    [InlineData("zstd -3")]
    [Needs(Need.Tools)]
    public void Skippable_frames_are_skipped(string command)
    {
        var packer = Packer.Find(command);
        byte[] skippable = [0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5];
        byte[] stream = [.. skippable, .. skippable, .. packer.Pack(s_bytes), .. skippable, .. packer.Pack(s_bytes), .. skippable];
        Assert.True(PayloadFormats.TryDetect(stream, out var format));
        Assert.Equal(packer.Format, format);
        Assert.Equal((byte[])[.. s_bytes, .. s_bytes], Decoding.Whole(format, stream, s_exact));
    }

    [Fact]
    [Needs(Need.Tools)]
    public void Zstd_that_is_packed_as_kernels_are_has_a_window_of_128_MiB()
    {
        byte[] stream = Filter.Run("zstd -22 --ultra", s_bytes);
        Assert.Equal(0, stream[4] & 0xe0); // no content size, no single segment
        Assert.Equal(17, stream[5] >> 3); // 2^27
        byte[] payload = Packer.WithTrailer(stream, (uint)s_bytes.Length);
        Assert.Equal(s_bytes, Decoding.Whole(PayloadFormat.Zstd, payload, new() { Limits = new() { MaximumDecoderMemory = 1 << 20 } }));
        payload[^8]++; // the checksum, before the trailer
        Assert.Equal("content checksum", Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Zstd, payload)).Field);
    }

    [Fact]
    [Needs(Need.Tools)]
    public void The_index_of_xz_is_compared_with_the_blocks()
    {
        byte[] stream = Filter.Run("xz --check=crc32 -0 --block-size=10000", s_bytes);
        for (int i = stream.Length - 48; i < stream.Length; i++)
        {
            byte[] changed = [.. stream];
            changed[i] ^= 4;
            Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Xz, changed, s_exact));
            Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Xz, Packer.WithTrailer(changed, (uint)s_bytes.Length)));
        }
        using var decoder = PayloadDecoder.Create(stream, s_exact);
        Assert.Equal(s_bytes.Length, decoder.Length);
        Assert.Equal(s_bytes, Decoding.Whole(PayloadFormat.Xz, (byte[])[.. stream, 0, 0, 0, 0, .. stream], s_exact)[s_bytes.Length..]);
    }

    [Theory]
    [InlineData("xz --delta=dist=4 --lzma2=preset=1")]
    [InlineData("xz --arm --lzma2=preset=1")]
    [InlineData("xz --x86 --delta=dist=1 --lzma2=preset=1")]
    [Needs(Need.Tools)]
    public void Other_filters_of_xz_are_named(string command)
    {
        byte[] stream = Filter.Run(command, s_bytes);
        BootFormatException error = Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Xz, stream, s_exact));
        Assert.Equal("filters", error.Field);
        Assert.Equal(BootErrorCode.Unsupported, error.Code);
    }

    [Fact]
    public void Uncompressed_payloads_are_copied()
    {
        byte[] elf = [0x7f, .. "ELF"u8, .. s_bytes];
        Assert.True(PayloadFormats.TryDetect(elf, out var format));
        Assert.Equal(PayloadFormat.None, format);
        Assert.Equal(elf, Decoding.Whole(format, elf));
        Assert.Equal(elf, Decoding.InSteps(format, elf, null, new Random(1)));
        Assert.Throws<BootFormatException>(() => PayloadDecoder.Create(elf, new PayloadOptions { Limits = new() { MaximumOutput = 100 } }));
    }

    [Fact]
    public void Formats_have_the_names_that_reports_use() => Assert.Equal(
        "none gzip bzip2 lzma xz lzo lz4 zstd",
        string.Join(' ', Enum.GetValues<PayloadFormat>().Select(PayloadFormats.Name)));

    [Fact]
    public void Text_is_no_payload() => Assert.False(PayloadFormats.TryDetect(Encoding.ASCII.GetBytes("#!/bin/sh\n"), out _));
}
