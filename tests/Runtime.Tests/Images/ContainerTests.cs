using System.Buffers.Binary;
using System.Text;
using BootProtocol.Decompress;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Rules;
using BootProtocol.Runtime.Tests.Kernels;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Images;

/// <summary>Images within other files: compressed ones, unified kernel images, EFI zboot images.</summary>
public sealed class ContainerTests
{
    public static TheoryData<string> Tools => ["gzip", "bzip2", "lzma", "xz", "lzo", "lz4", "zstd"];

    [Theory]
    [MemberData(nameof(Tools))]
    [Needs(Need.Tools)]
    public void A_bzImage_within_any_compression_is_opened(string tool)
    {
        byte[] bytes = HeaderOnlyImage.Create();
        using var outer = BootImage.Open(PackingTool.Pack("container", tool, bytes));
        Assert.Equal(ImageKind.Compressed, outer.Kind);
        Assert.Equal(ImageKind.BzImage, outer.Inner!.Kind);
        Assert.Equal(bytes, outer.Inner.Bytes.ToArray());
        Assert.Null(outer.Inner.Inner);
        Assert.Equal(2048, outer.FindPayload()!.Offset);
        using Kernel kernel = outer.Decompress();
        Assert.Equal(bytes[2048..], kernel.DecodeAll().ToArray());
    }

    [Fact]
    public void Compressions_within_each_other_are_opened_up_to_a_depth()
    {
        byte[] bytes = HeaderOnlyImage.Create();
        byte[] packed = bytes;
        for (int depth = 0; depth < 9; depth++)
        {
            using var image = BootImage.Open(packed);
            Assert.Equal(bytes[2048..], image.FindPayload()!.Bytes.ToArray());
            packed = PackedImage.Gzip(packed);
        }

        using var deep = BootImage.Open(PackedImage.Gzip(packed));
        var exception = Assert.Throws<BootFormatException>(() => deep.FindPayload());
        Assert.Equal("image: expected at most 8 images in each other, found more", exception.Message);
    }

    /// <summary>Zeros behind a stream are passed over: so each of many small files could be as large as the limit lets it.</summary>
    [Fact]
    public void Compressions_within_each_other_share_the_output_that_there_may_be()
    {
        byte[] bytes = HeaderOnlyImage.Create();
        byte[] middle = [.. PackedImage.Gzip(bytes), .. new byte[60_000]];
        byte[] packed = PackedImage.Gzip(middle);
        int all = middle.Length + bytes.Length;
        using (var image = BootImage.Open(packed, new Limits { MaximumOutput = all }))
            Assert.Equal(bytes, image.Inner!.Inner!.Bytes.ToArray());
        using var large = BootImage.Open(packed, new Limits { MaximumOutput = all - 1 });
        var refusal = Assert.Throws<BootFormatException>(() => large.FindPayload());
        Assert.Equal((BootErrorCode.TooLarge, "size"), (refusal.Code, refusal.Field));
    }

    [Fact]
    [Needs(Need.Tools)]
    public void An_elf_file_within_two_compressions_is_the_payload_of_the_inner_one()
    {
        byte[] kernel = new Elf.TestElf().Build();
        using var image = BootImage.Open(PackingTool.Pack("container-outer", "xz", PackedImage.Gzip(kernel)));
        KernelPayload payload = image.FindPayload()!;
        Assert.Equal((PayloadFormat.Gzip, PayloadOrigin.File, 0), (payload.Format, payload.Origin, payload.Offset));
        using Kernel opened = image.Decompress();
        Assert.Equal(kernel, opened.DecodeAll().ToArray());
    }

    [Fact]
    public void Limits_hold_for_what_a_container_holds()
    {
        byte[] packed = PackedImage.Gzip([.. HeaderOnlyImage.Create(), .. new byte[1 << 20]]);
        using var image = BootImage.Open(packed, new Limits { MaximumOutput = 1 << 20 });
        Assert.Throws<BootFormatException>(() => image.Inner);
        using var roomy = BootImage.Open(packed, new Limits { MaximumOutput = 1 << 21 });
        Assert.NotNull(roomy.Inner);
    }

    [Fact]
    public void A_unified_kernel_image_shows_its_parts_and_goes_to_its_kernel()
    {
        byte[] kernel = HeaderOnlyImage.Create();
        byte[] file = PeFile.Add(
            PeFile.Stub(),
            (".osrel", "ID=test\nPRETTY_NAME=\"A test\"\n"u8.ToArray()),
            (".cmdline", " root=/dev/vda\tquiet\n\0"u8.ToArray()),
            (".uname", "6.12-test"u8.ToArray()),
            (".initrd", [1, 2, 3]),
            (".linux", kernel),
            (".ucode", [4, 5]));
        using var image = BootImage.Open(file);
        Assert.Equal(ImageKind.UnifiedKernel, image.Kind);
        UnifiedKernelImage unified = image.UnifiedKernel!;
        Assert.Equal([".osrel", ".cmdline", ".uname", ".initrd", ".linux", ".ucode"], unified.Sections.Select(section => section.Name));
        Assert.Equal([29, 22, 9, 3, 4096, 2], unified.Sections.Select(section => section.Length));
        Assert.All(unified.Sections, section => Assert.Equal(section.Bytes.ToArray(), file[(int)section.Offset..((int)section.Offset + section.Length)]));
        UnifiedKernelProfile profile = Assert.Single(unified.Profiles);
        Assert.Equal("root=/dev/vda quiet", profile.CommandLine);
        Assert.Equal([[4, 5], [1, 2, 3]], profile.Initrds.Select(initrd => initrd.ToArray()));
        Assert.Equal("6.12-test", profile.Find(".uname")!.Text);
        Assert.Equal(kernel, image.Inner!.Bytes.ToArray());
        using Kernel opened = image.Decompress();
        Assert.Equal(kernel[2048..], opened.DecodeAll().ToArray());
    }

    [Fact]
    public void Profiles_take_what_they_do_not_have_themselves_from_the_common_part()
    {
        byte[] file = PeFile.Add(
            PeFile.Stub(),
            (".linux", HeaderOnlyImage.Create()),
            (".cmdline", "common"u8.ToArray()),
            (".initrd", [1]),
            (".profile", "ID=main\nTITLE=\"The main one\"\n"u8.ToArray()),
            (".profile", "ID=rescue\n"u8.ToArray()),
            (".cmdline", "rescue"u8.ToArray()),
            (".profile", ""u8.ToArray()),
            (".initrd", [2]));
        using var image = BootImage.Open(file);
        UnifiedKernelImage unified = image.UnifiedKernel!;
        Assert.Equal(["main", "rescue", null], unified.Profiles.Select(profile => profile.Id));
        Assert.Equal(["The main one", null, null], unified.Profiles.Select(profile => profile.Title));
        Assert.Equal(["common", "rescue", "common"], unified.Profiles.Select(profile => profile.CommandLine));
        Assert.Equal([1, 1, 2], unified.Profiles.Select(profile => profile.Initrds.Single().Span[0]));
        Assert.All(unified.Profiles, profile => Assert.Equal(4096, profile.Kernel.Length));
        Assert.Equal([null, null, null, 0, 1, 1, 2, 2], unified.Sections.Select(section => section.Profile));
        Assert.Equal(1, unified.FindProfile("rescue")!.Index);
        Assert.Equal(2, unified.FindProfile("2")!.Index);
        Assert.Null(unified.FindProfile("3"));
    }

    [Fact]
    public void A_unified_kernel_image_that_is_cut_off_shows_what_is_left()
    {
        byte[] file = PeFile.Add(PeFile.Stub(), (".cmdline", "quiet"u8.ToArray()), (".linux", HeaderOnlyImage.Create()), (".initrd", new byte[4000]));
        using (var image = BootImage.Open(file.AsMemory(..^1000)))
        {
            Assert.Equal("quiet", image.UnifiedKernel!.Profiles[0].CommandLine);
            Assert.Equal(ImageKind.BzImage, image.Inner!.Kind);
            Assert.True(image.UnifiedKernel.Sections[2].Fault.IsError);
            Assert.StartsWith("section .initrd", Assert.Throws<BootFormatException>(image.EnsureComplete).Message, StringComparison.Ordinal);
            Assert.Throws<BootFormatException>(() => image.UnifiedKernel.Profiles[0].Initrds);
        }

        for (int length = 0; length < file.Length; length += 97)
            Assert.NotNull(TestImages.AskEverything(file[..length]));
    }

    /// <summary>The header names the format, so that LZMA need not look as the build of Linux makes it.</summary>
    [Fact]
    [Needs(Need.Tools)]
    public void The_payload_of_an_EFI_zboot_image_is_what_its_header_says()
    {
        byte[] kernel = [.. "MZ"u8, .. new byte[9998]];
        AssertZboot(kernel, "lzma", Filter.Run("xz --format=lzma --lzma1=preset=6,lc=0,lp=2 -c", kernel));
    }

    [Theory]
    [MemberData(nameof(Tools))]
    [Needs(Need.Tools)]
    public void The_size_behind_the_stream_of_an_EFI_zboot_image_does_not_count_as_its_payload(string tool)
    {
        byte[] kernel = [.. "MZ"u8, .. new byte[9998]];
        AssertZboot(kernel, tool, PackingTool.Pack("zboot", tool, kernel));
    }

    [Fact]
    public void An_EFI_zboot_image_is_named_and_its_payload_taken_out()
    {
        byte[] kernel = [.. "MZ"u8, .. new byte[9998]];
        byte[] payload = PackedImage.Gzip(kernel);
        byte[] stub = Zboot("gzip", payload.Length);
        using var image = BootImage.Open((byte[])[.. stub, .. payload]);
        Assert.Equal(ImageKind.EfiZboot, image.Kind);
        KernelPayload found = image.FindPayload()!;
        Assert.Equal((PayloadFormat.Gzip, PayloadOrigin.EfiZboot, stub.Length), (found.Format, found.Origin, found.Offset));
        using Kernel opened = image.Decompress();
        Assert.Equal(kernel, opened.DecodeAll().ToArray());
        Assert.All(opened.BootWays, way => Assert.False(way.Possible));
        using var cut = BootImage.Open((byte[])[.. stub, .. payload[..^1]]);
        Assert.Equal("payload_size", Assert.Throws<BootFormatException>(() => cut.FindPayload()).Field);
    }

    /// <summary>Opens an image as the build of Linux makes it: its header's payload_size is that of the stream alone.</summary>
    private static void AssertZboot(byte[] kernel, string format, byte[] stream)
    {
        byte[] stub = Zboot(format, stream.Length);
        byte[] file = [.. stub, .. format == "gzip" ? stream : PackedImage.WithTrailer(stream, (uint)kernel.Length)];
        using var image = BootImage.Open(file);
        using Kernel opened = image.Decompress();
        Assert.Equal(format, PayloadFormats.Name(opened.Payload.Format));
        Assert.Equal(kernel, opened.DecodeAll().ToArray());
    }

    private static byte[] Zboot(string format, int payloadLength)
    {
        byte[] stub = PeFile.Stub();
        "zimg"u8.CopyTo(stub.AsSpan(4));
        BinaryPrimitives.WriteUInt32LittleEndian(stub.AsSpan(8), (uint)stub.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(stub.AsSpan(12), (uint)payloadLength);
        Encoding.ASCII.GetBytes(format).CopyTo(stub, 24);
        return stub;
    }

    public static TheoryData<string, int, string> Foreign => new()
    {
        { "070701", 0, "a cpio archive" },
        { "ARMd", 0x38, "an ARM64 kernel (Image)" },
        { "RISCV\0\0\0", 0x30, "a RISC-V kernel (Image)" },
        { "#!/bin/sh\n", 0, "a script" },
        { "CD001", 0x8001, "an ISO 9660 file system" },
        { "hsqs", 0, "a squashfs file system" },
        { "\u0053\u00ef", 0x438, "an ext2, ext3 or ext4 file system" },
        { "\u0027\u0005\u0019\u0056", 0, "a U-Boot image (uImage)" },
        { "\u00d0\u000d\u00fe\u00ed", 0, "a flattened device tree (or FIT image)" },
        { "ANDROID!", 0, "an Android boot image" },
        { "EFI PART", 0x200, "a disk image with a GUID partition table" },
    };

    [Theory]
    [MemberData(nameof(Foreign))]
    public void What_is_no_kernel_for_x86_is_named(string sign, int offset, string name)
    {
        byte[] bytes = new byte[0x9000];
        bytes[0] = 1;
        Encoding.Latin1.GetBytes(sign).CopyTo(bytes, offset);
        Assert.Equal($"{name}, no kernel", Assert.Throws<BootFormatException>(() => BootImage.Open(bytes)).Found);
        using var packed = BootImage.Open(PackedImage.Gzip(bytes));
        Assert.Equal($"{name} in gzip, no kernel", Assert.Throws<BootFormatException>(() => packed.FindPayload()).Found);
    }

    [Fact]
    public void A_disk_image_with_a_boot_sector_is_no_old_kernel()
    {
        byte[] disk = TestImages.Old();
        disk.AsSpan(446, 64).Clear();
        disk[446] = 0x80;
        disk[446 + 4] = 0x83;
        BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(446 + 8), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(446 + 12), 31);
        Assert.Equal("a disk image with a partition table, no kernel", Assert.Throws<BootFormatException>(() => BootImage.Open(disk)).Found);
    }
}
