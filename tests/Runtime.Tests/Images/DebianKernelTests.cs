using BootProtocol.Images;
using BootProtocol.LinuxX86;
using BootProtocol.Pe;
using BootProtocol.Specs;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Images;

[Needs(Need.Kernels)]
public sealed class DebianKernelTests
{
    public static TheoryData<string> BzImages => DebianKernels.BzImages;

    [Theory]
    [MemberData(nameof(BzImages))]
    public void A_bzImage_is_read_whole(string name)
    {
        using var image = BootImage.Open(DebianKernels.Find(name, "vmlinuz"));
        Assert.Equal(ImageKind.BzImage, image.Kind);
        Assert.Equal(new ProtocolVersion(2, 15), image.Protocol);
        Assert.Equal(0x26c, image.SetupHeaderEnd);
        Assert.Equal(DebianKernels.IsSigned(name), image.ImageLength < image.Bytes.Length);
        Assert.Equal(DebianKernels.IsBefore615(name) ? ChecksumState.Valid : ChecksumState.Absent, image.Checksum);
        if (DebianKernels.IsSigned(name))
        {
            PeSignature signature = Assert.Single(image.Signatures);
            Assert.Equal(WinCertificateType.PkcsSignedData, signature.Type);
            Assert.Equal(image.Bytes.Length, signature.Offset + signature.Length);
            Assert.Equal("Debian Secure Boot Signer 2022 - linux", Assert.Single(signature.Signers));
        }
        else
        {
            Assert.Empty(image.Signatures);
        }

        Assert.Matches(@"^(6\.1|7\.)[0-9.]+[-+]", image.KernelVersion);
        Assert.Contains("Debian", image.KernelVersion, StringComparison.Ordinal);

        Assert.True(image.TryGetKernelInfo(out KernelInfo info, out long offset));
        Assert.Equal(16u, info.SizeTotal);
        SetupDataType highest = DebianKernels.IsBefore615(name) ? SetupDataType.RngSeed : SetupDataType.KexecKho;
        Assert.Equal(0x80000000u | (uint)highest, (uint)info.SetupTypeMax);
        Assert.NotEqual(0, offset % 2048);

        SpecStructure structure = SetupHeader.Layout.Info;
        int named = structure.Variants[0].Fields.Count(field => field.Name.Length > 0 && field.Gate?.Highest is null
            && BootImage.SetupHeaderOffset + field.Offset < image.SetupHeaderEnd);
        Assert.Equal(named, image.DescribeSetupHeader()!.Fields.Length);
    }

    [Fact]
    public void The_tables_and_the_view_agree_on_a_real_header()
    {
        using var image = BootImage.Open(DebianKernels.Amd64612);
        SetupHeader view = image.SetupHeader;
        SpecRecord record = image.DescribeSetupHeader()!;
        Assert.Equal((ulong)view.SetupSects, ((SpecNumber)record.Find("setup_sects")!.Value).Bits);
        Assert.Equal(view.PrefAddress!.Value.Value, ((SpecAddress)record.Find("pref_address")!.Value).Value);
        Assert.Equal((ulong)view.InitSize!.Value, ((SpecNumber)record.Find("init_size")!.Value).Bits);
        Assert.Equal((ulong)view.Xloadflags, ((SpecFlagSet)record.Find("xloadflags")!.Value).Value);
        Assert.Equal(view.Version, ((SpecVersionValue)record.Find("version")!.Value).Version);
    }

    [Fact]
    public void The_pe_view_has_the_sections_of_the_efi_stub()
    {
        using var image = BootImage.Open(DebianKernels.Amd64612);
        Assert.True(image.TryGetPe(out PeView pe));
        Assert.Equal(0x40, pe.Offset);
        Assert.Equal(PeMachine.Amd64, pe.Header.Machine);
        Assert.True(pe.TryGetOptionalHeader64(out Pe32PlusOptionalHeader header));
        Assert.False(pe.TryGetOptionalHeader32(out _));
        Assert.Equal(PeSubsystem.EfiApplication, header.Subsys);
        Assert.Equal((int)header.DataDirs, pe.DataDirectory.Count);
        var names = new List<string>();
        foreach (SectionHeader section in pe.Sections)
            names.Add(System.Text.Encoding.ASCII.GetString(section.Name));
        Assert.Equal([".setup", ".compat", ".text", ".data"], names);
    }

    [Fact]
    public void A_32_bit_kernel_has_the_narrow_optional_header()
    {
        using var image = BootImage.Open(DebianKernels.Pae61);
        Assert.True(image.TryGetPe(out PeView pe));
        Assert.Equal(PeMachine.I386, pe.Header.Machine);
        Assert.True(pe.TryGetOptionalHeader32(out _));
        Assert.False(pe.TryGetOptionalHeader64(out _));
    }

    [Fact]
    public void A_changed_or_signed_kernel_is_told()
    {
        byte[] bytes = [.. File.ReadAllBytes(DebianKernels.Pae61), .. new byte[2048]];
        using (var grown = BootImage.Open(bytes))
        {
            Assert.Equal(2048, grown.TrailingLength);
            Assert.Equal(ChecksumState.Valid, grown.Checksum);
        }

        // A signature sets the PE header's checksum and the place of the certificates, behind the image; the subsystem it leaves alone.
        bytes[0x98] ^= 0xff;
        using (var signed = BootImage.Open(bytes))
            Assert.Equal(ChecksumState.Valid, signed.Checksum);
        bytes[0x9c] ^= 0xff;
        using var changed = BootImage.Open(bytes);
        Assert.Equal(ChecksumState.Invalid, changed.Checksum);
    }

    [Theory]
    [InlineData(0x200)]
    [InlineData(0x206)]
    [InlineData(0x26c)]
    [InlineData(0x1000)]
    [InlineData(0x100000)]
    public void A_truncated_kernel_is_an_answer_or_the_one_exception(int length)
    {
        byte[] bytes = File.ReadAllBytes(DebianKernels.Cloud61)[..length];
        Assert.NotNull(TestImages.AskEverything(bytes));
    }

    [Fact]
    public void An_elf_guest_is_an_elf_file_of_its_class()
    {
        using var narrow = BootImage.Open(DebianKernels.Grub32);
        using var wide = BootImage.Open(DebianKernels.Grub64);
        Assert.Equal(ImageKind.Elf, narrow.Kind);
        Assert.Equal(32, narrow.DescribeElfHeader()!.Variant.Bits);
        Assert.Equal(64, wide.DescribeElfHeader()!.Variant.Bits);
        Assert.Null(wide.Protocol);
        Assert.False(wide.IsTruncated);
        Assert.Null(wide.DescribeSetupHeader());
        Assert.Equal(ChecksumState.Absent, wide.Checksum);
    }

    [Theory]
    [InlineData(4, 3, "EI_CLASS")]
    [InlineData(5, 2, "EI_DATA")]
    public void An_elf_file_of_another_kind_is_named(int offset, byte value, string field)
    {
        byte[] bytes = File.ReadAllBytes(DebianKernels.Grub64);
        bytes[offset] = value;
        using var image = BootImage.Open(bytes);
        Assert.Equal(field, Assert.Throws<BootFormatException>(() => image.DescribeElfHeader()).Field);
    }
}
