using System.Buffers.Binary;
using BootProtocol.Images;
using BootProtocol.LinuxX86;
using BootProtocol.Specs;

namespace BootProtocol.Runtime.Tests.Images;

public sealed class SetupHeaderTests
{
    [Fact]
    public void A_header_of_2_13_that_ends_at_0x268_has_no_kernel_info_offset()
    {
        using var image = BootImage.Open(TestImages.Versioned(0x20d, headerEnd: 0x268));
        Assert.Equal(0x268, image.SetupHeaderEnd);
        Assert.Equal(new ProtocolVersion(2, 13), image.Protocol);
        Assert.Null(image.SetupHeader.KernelInfoOffset);
        Assert.NotNull(image.SetupHeader.HandoverOffset);
        SpecRecord record = image.DescribeSetupHeader()!;
        Assert.Null(record.Find("kernel_info_offset"));
        Assert.NotNull(record.Find("handover_offset"));
        Assert.False(image.TryGetKernelInfo(out _, out _));
        Assert.Equal(ChecksumState.Valid, image.Checksum);
    }

    [Fact]
    public void A_new_version_with_an_early_end_has_only_what_stands_before_the_end()
    {
        using var image = BootImage.Open(TestImages.Versioned(0x20f, headerEnd: 0x250));
        SpecRecord record = image.DescribeSetupHeader()!;
        Assert.Equal("payload_length", record.Fields[^1].Field.Name);
        Assert.Null(image.SetupHeader.SetupData);
        Assert.NotNull(image.SetupHeader.PayloadLength);
    }

    [Fact]
    public void No_setup_sectors_stand_for_four()
    {
        byte[] bytes = TestImages.ZImage(new ProtocolVersion(2, 3), setupSectors: 0);
        using var image = BootImage.Open(bytes);
        Assert.Equal(5 * 512, image.SetupLength);
        SpecRecordField field = image.DescribeSetupHeader()!.Find("setup_sects")!;
        Assert.True(field.IsZeroStandIn);
        Assert.Equal("4", field.Value.ToString());
    }

    [Fact]
    public void A_header_of_2_00_has_the_fields_of_2_00()
    {
        using var image = BootImage.Open(TestImages.ZImage(new ProtocolVersion(2, 0)));
        Assert.Equal(ImageKind.ZImage, image.Kind);
        Assert.Equal("2.4.0-test (somebody@somewhere)", image.KernelVersion);
        Assert.Null(image.ImageLength);
        Assert.False(image.IsTruncated);
        Assert.Equal(ChecksumState.Absent, image.Checksum);
        SpecRecord record = image.DescribeSetupHeader()!;
        Assert.Null(record.Find("syssize"));
        Assert.Null(record.Find("heap_end_ptr"));
        Assert.NotNull(record.Find("setup_move_size"));
        Assert.Equal("bootsect_kludge", record.Fields[^1].Field.Name);
    }

    [Fact]
    public void An_image_from_before_2_00_has_the_fields_that_every_version_has()
    {
        using var image = BootImage.Open(TestImages.Old());
        Assert.Equal(ImageKind.Old, image.Kind);
        Assert.Null(image.Protocol);
        Assert.Null(image.KernelVersion);
        Assert.Equal(5 * 512, image.SetupLength);
        Assert.Equal(
            ["setup_sects", "root_flags", "ram_size", "vid_mode", "root_dev", "boot_flag"],
            image.DescribeSetupHeader()!.Fields.Select(field => field.Field.Name));
        Assert.Equal(ChecksumState.Absent, image.Checksum);
        Assert.Throws<BootFormatException>(() => image.SetupHeader.Version);
    }

    [Fact]
    public void A_boot_sector_alone_is_no_image() =>
        Assert.Throws<BootFormatException>(() => BootImage.Open(TestImages.Old().AsMemory(0, 512)));

    [Fact]
    public void A_header_that_ends_before_its_own_version_is_named()
    {
        using var image = BootImage.Open(TestImages.Versioned(0x20f, headerEnd: 0x204));
        var exception = Assert.Throws<BootFormatException>(() => image.SetupHeader.Version);
        Assert.Equal("setup_header", exception.Structure);
        Assert.Equal(exception.Error, Assert.Throws<BootFormatException>(image.EnsureComplete).Error);
        Assert.Equal((ImageKind.BzImage, false), (image.Kind, image.HasSetupHeader));
    }

    [Fact]
    public void Every_version_has_exactly_the_fields_whose_gates_hold()
    {
        SpecStructure structure = SetupHeader.Layout.Info;
        for (ushort version = 0x200; version <= 0x210; version++)
        {
            using var image = BootImage.Open(TestImages.Versioned(version, headerEnd: BootImage.SetupHeaderOffset + SetupHeader.Layout.Size));
            IEnumerable<string> expected = structure.Variants[0].Fields
                .Where(field => field.Name.Length > 0 && (field.Gate is not { } gate || gate.Holds(version)))
                .Select(field => field.Name);
            Assert.Equal(expected, image.DescribeSetupHeader()!.Fields.Select(field => field.Field.Name));
        }
    }

    [Theory]
    [InlineData(0x7fff, "a place in the setup part")]
    [InlineData(0x05ff, "a text that a NUL ends")]
    public void A_version_text_outside_of_the_setup_part_is_named(ushort pointer, string expected)
    {
        byte[] bytes = TestImages.Sample(image =>
        {
            BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x20e), pointer);
            image.AsSpan(0x700, 0x100).Fill((byte)'x');
        });
        using var image = BootImage.Open(bytes);
        var exception = Assert.Throws<BootFormatException>(() => image.KernelVersion);
        Assert.Equal("kernel_version", exception.Field);
        Assert.Equal(0x20e, exception.Offset);
        Assert.Contains(expected, exception.Expected, StringComparison.Ordinal);
    }
}
