using BootProtocol.LinuxX86;
using BootProtocol.Runtime.Tests.OwnSpecs.Demo;
using BootProtocol.Runtime.Tests.OwnSpecs.DemoBig;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Gates at their boundary versions, by name and with the exact messages.</summary>
public sealed class GateTests
{
    [Theory]
    [InlineData(0x200, false, false)]
    [InlineData(0x203, false, false)]
    [InlineData(0x204, false, false)]
    [InlineData(0x205, true, false)]
    [InlineData(0x209, true, false)]
    [InlineData(0x20a, true, true)]
    [InlineData(0x20f, true, true)]
    [InlineData(0x210, true, true)]
    public void Kernel_alignment_is_read_from_2_05_and_written_from_2_10(int version, bool isRead, bool isWritten)
    {
        byte[] bytes = SetupHeaderOf(version);
        bytes[SetupHeader.Layout.Offset.KernelAlignment - SetupHeader.Layout.Start + 2] = 0x20;

        Assert.Equal(isRead ? 0x200000u : null, SetupHeader.Parse(bytes).KernelAlignment);
        Action write = () => SetupHeader.Edit(bytes).KernelAlignment = 0x1000;
        if (isWritten)
        {
            write();
            Assert.Equal(0x1000u, SetupHeader.Parse(bytes).KernelAlignment);
        }
        else
        {
            var exception = Assert.Throws<BootFormatException>(write);
            string message = $"setup_header.kernel_alignment at offset 0x230: expected version 2.10+, found version 2.{version & 0xff:00}";
            Assert.Equal(message, exception.Message);
            Assert.Equal(0x20, bytes[SetupHeader.Layout.Offset.KernelAlignment - SetupHeader.Layout.Start + 2]);
        }
    }

    [Theory]
    [InlineData(0x200, true)]
    [InlineData(0x201, true)]
    [InlineData(0x202, false)]
    public void Setup_move_size_is_gone_after_2_01(int version, bool isThere)
    {
        byte[] bytes = SetupHeaderOf(version);
        Assert.Equal(isThere ? (ushort)0 : null, SetupHeader.Parse(bytes).SetupMoveSize);
        Action write = () => SetupHeader.Edit(bytes).SetupMoveSize = 0x7fff;
        if (isThere)
        {
            write();
            Assert.Equal((ushort)0x7fff, SetupHeader.Parse(bytes).SetupMoveSize);
            return;
        }

        var exception = Assert.Throws<BootFormatException>(write);
        Assert.Equal("setup_header.setup_move_size at offset 0x212: expected version 2.00-2.01, found version 2.02", exception.Message);
        Assert.Equal(("setup_header", "setup_move_size", 0x212L), (exception.Structure, exception.Field, exception.Offset));
        Assert.Equal(("version 2.00-2.01", "version 2.02"), (exception.Expected, exception.Found));
    }

    [Fact]
    public void Header_of_2_00_has_stand_ins_for_later_fields()
    {
        byte[] bytes = SetupHeaderOf(0x200);
        bytes.AsSpan(SetupHeader.Layout.Offset.InitrdAddrMax - SetupHeader.Layout.Start).Fill(0x11);
        SetupHeader header = SetupHeader.Parse(bytes);
        Assert.Equal(4, header.SetupSects);
        Assert.Equal(0x37ffffffu, header.InitrdAddrMax);
        Assert.Equal(255u, header.CmdlineSize);
        Assert.Equal(0, header.RelocatableKernel);
        Assert.Equal(default, header.Xloadflags);
        Assert.Equal(X86HardwareSubarch.Pc, header.HardwareSubarch);
        Assert.Null(header.CmdLinePtr);
        Assert.Null(header.Syssize);
        Assert.Null(header.HeapEndPtr);
    }

    [Fact]
    public void Header_of_2_13_that_ends_at_0x268_has_no_kernel_info()
    {
        byte[] bytes = new byte[SetupHeader.Layout.Size];
        SetupHeader.Create(bytes, new ProtocolVersion(2, 13));
        Assert.Equal(0x268 - 0x202, bytes[0x10]);
        bytes.AsSpan(SetupHeader.Layout.Offset.KernelInfoOffset - SetupHeader.Layout.Start).Fill(0x11);

        SetupHeader header = SetupHeader.Parse(bytes);
        Assert.Equal(0x268 - 0x1f1, header.AsSpan().Length);
        Assert.Equal(0u, header.HandoverOffset);
        Assert.Null(header.KernelInfoOffset);

        // A newer version alone does not make the header longer.
        bytes[SetupHeader.Layout.Offset.Version - SetupHeader.Layout.Start] = 0x0f;
        Assert.Null(SetupHeader.Parse(bytes).KernelInfoOffset);
    }

    [Fact]
    public void Field_beyond_the_end_of_the_header_cannot_be_written()
    {
        byte[] bytes = SetupHeaderOf(0x20f);
        bytes[0x10] = 0x250 - 0x202;
        Assert.Null(SetupHeader.Parse(bytes).SetupData);
        var exception = Assert.Throws<BootFormatException>(() => SetupHeader.Edit(bytes).SetupData = new Paddr(0x1000));
        Assert.Equal(
            "setup_header.setup_data at offset 0x250: expected a structure of at least 103 bytes, found one of 95 bytes",
            exception.Message);
    }

    [Theory]
    [InlineData(0u, false)]
    [InlineData(1u, true)]
    [InlineData(2u, true)]
    public void Start_info_of_pvh_has_a_memory_map_from_version_1(uint version, bool isThere)
    {
        byte[] bytes = new byte[HvmStartInfo.Layout.Size];
        HvmStartInfo.Create(bytes);
        bytes[HvmStartInfo.Layout.Offset.Version] = (byte)version;
        HvmStartInfo info = HvmStartInfo.Parse(bytes);
        Assert.Equal(version, info.Version);
        Assert.Equal(isThere ? new Paddr(0) : null, info.MemmapPaddr);
        Assert.Equal(isThere ? 0u : null, info.MemmapEntries);
        Action write = () => HvmStartInfo.Edit(bytes).MemmapPaddr = new Paddr(0x2000);
        if (isThere)
        {
            write();
            Assert.Equal(new Paddr(0x2000), HvmStartInfo.Parse(bytes).MemmapPaddr);
            return;
        }

        var exception = Assert.Throws<BootFormatException>(write);
        Assert.Equal("hvm_start_info.memmap_paddr at offset 0x28: expected version 1+, found version 0", exception.Message);
    }

    [Fact]
    public void Start_info_of_version_0_is_16_bytes_shorter()
    {
        Span<byte> bytes = stackalloc byte[40];
        HvmStartInfo.Create(bytes, 0u);
        Assert.Equal(40, HvmStartInfo.Parse(bytes).AsSpan().Length);
        Assert.False(HvmStartInfo.TryParse(bytes[..39], out _, out ParseError error));
        Assert.Equal("hvm_start_info at offset 0x27: expected at least 40 bytes, found 39 bytes", error.ToString());
    }

    [Fact]
    public void Absent_field_counts_as_else_and_a_stored_0_as_zero()
    {
        byte[] bytes = new byte[Gated.Layout.Size];
        Gated.Create(bytes, new ProtocolVersion(1, 6));
        Assert.Equal(9, Gated.Parse(bytes).Chunks);
        Assert.Equal((ushort)4, Gated.Parse(bytes).Sectors);

        Gated.Create(bytes, new ProtocolVersion(1, 7));
        Assert.Equal(5, Gated.Parse(bytes).Chunks);
        Gated.Edit(bytes).Chunks = 3;
        Assert.Equal(3, Gated.Parse(bytes).Chunks);

        Gated.Create(bytes, new ProtocolVersion(1, 3));
        Assert.Null(Gated.Parse(bytes).Sectors);
        Assert.Equal(DemoKind.Two, Gated.Parse(bytes).Kind);
        Assert.False(Gated.Parse(bytes).TryGetEnds(out _));
        Assert.False(Gated.Parse(bytes).TryGetList(out _));
        Assert.True(Gated.Parse(bytes).Name.IsEmpty);
        Assert.True(Gated.Parse(bytes).Blob.IsEmpty);
    }

    [Fact]
    public void Author_is_not_bound_by_the_gate_for_writing()
    {
        byte[] bytes = new byte[Gated.Layout.Size];
        Gated.Author author = Gated.Create(bytes, new ProtocolVersion(1, 3));
        author.Twice = 7;
        Assert.Equal(7u, Gated.Parse(bytes).Twice);
        var exception = Assert.Throws<BootFormatException>(() => Gated.Edit(bytes).Twice = 8);
        Assert.Equal("gated.twice at offset 0x24: expected version 1.06+, found version 1.03", exception.Message);
    }

    [Fact]
    public void Variant_without_the_field_says_so()
    {
        byte[] bytes = new byte[Words.Layout.Size64];
        Words.Create(bytes, WordSize.Bits64);
        var narrow = Assert.Throws<BootFormatException>(() => Words.Edit(bytes, WordSize.Bits64).NarrowOnly = 1);
        Assert.Equal("words.narrow_only: expected the 32-bit variant, found the 64-bit one", narrow.Message);
        var wide = Assert.Throws<BootFormatException>(() => Words.Edit(bytes, WordSize.Bits32).WideOnly = 1);
        Assert.Equal("words.wide_only: expected the 64-bit variant, found the 32-bit one", wide.Message);
        Assert.Null(Words.Parse(bytes, WordSize.Bits64).NarrowOnly);
        Assert.Null(Words.Parse(bytes, WordSize.Bits32).WideOnly);
    }

    [Theory]
    [InlineData(0x32, 0x00, "setup_header at offset 0x223: expected at least 51 bytes, found 50 bytes")]
    [InlineData(0x7b, 0x0d, "setup_header.boot_flag at offset 0x1fe: expected 0xaa55, found 0xaa14")]
    [InlineData(0x7b, 0x11, "setup_header.header at offset 0x202: expected \"HdrS\", found 0x53726409")]
    [InlineData(0x7b, 0x12, "setup_header.header at offset 0x202: expected \"HdrS\", found \"H%rS\"")]
    [InlineData(0x7b, 0x14, "setup_header.header at offset 0x202: expected \"HdrS\", found 0x12726448")]
    public void Broken_header_is_refused(int length, int broken, string message)
    {
        byte[] bytes = SetupHeaderOf(0x20f);
        bytes[broken] ^= 0x41;
        Assert.False(SetupHeader.TryParse(bytes.AsSpan(0, length), out _, out ParseError error));
        Assert.Equal(message, error.ToString());
        Assert.Equal(error, Assert.Throws<BootFormatException>(() => SetupHeader.Parse(bytes.AsSpan(0, length))).Error);
        Assert.Equal(error, Assert.Throws<BootFormatException>(() => SetupHeader.Edit(bytes.AsSpan(0, length))).Error);
    }

    [Fact]
    public void Old_or_early_ending_structure_is_refused()
    {
        byte[] bytes = SetupHeaderOf(0x1ff);
        Assert.False(SetupHeader.TryParse(bytes, out _, out ParseError error));
        Assert.Equal("setup_header.version at offset 0x206: expected version 2.00 or later, found version 1.255", error.ToString());

        bytes = SetupHeaderOf(0x200);
        bytes[0x10] = 0x21;
        Assert.False(SetupHeader.TryParse(bytes, out _, out error));
        Assert.Equal(
            "setup_header.jump at offset 0x201: expected a structure of at least 51 bytes, found one of 50 bytes", error.ToString());

        byte[] numbered = new byte[Numbered.Layout.Size];
        Numbered.Create(numbered).Size = 11;
        Assert.False(Numbered.TryParse(numbered, out _, out error));
        Assert.Equal("numbered.size at offset 0x6: expected a structure of at least 12 bytes, found one of 11 bytes", error.ToString());
    }

    private static byte[] SetupHeaderOf(int version)
    {
        byte[] bytes = new byte[SetupHeader.Layout.Size];
        SetupHeader.Create(bytes);
        bytes[SetupHeader.Layout.Offset.Version - SetupHeader.Layout.Start] = (byte)version;
        bytes[SetupHeader.Layout.Offset.Version - SetupHeader.Layout.Start + 1] = (byte)(version >> 8);
        return bytes;
    }
}
