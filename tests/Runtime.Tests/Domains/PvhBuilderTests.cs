using System.Collections.Immutable;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Relocate;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Sample;
using BootProtocol.Testing;
using BootProtocol.X86;
using BootProtocol.Xen;
using SegmentType = BootProtocol.Elf.SegmentType;

namespace BootProtocol.Runtime.Tests.Domains;

/// <summary>What a PVH guest cannot be made of, and where its parts go when the usual place is not free.</summary>
[Needs(Need.Kernels)]
public sealed class PvhBuilderTests
{
    private const string OutsideOfNote =
        "kernel.start: expected a multiple of 0x200000 from 0x1000000 on, its end up to 0x3fffffff (note PHYS32_RELOC), found ";

    private static readonly PvhBuilder _usual = new() { MemorySize = 256 << 20 };

    public static TheoryData<string, PvhBuilder, string> Impossible => new()
    {
        {
            DebianKernels.Grub64, _usual,
            "kernel: expected one that can be started by PVH, found one that cannot: it has no note PHYS32_ENTRY"
        },
        {
            DebianKernels.Cloud61, new PvhBuilder { MemorySize = 256 << 20, KernelAddress = new Paddr(0x2000000) },
            "kernel.start: expected 0x1000000: the kernel has no note PHYS32_RELOC, and can be nowhere else, found 0x2000000"
        },
        {
            DebianKernels.Cloud61, new PvhBuilder { MemorySize = 256 << 20, KernelAddress = new Paddr(0x1000000), Kaslr = Kaslr.At(0x200000) },
            "kernel.start: expected 0x1200000: the kernel has no note PHYS32_RELOC, and can be nowhere else, found 0x1000000"
        },
        {
            DebianKernels.Cloud61, new PvhBuilder { MemorySize = 96 << 20, Kaslr = Kaslr.At(0x4000000) },
            "relocations.offset: expected one of 0x0 to 0x2200000 in steps of 0x200000, found 0x4000000; "
                + "the guest needs at least 126M of memory"
        },
        {
            DebianKernels.Amd64612, new PvhBuilder { MemorySize = 96 << 20, Kaslr = Kaslr.At(0x12345) },
            "relocations.offset: expected one of 0x0 to 0x3b800000 in steps of 0x200000, found 0x12345"
        },
        {
            DebianKernels.Amd64612, new PvhBuilder { MemorySize = 256 << 20, KernelAddress = new Paddr(0x2100000) },
            OutsideOfNote + "0x2100000"
        },
        {
            DebianKernels.Amd64612, new PvhBuilder { MemorySize = 256 << 20, KernelAddress = new Paddr(0x800000) },
            OutsideOfNote + "0x800000"
        },
        {
            DebianKernels.Amd64612, new PvhBuilder { MemorySize = 2048UL << 20, KernelAddress = new Paddr(0x3d000000) },
            OutsideOfNote + "0x3d000000"
        },
        {
            DebianKernels.Amd64612, new PvhBuilder { MemorySize = 64 << 20 },
            "memory.kernel at offset 0x1000000: expected a place in the guest's memory, found 0x1000000-0x4200000; "
                + "the guest needs at least 66M of memory"
        },
        {
            DebianKernels.Amd64612, new PvhBuilder { MemorySize = 96 << 20, Initrds = [new byte[40 << 20]] },
            "memory.initrd: expected 0x2800000 bytes free, aligned to 0x1000, at 0x100000-0x100000000, found no such room; "
                + "the guest needs at least 107M of memory"
        },
        {
            DebianKernels.Amd64612, new PvhBuilder { MemorySize = 256 << 20, Map = Ranges(128) },
            "hvm_start_info.memmap_entries at offset 0x30: expected at most 127 ranges, "
                + "as Linux does not check its own table of them, found 128"
        },
        {
            DebianKernels.Amd64612, new PvhBuilder { MemorySize = 256 << 20, Version = 2 },
            "hvm_start_info.version at offset 0x4: expected 0 or 1, found 2"
        },
        {
            DebianKernels.Amd64612, new PvhBuilder { MemorySize = 256 << 20, Modules = [new PvhModule(default)] },
            "hvm_modlist_entry.module 0: expected at least one byte, and less than 2 GiB, found 0 bytes"
        },
        {
            DebianKernels.Amd64612, new PvhBuilder { MemorySize = 256 << 20, Modules = [new PvhModule(new byte[1], "a\0b")] },
            "module command line at offset 0x1: expected no NUL, found one"
        },
        {
            DebianKernels.Find("grub-xen", "grub-i386-xen_pvh.bin"), new PvhBuilder { MemorySize = 256 << 20, Kaslr = Kaslr.Random(1) },
            "relocations: expected relocation lists behind the kernel, to run it elsewhere, found none"
        },
    };

    [Theory]
    [MemberData(nameof(Impossible), DisableDiscoveryEnumeration = true)]
    public void What_is_not_possible_is_one_clear_line(string kernel, PvhBuilder builder, string message)
    {
        var exception = Assert.ThrowsAny<BootException>(() => Build(kernel, builder).Dispose());
        Assert.Equal(message, exception.Message);
    }

    [Fact]
    public void Map_of_127_ranges_is_taken_for_linux_and_more_for_others()
    {
        using PvhDomain linux = Build(DebianKernels.Amd64612, new PvhBuilder { MemorySize = 256 << 20, Map = Ranges(127) });
        Assert.Equal(127u, linux.StartInfo.MemmapEntries);
        using var image = BootImage.Open(SampleGuest.Create(WordSize.Bits64));
        using Kernel kernel = image.Decompress();
        using PvhDomain other = new PvhBuilder { MemorySize = 256 << 20, Map = Ranges(300) }.Build(kernel);
        Assert.Equal(300u, other.StartInfo.MemmapEntries);
    }

    [Fact]
    public void Kernel_that_can_be_moved_goes_round_a_hole_at_its_place()
    {
        MemoryMap map = Holed(0x1800000, 0x1a00000);
        using PvhDomain domain = Build(DebianKernels.Amd64612, new PvhBuilder { MemorySize = 256 << 20, Map = map });
        Assert.Equal(new Paddr(0x1a00000), domain.Placement.Start);
        Assert.Equal(0x1a00a30u, domain.Cpu.InstructionPointer.Value);
        Assert.Equal(0u, domain.Placement.VirtualOffset);

        var exception = Assert.ThrowsAny<BootException>(
            () => Build(DebianKernels.Cloud61, new PvhBuilder { MemorySize = 256 << 20, Map = map }).Dispose());
        Assert.Equal("a place in the guest's memory", exception.Expected);
        Assert.Equal("0x1000000-0x3e00000", exception.Found);
    }

    [Fact]
    public void What_has_no_room_behind_the_kernel_goes_before_it()
    {
        byte[] initrd = new byte[12 << 20];
        initrd.AsSpan().Fill(0x5a);
        MemoryMap map = Holed(0x4202000, 0xf800000);
        using PvhDomain domain = Build(DebianKernels.Amd64612, new PvhBuilder
        {
            MemorySize = 256 << 20,
            Map = map,
            Initrds = [initrd],
            Modules = [new PvhModule(new byte[100])],
        });
        ImmutableArray<Region> regions = domain.Regions;
        Assert.Equal("initrd", regions[0].Name);
        Assert.Equal(new Paddr(0x100000), regions[0].Start);
        Assert.Equal("the lowest free place below 4 GiB: there is none behind the kernel", regions[0].Reason);
        Assert.Equal("module 1", regions[^1].Name);
        Assert.Equal(new Paddr(0x4201000), regions[^1].Start);
        Assert.True(domain.Memory.Slice(regions[0].Start, initrd.Length).Span.SequenceEqual(initrd));
    }

    [Fact]
    public void Start_info_of_linux_stays_in_its_first_gibibyte()
    {
        MemoryMap map = Holed(0x4200000, 1UL << 30, 2UL << 30);
        using PvhDomain domain = Build(DebianKernels.Amd64612, new PvhBuilder { MemorySize = 2048UL << 20, Map = map });
        Assert.Equal(new Paddr(0x100000), domain.StartInfoAddress);

        using PvhDomain other = Build(
            DebianKernels.Amd64612, new PvhBuilder { MemorySize = 2048UL << 20, Map = map, Initrds = [new byte[16 << 20]] });
        Region initrd = other.Regions.Single(region => region.Name == "initrd");
        Assert.Equal(new Paddr(1 << 30), initrd.Start);
    }

    /// <summary>Memory that ends in the midst of the page behind the kernel: whatever is to go there is refused.</summary>
    [Theory]
    [InlineData(null, 0, "hvm_start_info")]
    [InlineData(null, 1, "initrd")]
    [InlineData(1u, 0, "hvm_start_info")]
    [InlineData(1u, 1, "hvm_start_info")]
    public void A_part_of_a_page_is_no_room(uint? modStartPfn, int initrd, string part)
    {
        TestNotes notes = new TestNotes().Add("Xen", XenNotes.Number.Phys32Entry, 0x1000000u);
        if (modStartPfn is { } value)
            notes.Add("Xen", XenNotes.Number.ModStartPfn, value);
        byte[] elf = new TestElf()
            .Add(new TestSegment(SegmentType.Load, [0xf4]) { PhysicalAddress = 0x1000000, MemorySize = 0x1000 }, notes.Segment())
            .Build();
        using BootImage image = BootImage.Open(elf);
        using Kernel kernel = image.Decompress();
        var builder = new PvhBuilder
        {
            MemorySize = 0,
            Map = new MemoryMap([new MemoryRange(new Paddr(0x1000000), 0x1f00, E820Type.Ram)]),
            Initrds = initrd == 0 ? [] : [new byte[initrd]],
        };
        var exception = Assert.ThrowsAny<BootException>(() => builder.Build(kernel).Dispose());
        Assert.StartsWith($"memory.{part}: expected 0x1000 bytes free", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_part_is_a_region_of_its_own_with_its_reason()
    {
        using PvhDomain domain = Build(
            DebianKernels.Cloud61, new PvhBuilder { MemorySize = 256 << 20, CommandLine = "quiet", Initrds = [new byte[1], new byte[1]] });
        Assert.All(domain.Regions, region => Assert.NotEmpty(region.Reason));
        Assert.All(domain.Regions.Zip(domain.Regions.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start));
        Assert.Equal(5u, domain.Regions[^1].Length);
        HvmStartInfo info = domain.StartInfo;
        Assert.Equal(domain.Regions.Single(region => region.Name == "command line").Start, info.CmdlinePaddr);
        Assert.Equal(domain.Regions.Single(region => region.Name == "memory map").Start, info.MemmapPaddr);
        Assert.Equal(1u, info.NrModules);
        Assert.Equal((ulong)(Cr0.Pe | Cr0.Et), domain.Cpu.Cr0);
        Assert.False(domain.HasOwnMap);
    }

    private static PvhDomain Build(string path, PvhBuilder builder)
    {
        using var image = BootImage.Open(path);
        using Kernel kernel = image.Decompress();
        return builder.Build(kernel);
    }

    /// <summary>Memory of 256 MiB, in that many ranges.</summary>
    private static MemoryMap Ranges(int count) => new(
    [
        .. MemoryMap.ForPc(256 << 20).Ranges,
        .. Enumerable.Range(4, count - 2).Select(index => new MemoryRange(new Paddr((ulong)index << 30), 4096, E820Type.Reserved)),
    ]);

    private static MemoryMap Holed(ulong from, ulong to, ulong end = 256 << 20) => new(
    [
        new MemoryRange(new Paddr(0), 0xa0000, E820Type.Ram),
        new MemoryRange(new Paddr(0x100000), from - 0x100000, E820Type.Ram),
        new MemoryRange(new Paddr(to), end - to, E820Type.Ram),
    ]);
}
