using BootProtocol.Elf;
using BootProtocol.Rules;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Testing;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Rules;

public sealed class XenGuestParametersTests
{
    [Fact]
    public void Features_are_named_and_the_required_ones_marked()
    {
        var features = XenFeatureSet.Parse("!writable_page_tables|pae_pgdir_above_4gb||warp_drive|!time_travel|dom0");
        Assert.Equal(XenFeatures.WritablePageTables | XenFeatures.PaePgdirAbove4gb | XenFeatures.Dom0, features.Supported);
        Assert.Equal(XenFeatures.WritablePageTables, features.Required);
        Assert.Equal(["warp_drive"], features.Unknown);
        Assert.Equal(["time_travel"], features.UnknownRequired);
        Assert.Same(XenFeatureSet.Empty, XenFeatureSet.Parse(null));
        Assert.Equal([""], XenFeatureSet.Parse("!").UnknownRequired);
        Assert.Throws<BootFormatException>(() => XenFeatureSet.Parse(new string('|', 4097)));
        Assert.Equal(4096, XenFeatureSet.Parse(new string('x', 4096)).Unknown[0].Length);
    }

    [Theory]
    [InlineData("6.1-cloud-amd64", 0xffffffff80000000, 0xffffffff81000000, 0xffffffff83e00000, 0x8000000000ul)]
    [InlineData("6.12-amd64", 0xffffffff80000000, 0xffffffff81000000, 0xffffffff84200000, 0x8000000000ul)]
    [InlineData("gnumach-xen-486/gnumach.gz", 0x40000000, 0x40000000, 0x400a19f0, null)]
    [InlineData("grub-x86_64-xen.bin", 0, 0, 0x613dc8, null)]
    [InlineData("grub-i386-xen.bin", 0, 0, 0x5810c4, null)]
    [Needs(Need.Kernels)]
    public void Real_kernels_are_placed_by_their_physical_addresses(string name, ulong virtualBase, ulong start, ulong end, ulong? list)
    {
        var kernel = XenGuestParameters.Read(DecodedKernels.Open(name));
        Assert.Equal(virtualBase, kernel.VirtualBase.Value);

        // What says no ELF_PADDR_OFFSET in its section __xen_guest has that of its VIRT_BASE; PAE is of no meaning for 64 bits.
        bool isMach = name.StartsWith("gnumach", StringComparison.Ordinal);
        Assert.Equal(isMach ? virtualBase : 0, kernel.PaddrOffset);
        Assert.Equal((start, end), (kernel.Start.Value, kernel.End.Value));
        Assert.Equal(list, kernel.InitP2M?.Value);
        Assert.InRange(kernel.Entry.Value, start, end);
        if (!isMach)
            Assert.Equal(name == "grub-x86_64-xen.bin" ? XenPaeMode.No : XenPaeMode.ExtendedCr3, kernel.PaeMode);
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void A_real_kernel_has_typed_notes()
    {
        ElfFile file = DecodedKernels.Open("6.12-amd64");
        XenNotes notes = file.Notes.Xen;
        Assert.Equal(("linux", "2.6", "xen-3.0"), (notes.GuestOs, notes.GuestVersion, notes.XenVersion));
        Assert.Equal(("generic", "yes"), (notes.Loader, notes.PaeMode));
        Assert.Equal("!writable_page_tables", notes.Features);
        Assert.Equal([1ul, 1ul], notes.L1MfnValid!.Value);
        Assert.Equal((1ul, 1ul), (notes.SuspendCancel, notes.ModStartPfn));
        Assert.Null(notes.HypercallPage);
        Assert.Null(notes.HvStartLow);
        Assert.Equal(new XenRelocation(0x200000, new Paddr(0x1000000), new Paddr(0x3fffffff)), XenRelocation.Read(file));
        var features = XenFeatureSet.Read(file);
        Assert.Equal(XenFeatures.WritablePageTables, features.Required);
        Assert.Equal(
            XenFeatures.WritablePageTables | XenFeatures.Dom0 | XenFeatures.LinuxRsdpUnrestricted,
            features.Supported);
        Assert.Equal(20, file.Notes.Gnu.BuildId.Length);
        Assert.StartsWith("6.12.", file.Notes.Linux.BuildSalt, StringComparison.Ordinal);
        Assert.Equal(0ul, file.Notes.Linux.LtoInfo);
        Assert.Null(XenRelocation.Read(DecodedKernels.Open("6.1-cloud-amd64")));
    }

    [Theory]
    [InlineData(new uint[0], 0x1000ul, 0x1000ul, 0ul, 0xfffffffful)]
    [InlineData(new uint[0], 0x800ul, 0x200000ul, 0ul, 0xfffffffful)]
    [InlineData(new uint[0], 0x400000ul, 0x400000ul, 0ul, 0xfffffffful)]
    [InlineData(new uint[] { 0x10000 }, 0x400000ul, 0x10000ul, 0ul, 0xfffffffful)]
    [InlineData(new uint[] { 0x10000, 0x100000 }, 0x1000ul, 0x10000ul, 0x100000ul, 0xfffffffful)]
    [InlineData(new uint[] { 0, 1, 2, 3 }, 0x1000ul, 0ul, 1ul, 2ul)]
    public void Relocation_has_a_value_for_what_the_note_leaves_out(
        uint[] values, ulong alignment, ulong expected, ulong minimum, ulong maximum)
    {
        byte[] bytes = new byte[values.Length * 4];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        ElfFile file = new TestElf()
            .Add(new TestSegment(SegmentType.Load, []) { Alignment = alignment }, new TestNotes().Add("Xen", 19, bytes).Segment())
            .Open();
        Assert.Equal(new XenRelocation(expected, new Paddr(minimum), new Paddr(maximum)), XenRelocation.Read(file));
    }

    /// <summary>Several notes are as one whose names follow each other, and have its limit together.</summary>
    [Fact]
    public void Features_of_several_notes_are_in_their_order()
    {
        TestNotes several = new TestNotes().Add("Xen", 10, "a|!b").Add("Xen", 10, "").Add("Xen", 10, "dom0|c").Add("Xen", 10, "!d|e");
        ElfFile file = new TestElf().Add(several.Segment()).Open();
        var features = XenFeatureSet.Read(file);
        Assert.Equal(XenFeatures.Dom0, features.Supported);
        Assert.Equal(["a", "c", "e"], features.Unknown);
        Assert.Equal(["b", "d"], features.UnknownRequired);

        var notes = new TestNotes();
        for (int i = 0; i < 3000; i++)
            notes.Add("Xen", 10, string.Join('|', Enumerable.Repeat("a", 2000)));
        ElfFile hostile = new TestElf().Add(notes.Segment()).Open();
        BootFormatException refused = Assert.Throws<BootFormatException>(() => XenFeatureSet.Read(hostile));
        Assert.Equal((BootErrorCode.TooLarge, "FEATURES"), (refused.Code, refused.Field));
    }

    [Fact]
    public void A_relocation_that_is_no_list_of_numbers_is_refused()
    {
        ElfFile file = new TestElf().Add(new TestNotes().Add("Xen", 19, "\x1"u8).Segment()).Open();
        Assert.Equal("PHYS32_RELOC", Assert.Throws<BootFormatException>(() => XenRelocation.Read(file)).Field);
    }
}
