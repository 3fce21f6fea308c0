using BootProtocol.Elf;
using BootProtocol.Rules;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Rules;

public sealed class BootWaysTests
{
    private const ulong Base = 0xffffffff80000000;
    private const ulong Start = 0x1000000;
    private const uint Size = 0x10000;

    [Theory]
    [InlineData("6.1-cloud-amd64", true, "linux64 linux32 pvh xen-pv")]
    [InlineData("6.12-amd64", true, "linux64 linux32 pvh xen-pv")]
    [InlineData("6.12-amd64", false, "linux64 pvh xen-pv")]
    [InlineData("6.1-686-pae", true, "linux32 pvh")]
    [InlineData("6.1-686-pae", false, "linux32 pvh")]
    [InlineData("installer-i386", true, "linux32")]
    [InlineData("trixie-rt-amd64", true, "linux64 linux32 pvh xen-pv")]
    [InlineData("sid-amd64", true, "linux64 linux32 pvh xen-pv")]
    [InlineData("sid-cloud-amd64", false, "linux64 pvh xen-pv")]
    [InlineData("grub-xen-sid/grub-i386-xen.bin", false, "xen-pv")]
    [InlineData("grub-xen-sid/grub-x86_64-xen.bin", false, "xen-pv")]
    [InlineData("grub-xen-sid/grub-i386-xen_pvh.bin", false, "pvh")]
    [InlineData("gnumach-xen-486/gnumach.gz", false, "xen-pv")]
    [InlineData("gnumach-xen-amd64/gnumach.gz", false, "")]
    [InlineData("xen-shim-4.17/xen-shim", false, "pvh")]
    [InlineData("xen-shim-4.20/xen-shim", false, "pvh")]
    [InlineData("grub-i386-xen.bin", false, "xen-pv")]
    [InlineData("grub-x86_64-xen.bin", false, "xen-pv")]
    [InlineData("grub-i386-xen_pvh.bin", false, "pvh")]
    [Needs(Need.Kernels)]
    public void Real_kernels_start_as_they_do(string name, bool hasLinuxHeader, string ways)
    {
        IReadOnlyList<BootWayCheck> all = BootWays.Of(DecodedKernels.Open(name), hasLinuxHeader);
        Assert.Equal(["linux64", "linux32", "pvh", "xen-pv"], all.Select(way => way.Name));
        Assert.Equal(ways, string.Join(' ', all.Where(way => way.Possible).Select(way => way.Name)));
        Assert.All(all, way => Assert.Equal(way.Possible, way.Reason is null));
    }

    [Fact]
    public void A_whole_set_of_notes_starts_everywhere()
    {
        ElfFile kernel = Kernel(Notes()).Open();
        Assert.Equal("linux64 pvh xen-pv", string.Join(' ', BootWays.Of(kernel).Where(way => way.Possible).Select(way => way.Name)));
    }

    public static TheoryData<BootWay, string, Func<TestNotesBox>> Refusals => new()
    {
        { BootWay.XenPv, "LOADER is \"other\", GUEST_OS is absent", () => new(Notes(guest: null).Add("Xen", 8, "other")) },
        { BootWay.XenPv, "XEN_VERSION is \"xen-2.0\"", () => new(Notes().Add("Xen", 5, "xen-2.0")) },
        { BootWay.XenPv, "XEN_VERSION is absent", () => new(new TestNotes().Add("Xen", 6, "linux")) },
        { BootWay.XenPv, "requires the unknown feature \"warp_drive\"", () => new(Notes().Add("Xen", 10, "!warp_drive")) },
        { BootWay.Pvh, "requires the unknown feature \"warp_drive\"", () => new(Notes().Add("Xen", 10, "!warp_drive")) },
        { BootWay.XenPv, "first domain only", () => new(Notes().Add("Xen", 10, "!dom0")) },
        { BootWay.XenPv, "PADDR_OFFSET without VIRT_BASE", () => new(Bare().Add("Xen", 4, 0ul)) },
        { BootWay.XenPv, "entry 0xffffffff80ffffff lies outside", () => new(Notes().Add("Xen", 1, Base + Start - 1)) },
        { BootWay.XenPv, "entry 0xffffffff81010001 lies outside", () => new(Notes().Add("Xen", 1, Base + Start + Size + 1)) },
        { BootWay.XenPv, "INIT_P2M 0xffffffff8100ffff lies inside", () => new(Notes().Add("Xen", 15, Base + Start + Size - 1)) },
        { BootWay.XenPv, "not above its VIRT_BASE", () => new(Notes().Add("Xen", 4, Start + 1)) },
        { BootWay.Pvh, "PHYS32_ENTRY 0x1010001 lies outside", () => new(Notes().Add("Xen", 18, (uint)Start + Size + 1)) },
        { BootWay.Pvh, "no note PHYS32_ENTRY", () => new(Bare()) },
        { BootWay.XenPv, "neither notes of Xen nor a section __xen_guest", () => new(new TestNotes().Add("Linux", 0x101, 0u)) },
        { BootWay.Linux32, "64-bit kernel without the 32-bit entry", () => new(Notes()) },
        { BootWay.Linux64, "not a Linux kernel", () => new(Notes(guest: "GRUB")) },
        { BootWay.XenPv, "LOADER is \"a?b?c\"", () => new(Notes(guest: null).Add("Xen", 8, "a\nb\u00e9c")) },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Every_refusal_has_its_reason(BootWay way, string reason, Func<TestNotesBox> notes)
    {
        BootWayCheck found = BootWays.Of(Kernel(notes().Notes).Open()).Single(candidate => candidate.Way == way);
        Assert.False(found.Possible);
        Assert.Contains(reason, found.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', found.Reason!);
    }

    [Fact]
    public void The_edges_of_a_kernel_are_allowed()
    {
        foreach (TestNotes notes in (TestNotes[])[
            Notes().Add("Xen", 1, Base + Start),
            Notes().Add("Xen", 1, Base + Start + Size),
            Notes().Add("Xen", 15, Base + Start + Size),
            Notes().Add("Xen", 15, Base + Start - 1)])
        {
            Assert.True(BootWays.Of(Kernel(notes).Open())[3].Possible);
        }
    }

    [Fact]
    public void Linux_is_known_by_section_and_symbol_too()
    {
        TestElf bare = Kernel(new TestNotes().Add("GNU", 3, 0u));
        Assert.False(BootWays.Of(bare.Open())[0].Possible);
        Assert.True(BootWays.Of(bare.Open(), hasLinuxHeader: true)[0].Possible);

        TestElf bySection = Kernel(new TestNotes()).Add(new TestSection("__param", SectionType.ProgramBits, [0]));
        Assert.True(BootWays.Of(bySection.Open())[0].Possible);

        TestElf bySymbol = Kernel(new TestNotes());
        bySymbol.Add(
            new TestSection(".strtab", SectionType.StringTable, "\0linux_banner\0"u8.ToArray()),
            new TestSection(".symtab", SectionType.SymbolTable, bySymbol.MakeSymbol(1, 0, 0, SymbolType.Object))
            {
                Link = 1,
                EntrySize = 24,
            });
        Assert.True(BootWays.Of(bySymbol.Open())[0].Possible);
    }

    [Fact]
    public void Machine_entry_and_place_decide()
    {
        TestSegment segment = new(SegmentType.Load, [0]) { PhysicalAddress = Start };
        ElfFile arm = new TestElf { Machine = ElfMachine.Arm64 }.Add(segment).Open();
        const string Other = "not a kernel for x86: 64-bit ELF file for Arm with 64 bits (machine 183)";
        Assert.All(BootWays.Of(arm, true), way => Assert.Equal(Other, way.Reason));
        ElfFile mixed = new TestElf { Word = WordSize.Bits32, Machine = ElfMachine.X8664 }.Add(segment).Open();
        Assert.All(BootWays.Of(mixed, true), way => Assert.Equal(
            "not a kernel for x86: 32-bit ELF file for x86 with 64 bits, also for x32 (machine 62)", way.Reason));

        ElfFile empty = new TestElf { Entry = Start }.Add(new TestSegment(SegmentType.Load, []) { PhysicalAddress = Start }, Notes().Segment()).Open();
        Assert.All(BootWays.Of(empty, true), way => Assert.Equal("its segments have no byte in memory", way.Reason));

        ElfFile virtualEntry = new TestElf { Entry = Base + Start }.Add(segment).Open();
        Assert.Contains("not a physical address", BootWays.Of(virtualEntry, true)[0].Reason, StringComparison.Ordinal);

        ElfFile high = new TestElf()
            .Add(new TestSegment(SegmentType.Load, [0]) { PhysicalAddress = 0x1_0000_0000 }, Notes().Segment())
            .Open();
        Assert.Contains("above 4 GiB", BootWays.Of(high)[2].Reason, StringComparison.Ordinal);

        ElfFile narrow = new TestElf { Word = WordSize.Bits32, Entry = Start }
            .Add(segment, Bare().Add("Xen", 9, "no").Segment())
            .Open();
        Assert.Equal("it is a 32-bit kernel", BootWays.Of(narrow)[0].Reason);
        Assert.True(BootWays.Of(narrow)[1].Possible);
        Assert.Contains("without PAE", BootWays.Of(narrow)[3].Reason, StringComparison.Ordinal);
    }

    private static TestNotes Bare() => new TestNotes().Add("Xen", 6, "linux").Add("Xen", 5, "xen-3.0");

    private static TestNotes Notes(string? guest = "linux")
    {
        TestNotes notes = new TestNotes()
            .Add("Xen", 5, "xen-3.0")
            .Add("Xen", 3, Base)
            .Add("Xen", 1, Base + Start + 0x100)
            .Add("Xen", 18, (uint)Start + 0x200);
        return guest is null ? notes : notes.Add("Xen", 6, guest).Add("Xen", 8, "generic");
    }

    private static TestElf Kernel(TestNotes notes) => new TestElf { Entry = Start }.Add(
        new TestSegment(SegmentType.Load, [1, 2, 3, 4]) { PhysicalAddress = Start, MemorySize = Size },
        notes.Segment());

    /// <summary>Keeps the notes out of the names of the tests.</summary>
    public sealed class TestNotesBox
    {
        internal TestNotesBox(TestNotes notes) => Notes = notes;

        internal TestNotes Notes { get; }
    }
}
