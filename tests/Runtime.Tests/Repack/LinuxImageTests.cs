using System.IO.Hashing;
using BootProtocol.Decompress;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Repack;
using BootProtocol.Runtime.Tests.Decompress;
using BootProtocol.Runtime.Tests.Kernels;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Repack;

/// <summary>bzImages with another kernel: what is packed anew, and what is refused.</summary>
public sealed class LinuxImageTests
{
    /// <summary>How the image was packed before: a little, so that the new stream does not fill the room.</summary>
    public static TheoryData<string> Commands =>
    [
        "gzip -1", "bzip2 -1", "xz --format=lzma --lzma1=lc=0,lp=0,pb=0,mf=hc3,mode=fast,nice=5",
        "xz --check=crc32 --x86 --lzma2=preset=0,dict=128MiB", "xz --check=none --lzma2=lc=0,lp=4,pb=4", "lzop -1", "lz4 -l -1", "zstd -1 --long=27 --no-check",
    ];

    [Theory]
    [Needs(Need.Tools)]
    [MemberData(nameof(Commands))]
    public void Every_format_is_packed_again_and_its_tool_unpacks_it(string command)
    {
        Packer packer = Packer.Find(command);
        byte[] kernel = RepackCases.Kernel();
        byte[] changed = RepackCases.Changed(kernel);
        byte[] image = PackedImage.Create(packer.PackPayload(kernel));
        using var opened = BootImage.Open(image);
        RepackedImage repacked = new ImageRepacker { Vmlinux = changed }.Repack(opened);
        byte[] bytes = repacked.ToArray();

        KernelPayload payload = opened.FindPayload()!;
        PayloadPacking packing = repacked.Packing!;
        Assert.Equal((packer.Format, payload.Length), (packing.Format, packing.Room));
        Assert.InRange(packing.Length, 100, packing.Room);
        Assert.Equal(changed, RepackCases.KernelOf(bytes));

        // Nothing else is another but the checksum, which is right by the kernel's own rule: the register ends at zero.
        Assert.Equal(image.Length, bytes.Length);
        Assert.Equal(image[..payload.Offset], bytes[..payload.Offset]);
        Assert.Equal(image[(payload.Offset + payload.Length)..^4], bytes[(payload.Offset + payload.Length)..^4]);
        Assert.Equal(0xffffffff, Crc32.HashToUInt32(bytes));

        // The size is in the last word, and the tool of the format unpacks what is in front of it and of the zeros.
        byte[] room = bytes[payload.Offset..(payload.Offset + payload.Length)];
        Assert.Equal(changed.Length, BitConverter.ToInt32(room, room.Length - 4));
        int stream = packer.Format switch
        {
            PayloadFormat.Gzip => packing.Length,
            PayloadFormat.Lz4 => packing.Room - 4,
            _ => packing.Length - 4,
        };
        Assert.Equal(changed, Filter.Run(packer.UnpackCommand, room.AsMemory(0, stream)));
        Assert.DoesNotContain(room[stream..^4], part => part != 0);
    }

    [Theory]
    [Needs(Need.Tools)]
    [MemberData(nameof(Commands))]
    public void What_does_not_fit_is_refused_with_the_sizes(string command)
    {
        Packer packer = Packer.Find(command);
        byte[] kernel = RepackCases.Kernel();
        byte[] payload = packer.PackPayload(kernel);
        BootRequestException refusal = Refused(PackedImage.Create(payload), new ImageRepacker { Vmlinux = RepackCases.Unpackable(kernel) });
        Assert.Equal(BootErrorCode.NoRoom, refusal.Code);
        Assert.StartsWith(
            $"payload: expected a kernel that takes at most {payload.Length} bytes packed with {PayloadFormats.Name(packer.Format)}, "
                + "the room that the image has, found ",
            refusal.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_that_is_not_packed_takes_the_others_place()
    {
        byte[] kernel = RepackCases.Kernel();
        byte[] image = RepackCases.Repack(PackedImage.Create(kernel), new ImageRepacker { Vmlinux = RepackCases.Changed(kernel) });
        Assert.Equal(RepackCases.Changed(kernel), RepackCases.KernelOf(image));
        Assert.Equal(0xffffffff, Crc32.HashToUInt32(image));
    }

    [Fact]
    public void An_image_without_a_checksum_gets_none()
    {
        byte[] kernel = RepackCases.Kernel();
        byte[] image = RepackCases.Image(kernel);
        image.AsSpan(^4..).Clear();
        byte[] repacked = RepackCases.Repack(image, new ImageRepacker { Vmlinux = RepackCases.Changed(kernel) });
        Assert.Equal(new byte[4], repacked[^4..]);
        using var opened = BootImage.Open(repacked);
        Assert.Equal(ChecksumState.Absent, opened.Checksum);
    }

    /// <summary>A right one would say that the image is as its build made it.</summary>
    [Fact]
    public void A_checksum_that_was_wrong_stays_wrong()
    {
        byte[] kernel = RepackCases.Kernel();
        byte[] image = RepackCases.Image(kernel);
        image[0x100] ^= 1;
        byte[] repacked = RepackCases.Repack(image, new ImageRepacker { Vmlinux = RepackCases.Changed(kernel) });
        using var opened = BootImage.Open(repacked);
        Assert.Equal(ChecksumState.Invalid, opened.Checksum);
    }

    /// <summary>Whatever is left of its room, an LZ4 stream has its last block at its very end, where Xen's decoder looks for it.</summary>
    [Fact]
    [Needs(Need.Tools)]
    public void Lz4_fills_its_room_to_the_byte()
    {
        byte[] kernel = RepackCases.Kernel();
        byte[] changed = RepackCases.Changed(kernel);
        byte[] payload = Packer.Find("lz4 -l -9").PackPayload(kernel);
        for (int more = 0; more < 9; more++)
        {
            byte[] room = [.. payload[..^4], .. new byte[more], .. payload[^4..]];
            byte[] image = RepackCases.Repack(PackedImage.Create(room), new ImageRepacker { Vmlinux = changed });
            using var opened = BootImage.Open(image);
            ReadOnlyMemory<byte> stream = opened.FindPayload()!.Bytes[..^4];
            Assert.Equal(changed, Filter.Run("lz4 -dc", stream));
            int at = 0;
            while (at < stream.Length)
            {
                uint word = BitConverter.ToUInt32(stream.Span[at..]);
                at += word == 0x184c2102 ? 4 : 4 + (int)word;
                Assert.NotEqual(0u, word);
            }

            Assert.Equal(stream.Length, at);
        }
    }

    [Fact]
    public void The_hardest_way_is_tried_only_where_an_easier_one_does_not_do()
    {
        byte[] kernel = RepackCases.Kernel();
        byte[] tight = ZstdPayload(kernel, 22);
        byte[] loose = [.. tight[..^4], .. new byte[40_000], .. tight[^4..]];
        byte[] changed = RepackCases.Changed(kernel);
        using var first = BootImage.Open(PackedImage.Create(loose));
        Assert.Equal("zstd level 3", new ImageRepacker { Vmlinux = changed }.Repack(first).Packing!.Method);
        using var second = BootImage.Open(PackedImage.Create([.. tight[..^4], .. new byte[64], .. tight[^4..]]));
        Assert.Equal("zstd level 22", new ImageRepacker { Vmlinux = changed }.Repack(second).Packing!.Method);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void Another_size_is_refused(int more)
    {
        byte[] kernel = RepackCases.Kernel();
        byte[] other = new byte[kernel.Length + more];
        BootRequestException refusal = Refused(RepackCases.Image(kernel), new ImageRepacker { Vmlinux = other });
        Assert.Equal(BootErrorCode.WrongSize, refusal.Code);
        Assert.Contains($"a kernel of {kernel.Length} bytes", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith($"found {other.Length} bytes", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_that_the_image_cannot_start_is_refused()
    {
        byte[] kernel = RepackCases.Kernel();
        byte[] image = RepackCases.Image(kernel);
        Assert.Equal(BootErrorCode.WrongMagic, Refused(image, new ImageRepacker { Vmlinux = new byte[kernel.Length] }).Code);
        BootRequestException moved = Refused(image, new ImageRepacker { Vmlinux = RepackCases.Kernel(physical: 0x1100000) });
        Assert.Contains("0x1000000 to ", moved.Message, StringComparison.Ordinal);
        byte[] narrow = RepackCases.Kernel(WordSize.Bits32);
        byte[] padded = new byte[kernel.Length];
        narrow.AsSpan(0, Math.Min(narrow.Length, padded.Length)).CopyTo(padded);
        Assert.Contains("a kernel of 64 bits, found one of 32", Refused(image, new ImageRepacker { Vmlinux = padded }).Message, StringComparison.Ordinal);
        byte[] foreign = (byte[])kernel.Clone();
        ElfHeader.Edit(foreign, WordSize.Bits64).Machine = (ElfMachine)183;
        string line = Refused(image, new ImageRepacker { Vmlinux = foreign }).Message;
        Assert.EndsWith("(machine 62), found one for Arm with 64 bits (machine 183)", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_image_and_one_of_another_kind_are_refused()
    {
        byte[] kernel = RepackCases.Kernel();
        byte[] image = RepackCases.Image(kernel);
        var repacker = new ImageRepacker { Vmlinux = kernel };
        foreach (int length in (int[])[image.Length - 100, image.Length / 2, 0x300])
        {
            BootFormatException cut = Assert.Throws<BootFormatException>(() => RepackCases.Repack(image[..length], repacker));
            Assert.Equal(BootErrorCode.Truncated, cut.Code);
        }

        BootFormatException refusal = Assert.Throws<BootFormatException>(() => RepackCases.Repack(kernel, repacker));
        Assert.Contains("one of kind Elf", refusal.Message, StringComparison.Ordinal);
        refusal = Assert.Throws<BootFormatException>(() => RepackCases.Repack(PackedImage.Gzip(image), repacker));
        Assert.Contains("one of kind Compressed", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(
            "section .osrel: expected a unified kernel image",
            Refused(image, new ImageRepacker { Sections = [new SectionChange(".osrel", new byte[1])] }).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_caller_can_end_it()
    {
        byte[] kernel = RepackCases.Kernel();
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => RepackCases.Repack(RepackCases.Image(kernel), new ImageRepacker { Vmlinux = kernel, Cancellation = source.Token }));
    }

    /// <summary>A stream of zstd that was to have more bytes complains as it is closed.</summary>
    [Theory]
    [InlineData(PayloadFormat.Gzip)]
    [InlineData(PayloadFormat.Bzip2)]
    [InlineData(PayloadFormat.Lz4)]
    [InlineData(PayloadFormat.Zstd)]
    public void It_can_be_ended_while_it_packs(PayloadFormat format)
    {
        byte[] kernel = new byte[3 << 20];
        new Random(1).NextBytes(kernel);
        using var source = new CancellationTokenSource();
        using var output = new CancellingStream(source);
        PackingMethod method = PackingMethods.Of(format, default, kernel.Length)[0];
        OperationCanceledException end = Assert.ThrowsAny<OperationCanceledException>(() => method.Pack(kernel, output, source.Token));
        Assert.Equal(source.Token, end.CancellationToken);
    }

    private static BootRequestException Refused(byte[] image, ImageRepacker repacker) =>
        Assert.Throws<BootRequestException>(() => RepackCases.Repack(image, repacker));

    private static byte[] ZstdPayload(byte[] kernel, int level)
    {
        using var compressor = new ZstdSharp.Compressor(level);
        return PackedImage.WithTrailer(compressor.Wrap(kernel), (uint)kernel.Length);
    }

    /// <summary>Ends the work with the first bytes that it writes.</summary>
    private sealed class CancellingStream(CancellationTokenSource source) : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => source.Cancel();

        public override void Write(ReadOnlySpan<byte> buffer) => source.Cancel();

        public override void WriteByte(byte value) => source.Cancel();
    }
}
