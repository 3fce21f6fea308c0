using System.Buffers.Binary;
using BootProtocol.Domains;
using BootProtocol.Elf;
using BootProtocol.Memory;
using BootProtocol.Relocate;
using BootProtocol.Runtime.Tests.Oracle;
using BootProtocol.Sample;
using BootProtocol.Testing;
using BootProtocol.Verify;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.XenPv;

/// <summary>What no builder of PV guests may start, or cannot: each is told in one line that says so.</summary>
public sealed class RefusalTests
{
    private const ulong Memory = 64 << 20;

    /// <summary>Kernels made from the sample guest by changed bytes of its notes; Xen's own builder refuses them, too.</summary>
    public static TheoryData<int, string, string> BrokenKernels => new()
    {
        { 64, "loader", "it is neither for the generic loader nor Linux: LOADER is \"Generic\", GUEST_OS is \"bootproto-sample\"" },
        { 32, "loader", "it is neither for the generic loader nor Linux: LOADER is \"Generic\", GUEST_OS is \"bootproto-sample\"" },
        { 64, "version", "its XEN_VERSION is \"xen-2.0\", not xen-3.0" },
        { 64, "feature", "it requires the unknown feature \"ae_pgdir_above_4gb\"" },
        { 32, "feature", "it requires the unknown feature \"ae_pgdir_above_4gb\"" },
        { 32, "pae", "it is a 32-bit kernel without PAE, which no Xen since 3.1 starts" },
        { 64, "no base", "it has PADDR_OFFSET without VIRT_BASE" },
        { 32, "no base", "it has PADDR_OFFSET without VIRT_BASE" },
        { 64, "entry", "its entry 0xffffffff80100000 lies outside of the kernel" },
        { 32, "entry", "its entry 0xc0100000 lies outside of the kernel" },
        { 64, "base above", "which is not above its VIRT_BASE 0xffffffff90000000" },
        { 64, "no notes", "it has neither notes of Xen nor a section __xen_guest" },
    };

    /// <summary>What Xen's own builder would lay out all the same, and the hypervisor throw away.</summary>
    public static TheoryData<int, ulong, string> Holes => new()
    {
        { 64, 0xffff800000000000, "overlaps the hypervisor's hole, 0xffff800000000000-0xffff87ffffffffff" },
        { 64, 0xffff87ffffe00000, "overlaps the hypervisor's hole, 0xffff800000000000-0xffff87ffffffffff" },
        { 64, 0xffff7fffffdff000, "overlaps the hypervisor's hole, 0xffff800000000000-0xffff87ffffffffff" },
        { 64, 0xffff7fff00000000, "addresses that no processor has" },
        { 64, 0x00007fffffe00000, "addresses that no processor has" },
        { 64, 0x0001000000000000, "addresses that no processor has" },
        { 32, 0xf5800000, "overlaps the hypervisor's hole, 0xf5800000-0xffffffff" },
        { 32, 0xf5600000, "overlaps the hypervisor's hole, 0xf5800000-0xffffffff" },
    };

    [Theory]
    [MemberData(nameof(BrokenKernels))]
    [Needs(Need.Tools)]
    public void Kernels_that_no_PV_builder_may_accept_are_refused_in_a_line(int bits, string change, string reason)
    {
        byte[] image = Change((WordSize)bits, change);
        AssertRefused(image, new XenPvBuilder { MemorySize = Memory }, reason);
        using var folder = new TemporaryFolder();
        string path = folder.File("kernel");
        File.WriteAllBytes(path, image);
        Assert.NotEqual(0, OracleRun.Run("pv", path, null, "", 64, folder.File("out")).ExitCode);
    }

    [Theory]
    [MemberData(nameof(Holes))]
    public void Kernels_in_the_hypervisors_hole_are_refused(int bits, ulong address, string reason)
    {
        var word = (WordSize)bits;
        byte[] image = SampleKernel.Link(word).Elf.ToArray();
        ulong moved = address - ReadNumber(image, XenNotes.Number.VirtBase);
        WriteNumber(image, XenNotes.Number.Entry, ReadNumber(image, XenNotes.Number.Entry) + moved);
        WriteNumber(image, XenNotes.Number.VirtBase, address);
        AssertRefused(image, new XenPvBuilder { MemorySize = Memory }, reason);
    }

    /// <summary>The kernel has its place, but not all that belongs to it.</summary>
    [Theory]
    [InlineData(32, 0xf5000000, 8 << 20, "overlaps the hypervisor's hole")]
    [InlineData(64, 0xffffffffff800000, 4 << 20, "a start-of-day layout below the last address")]
    [InlineData(64, 0x00007fffff800000, 8 << 20, "addresses that no processor has")]
    public void A_layout_that_grows_into_the_hole_is_refused(int bits, ulong address, int initrd, string reason)
    {
        byte[] image = new PvKernel { Word = (WordSize)bits, VirtualBase = address }.Build();
        AssertRefused(image, new XenPvBuilder { MemorySize = Memory, Initrds = [new byte[initrd]] }, reason);
    }

    [Theory]
    [InlineData(0xffff800000000000, "overlaps the hypervisor's hole")]
    [InlineData(0xffff870000000000, "overlaps the hypervisor's hole")]
    [InlineData(0x0000900000000000, "addresses that no processor has")]
    [InlineData(0xffffffff7ffff000, "room up to VIRT_BASE")]
    public void A_list_that_is_wanted_where_nothing_can_be_is_refused(ulong list, string reason) => AssertRefused(
        new PvKernel { VirtualBase = 0xffffffff80000000, InitP2M = list }.Build(), new XenPvBuilder { MemorySize = Memory }, reason);

    [Fact]
    public void What_cannot_be_built_is_told_in_a_line()
    {
        byte[] image = new PvKernel { VirtualBase = 0x1000000 }.Build();
        AssertRefused(image, new XenPvBuilder { MemorySize = 0 }, "room for");
        AssertRefused(image, new XenPvBuilder { MemorySize = 4095 }, "room for");
        string tooLong = new('x', 1024);
        AssertRefused(image, new XenPvBuilder { MemorySize = Memory, CommandLine = tooLong }, "at most 1023 bytes, found 1024 bytes");
        AssertRefused(image, new XenPvBuilder { MemorySize = Memory, CommandLine = "a\0b" }, "no NUL");
        foreach (Kaslr kaslr in new[] { Kaslr.Random(), Kaslr.At(0x200000) })
            AssertRefused(image, new XenPvBuilder { MemorySize = Memory, Kaslr = kaslr }, "the notes of a PV kernel say where it runs");
        AssertRefused(image, new XenPvBuilder { MemorySize = Memory, Flags = StartInfoFlags.InitialDomain }, "SIF_INITDOMAIN");
        AssertRefused(image, new XenPvBuilder { MemorySize = Memory, Frames = new ContiguousFrames(new Mfn(1ul << 40)) }, "machine frames");
        byte[] narrow = new PvKernel { Word = WordSize.Bits32 }.Build();
        AssertRefused(narrow, new XenPvBuilder { MemorySize = Memory, Frames = new ContiguousFrames(new Mfn(0xffffff00)) }, "machine frames");
        AssertRefused(new PvKernel { VirtualBase = 0x1000800 }.Build(), new XenPvBuilder { MemorySize = Memory }, "the start of a page");
        AssertRefused(new PvKernel { Start = 0x800 }.Build(), new XenPvBuilder { MemorySize = Memory }, "the start of a page");
        byte[] empty = new PvKernel { VirtualBase = 0x1000000, FileSize = 0, MemorySize = 0 }.Build();
        AssertRefused(empty, new XenPvBuilder { MemorySize = Memory }, "its segments have no byte in memory");
        byte[] beyond = new PvKernel { VirtualBase = 0x1000000, HypercallPage = 0x1002000 }.Build();
        AssertRefused(beyond, new XenPvBuilder { MemorySize = Memory }, "HYPERCALL_PAGE");
    }

    /// <summary>The last machine frame that page tables or a list of 32-bit numbers can name; the next one is refused.</summary>
    [Theory]
    [InlineData(WordSize.Bits64, (1UL << 40) - 1)]
    [InlineData(WordSize.Bits32, 0xfffffffe)]
    public void The_last_machine_frame_is_one_that_the_guest_can_name(WordSize word, ulong last)
    {
        const ulong Frames = Memory / X86Page.Size;
        byte[] image = new PvKernel { Word = word }.Build();
        PvDomains.Build(image, Builder(last)).Dispose();
        AssertRefused(image, Builder(last + 1), $"one below 0x{last + 1:x}");

        static XenPvBuilder Builder(ulong last) =>
            new() { MemorySize = Memory, Frames = new ContiguousFrames(new Mfn(last - Frames + 1)) };
    }

    /// <summary>Sizes that no machine has end as those of small ones do, and not in a number that came around.</summary>
    [Theory]
    [InlineData(WordSize.Bits64, ulong.MaxValue)]
    [InlineData(WordSize.Bits64, 1ul << 52)]
    [InlineData(WordSize.Bits64, 1ul << 48)]
    [InlineData(WordSize.Bits64, 1ul << 41)]
    [InlineData(WordSize.Bits32, ulong.MaxValue)]
    [InlineData(WordSize.Bits32, 1ul << 44)]
    [InlineData(WordSize.Bits32, 1ul << 42)]
    public void Absurd_sizes_of_memory_are_refused(WordSize word, ulong memory)
    {
        foreach (ulong? list in new ulong?[] { null, 0x10000 })
        {
            byte[] image = new PvKernel { Word = word, VirtualBase = 0x1000000, InitP2M = list }.Build();
            var builder = new XenPvBuilder { MemorySize = memory };
            BootException fault = Assert.ThrowsAny<BootException>(() => PvDomains.Build(image, builder).Dispose());
            Assert.DoesNotContain('\n', fault.Message);
        }
    }

    /// <summary>Only the text of __xen_guest can say that a top page table above 4 GiB is none for a kernel.</summary>
    [Fact]
    public void A_top_page_table_above_4_GiB_is_refused_where_the_kernel_does_not_take_it()
    {
        byte[] image = new PvKernel
        {
            Word = WordSize.Bits32,
            PaddrOffset = 0xc0000000,
            XenGuest = "GUEST_OS=linux,XEN_VER=xen-3.0,VIRT_BASE=0xc0000000,VIRT_ENTRY=0xc0000000,PAE=yes",
        }.Build();
        AssertRefused(image, new XenPvBuilder { MemorySize = Memory }, "a top page table below 4 GiB");
        using XenPvDomain domain = PvDomains.Build(image, From(0x8000));
        Assert.Equal((VmAssistFlags)0, domain.Assists);
        Assert.Empty(PvDomains.Verify(domain));

        // To the frame: the last one below 4 GiB, and the first one that is not.
        ulong table = TopTable(domain) - 0x8000;
        using XenPvDomain last = PvDomains.Build(image, From(0xfffff - table));
        Assert.Equal(0xffffful, TopTable(last));
        AssertRefused(image, From(0x100000 - table), "a top page table below 4 GiB");
    }

    /// <summary>The same of a domain that says that it takes a top page table above 4 GiB, and does not any more when it is verified.</summary>
    [Theory]
    [InlineData(0xfffff, null)]
    [InlineData(0x100000, "top-table-low")]
    public void A_top_page_table_above_4_GiB_breaks_a_rule(ulong frame, string? rule)
    {
        byte[] image = new PvKernel { Word = WordSize.Bits32, VirtualBase = 0xc0000000 }.Build();
        ulong table;
        using (XenPvDomain domain = PvDomains.Build(image, From(0x8000)))
            table = TopTable(domain) - 0x8000;
        using XenPvDomain built = PvDomains.Build(image, From(frame - table));
        Assert.Equal(frame, TopTable(built));
        Assert.Empty(PvDomains.Verify(built));
        byte[] context = built.VcpuContext.ToArray();
        VcpuGuestContext.Edit(context, WordSize.Bits32).VmAssist = 0;
        XenPvImage whole = XenPvImage.Of(built);
        var changed = new XenPvImage
        {
            Word = whole.Word,
            Memory = whole.Memory,
            FrameCount = whole.FrameCount,
            Frames = whole.Frames,
            Context = context,
            SharedInfo = whole.SharedInfo,
        };
        Assert.Equal(rule is null ? [] : [rule], XenPvVerifier.Verify(changed).Select(violation => violation.Rule.Name));
    }

    private static XenPvBuilder From(ulong frame) => new() { MemorySize = Memory, Frames = new ContiguousFrames(new Mfn(frame)) };

    private static ulong TopTable(XenPvDomain domain) => VcpuGuestContext.Parse(domain.VcpuContext.Span, domain.Placement.Word).TopTable.Value;

    private static void AssertRefused(byte[] image, XenPvBuilder builder, string reason)
    {
        BootException fault = Assert.ThrowsAny<BootException>(() => PvDomains.Build(image, builder).Dispose());
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    private static byte[] Change(WordSize word, string change)
    {
        byte[] image = SampleKernel.Link(word).Elf.ToArray();
        switch (change)
        {
            case "loader":
                Find(image, XenNotes.Number.Loader, out _)[0] = (byte)'G';
                break;
            case "version":
                Find(image, XenNotes.Number.XenVersion, out _)[4] = (byte)'2';
                break;
            case "feature":
                Find(image, XenNotes.Number.Features, out _)[0] = (byte)'!';
                break;
            case "pae":
                Find(image, XenNotes.Number.PaeMode, out _)[0] = (byte)'Y';
                break;
            case "no base":
                Find(image, XenNotes.Number.VirtBase, out int note);
                image[note + 8] = 0x63;
                break;
            case "entry":
                WriteNumber(image, XenNotes.Number.Entry, ReadNumber(image, XenNotes.Number.VirtBase) + 0x100000);
                break;
            case "base above":
                WriteNumber(image, XenNotes.Number.VirtBase, 0xffffffff90000000);
                WriteNumber(image, XenNotes.Number.PaddrOffset, 0x10000000);
                break;
            case "no notes":
                image.AsSpan().Replace((byte)'X', (byte)'Y');
                break;
        }

        return image;
    }

    /// <summary>The descriptor of a note, to be changed, and where the note's header starts.</summary>
    private static Span<byte> Find(byte[] image, uint type, out int header)
    {
        Note note = ElfFile.Open(KernelBytes.FromMemory(image)).Notes.InSegments.Single(note => note.Type == type && note.Owner == "Xen");
        header = (int)note.Offset;
        return image.AsSpan((int)note.DescriptorOffset, note.DescriptorSize);
    }

    private static ulong ReadNumber(byte[] image, uint type)
    {
        Span<byte> bytes = Find(image, type, out _);
        return bytes.Length == sizeof(uint)
            ? BinaryPrimitives.ReadUInt32LittleEndian(bytes)
            : BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private static void WriteNumber(byte[] image, uint type, ulong value)
    {
        Span<byte> bytes = Find(image, type, out _);
        if (bytes.Length == sizeof(uint))
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)value);
        else
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
    }
}
