using System.Buffers.Binary;
using System.Collections.Immutable;
using BootProtocol.Domains;
using BootProtocol.Elf;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Relocate;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Domains;

/// <summary>Where the parts of a Linux guest go: every rule kept, and broken, with an error that names what is in the way.</summary>
public sealed class LinuxPlacementTests
{
    private const ulong MiB = LinuxGuest.MiB;

    /// <summary>No two regions have a byte in common, all are memory above 1 MiB, what the kernel needs at first among it.</summary>
    [Theory]
    [InlineData("6.12-amd64", WordSize.Bits64, false)]
    [InlineData("6.12-amd64", WordSize.Bits64, true)]
    [InlineData("6.12-amd64", WordSize.Bits32, false)]
    [InlineData("6.1-686-pae", WordSize.Bits32, false)]
    [InlineData("6.1-686-pae", WordSize.Bits32, true)]
    [Needs(Need.Kernels)]
    public void RegionsAreApartAndHoldTheRuntimeWindow(string name, WordSize mode, bool inGuest)
    {
        foreach (ulong memory in new[] { 96 * MiB, 512 * MiB, 3072 * MiB, 6144 * MiB })
        {
            using LinuxDomain domain = LinuxGuest.Build(name, new LinuxBootBuilder
            {
                MemorySize = memory,
                Mode = mode,
                DecompressInGuest = inGuest,
                Initrds = [new byte[5 << 20]],
                CommandLine = "console=ttyS0",
                SetupData = [SetupDataNode.RngSeed(new byte[32])],
            });
            ImmutableArray<Region> regions = domain.Regions;
            for (int i = 0; i < regions.Length; i++)
            {
                Assert.True(regions[i].Start.Value >= MiB);
                Assert.True(domain.Map.IsRam(regions[i].Start, regions[i].Length));
                Assert.NotEmpty(regions[i].Reason);
                if (i > 0)
                    Assert.True(regions[i - 1].End <= regions[i].Start);
            }

            // What is claimed is what the regions say, in whole pages.
            foreach (GuestExtent extent in domain.Memory.Extents)
            {
                for (ulong page = extent.Start.Value; page < extent.End.Value; page += 4096)
                    Assert.Contains(regions, region => region.Start.Value < page + 4096 && page < region.End.Value);
            }

            // A kernel whose own memory is all that it needs has no window behind it.
            Assert.Equal(0x1000000u, domain.Placement.Start.Value);
            Region kernel = Assert.Single(regions, static region => region.Start.Value == 0x1000000);
            Region? window = regions.SingleOrDefault(static region => region.Name == "kernel runtime window");
            Assert.True(window is null || window.Start == kernel.End);
            Assert.Equal(0x1000000 + InitSize(name), (window ?? kernel).End.Value);
        }
    }

    [Theory]
    [InlineData(0x1800000, "kernel")]
    [InlineData(0x4700000, "kernel runtime window")]
    [InlineData(0x101000, "command line")]
    [InlineData(0x103000, "page tables")]
    [InlineData(0x109000, "setup_data")]
    [Needs(Need.Kernels)]
    public void AnInitrdOnTopOfSomethingIsRefused(ulong address, string other)
    {
        string error = LinuxGuest.Refuse(() => LinuxGuest.Build("6.12-amd64", new LinuxBootBuilder
        {
            MemorySize = 512 * MiB,
            Initrds = [new byte[4096]],
            InitrdAddress = new Paddr(address),
            SetupData = [SetupDataNode.RngSeed(new byte[32])],
        }));
        Assert.Contains("initrd", error, StringComparison.Ordinal);
        Assert.Contains($"apart from {other} at", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x1000000, "kernel")]
    [InlineData(0x47ed000, "kernel runtime window")]
    [Needs(Need.Kernels)]
    public void ParametersOnTopOfTheKernelAreRefused(ulong address, string other)
    {
        string error = LinuxGuest.Refuse(() => LinuxGuest.Build(
            "6.12-amd64", new LinuxBootBuilder { MemorySize = 512 * MiB, ParametersAddress = new Paddr(address) }));
        Assert.Contains("boot_params", error, StringComparison.Ordinal);
        Assert.Contains($"apart from {other} at", error, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsNoMemoryIsRefused()
    {
        var initrd = new LinuxBootBuilder { MemorySize = 64 * MiB, Initrds = [new byte[4096]], InitrdAddress = new Paddr(64 * MiB) };
        Assert.Contains("expected a place in the guest's memory", Refuse(initrd), StringComparison.Ordinal);
        var parameters = new LinuxBootBuilder { MemorySize = 64 * MiB, ParametersAddress = new Paddr(0xa0000) };
        Assert.Contains("expected a place in the guest's memory", Refuse(parameters), StringComparison.Ordinal);
        var kernel = new LinuxBootBuilder { MemorySize = 64 * MiB, KernelAddress = new Paddr(64 * MiB) };
        Assert.Contains("expected a place in the guest's memory", Refuse(kernel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("6.12-amd64", WordSize.Bits64, false)]
    [InlineData("6.12-amd64", WordSize.Bits64, true)]
    [InlineData("6.1-686-pae", WordSize.Bits32, false)]
    [Needs(Need.Kernels)]
    public void AKernelTooBigForTheMemoryIsRefused(string name, WordSize mode, bool inGuest)
    {
        var builder = new LinuxBootBuilder { MemorySize = 32 * MiB, Mode = mode, DecompressInGuest = inGuest };
        string error = LinuxGuest.Refuse(() => LinuxGuest.Build(name, builder));
        Assert.StartsWith("memory.kernel: ", error, StringComparison.Ordinal);
        Assert.Contains("no such room", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(InitrdPlace.Automatic)]
    [InlineData(InitrdPlace.Highest)]
    public void AnInitrdTooBigForTheMemoryIsRefused(InitrdPlace place)
    {
        string error = Refuse(new LinuxBootBuilder { MemorySize = 16 * MiB, Initrds = [new byte[16 << 20]], InitrdPlace = place });
        Assert.Contains("0x1000000 bytes of free memory below initrd_addr_max 0x7fffffff", error, StringComparison.Ordinal);
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void AnInitrdGoesBehindTheWindowOrHighOrAbove4GiB()
    {
        Assert.Equal(0x1000000 + InitSize("6.12-amd64"), Place(InitrdPlace.Automatic, 0x7fffffff, true));
        Assert.Equal(0x80000000UL - 0x2000, Place(InitrdPlace.Highest, 0x7fffffff, true));
        Assert.Equal(0x38000000UL - 0x2000, Place(InitrdPlace.Highest, 0x37ffffff, true));
        Assert.Equal(0x100000000UL, Place(InitrdPlace.Above4GiB, 0x7fffffff, true));

        // Below the limit there are the parameters: the only room is above 4 GiB.
        Assert.Equal(0x100000000UL, Place(InitrdPlace.Automatic, 0x100fff, true));
        _ = Assert.Throws<BootRequestException>(() => Place(InitrdPlace.Automatic, 0x100fff, false));
        BootRequestException error = Assert.Throws<BootRequestException>(() => Place(InitrdPlace.Above4GiB, 0x7fffffff, false));
        Assert.Contains("XLF_CAN_BE_LOADED_ABOVE_4G", error.Message, StringComparison.Ordinal);

        static ulong Place(InitrdPlace place, uint limit, bool above)
        {
            byte[] image = File.ReadAllBytes(DebianKernels.Amd64612);
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x22c), limit);
            if (!above)
                image[0x236] &= 0xfd;
            using LinuxDomain domain = LinuxGuest.Build(image, new LinuxBootBuilder
            {
                MemorySize = 6144 * MiB,
                Initrds = [new byte[0x1001]],
                InitrdPlace = place,
            });
            BootParams parameters = domain.BootParams;
            ulong address = parameters.Hdr.RamdiskImage.Value | ((ulong)parameters.ExtRamdiskImage << 32);
            Assert.Equal(Assert.Single(domain.Regions, static region => region.Name == "initrd").Start.Value, address);
            Assert.Equal((0x1001u, 0u), (parameters.Hdr.RamdiskSize, parameters.ExtRamdiskSize));
            return address;
        }
    }

    /// <summary>Before protocol 2.10 nobody knows what the kernel's start uses behind it: everything goes as far away as may be.</summary>
    [Fact]
    public void WithoutInitSizeEverythingGoesHigh()
    {
        using LinuxDomain domain = LinuxGuest.BuildSample(
            WordSize.Bits64,
            new LinuxBootBuilder { MemorySize = 64 * MiB, Initrds = [new byte[0x1001]] },
            static image => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x206), 0x209));
        string[] names = ["kernel", "initrd", "boot_params", "command line", "segment descriptors", "page tables"];
        Assert.Equal(names, domain.Regions.Select(static region => region.Name));
        Assert.Equal(64 * MiB, domain.Regions[^1].End.Value);
        Assert.Equal(domain.Regions[2].Start.Value - 0x2000, domain.Regions[1].Start.Value);
    }

    /// <summary>The kernel starts in the midst of a page, whose lower half is nobody else's.</summary>
    [Fact]
    public void AnInitrdKeepsOutOfTheKernelsFirstPage()
    {
        byte[] elf = new TestElf { Word = WordSize.Bits32, Entry = 0x1000800 }
            .Add(
                new TestSegment(SegmentType.Load, [1, 2, 3, 4]) { PhysicalAddress = 0x1000800, MemorySize = 0x1000 },
                new TestNotes().Add("Linux", 0x101, 0u).Segment())
            .Build();
        var map = new MemoryMap([
            new MemoryRange(new Paddr(0), 0xa0000, E820Type.Ram),
            new MemoryRange(new Paddr(MiB), (15 * MiB) + 0x2000, E820Type.Ram),
        ]);
        ReadOnlyMemory<byte> initrd = new byte[0x2400];
        using LinuxDomain domain = LinuxGuest.Build(elf, new LinuxBootBuilder
        {
            MemorySize = 0,
            Map = map,
            Mode = WordSize.Bits32,
            InitrdPlace = InitrdPlace.Highest,
            Initrds = [initrd],
        });
        Region region = Assert.Single(domain.Regions, static region => region.Name == "initrd");
        Assert.Equal((0xffd000ul, 0x2400ul), (region.Start.Value, region.Length));
        var wished = new LinuxBootBuilder
        {
            MemorySize = 0,
            Map = map,
            Mode = WordSize.Bits32,
            InitrdAddress = new Paddr(0xffe000),
            Initrds = [initrd],
        };
        Assert.Contains("apart from kernel at", LinuxGuest.Refuse(() => LinuxGuest.Build(elf, wished)), StringComparison.Ordinal);
    }

    /// <summary>A place by min_alignment, here 2 MiB, is told to the kernel.</summary>
    [Theory]
    [InlineData(WordSize.Bits64, 0x1000000, 0x1000000)]
    [InlineData(WordSize.Bits64, 0x1800000, 0x800000)]
    [InlineData(WordSize.Bits64, 0x1a00000, 0x200000)]
    [InlineData(WordSize.Bits32, 0x1a00000, 0x200000)]
    [InlineData(WordSize.Bits32, 0x2000000, 0x1000000)]
    public void APlaceByTheLeastAlignmentIsTold(WordSize word, ulong place, uint alignment)
    {
        var builder = new LinuxBootBuilder { MemorySize = 64 * MiB, Mode = word, KernelAddress = new Paddr(place) };
        using LinuxDomain domain = LinuxGuest.BuildSample(word, builder, static image =>
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x230), 0x1000000);
            image[0x235] = 21;
        });
        Assert.Equal(place, domain.Placement.Start.Value);
        Assert.Equal(alignment, domain.BootParams.Hdr.KernelAlignment);
    }

    /// <summary>What is chosen without a caller's wish, virtual offset and place, goes by kernel_alignment, here 16 MiB.</summary>
    [Theory]
    [InlineData(WordSize.Bits64)]
    [InlineData(WordSize.Bits32)]
    public void WhatIsChosenGoesByTheKernelsAlignment(WordSize word)
    {
        var hole = new MemoryMap(
        [
            new MemoryRange(new Paddr(0), 0xa0000, E820Type.Ram),
            new MemoryRange(new Paddr(0x100000), 0x180000, E820Type.Ram),
            new MemoryRange(new Paddr(0x300000), 0x4000000, E820Type.Ram),
        ]);
        var chosen = new HashSet<ulong>();
        for (int seed = 0; seed < 12; seed++)
        {
            using LinuxDomain random = Build(new LinuxBootBuilder { MemorySize = 256 * MiB, Mode = word, Kaslr = Kaslr.Random(seed) });
            Assert.Equal(0ul, random.Placement.VirtualOffset % 0x1000000);
            chosen.Add(random.Placement.VirtualOffset);
        }

        Assert.InRange(chosen.Count, 3, 12);
        using LinuxDomain moved = Build(new LinuxBootBuilder { MemorySize = 128 * MiB, Mode = word, Map = hole });
        Assert.Equal(0x1000000u, moved.Placement.Start.Value);

        LinuxDomain Build(LinuxBootBuilder builder) => LinuxGuest.BuildSample(word, builder, static image =>
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x230), 0x1000000);
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x260), 0x200000);
            image[0x235] = 21;
        });
    }

    /// <summary>boot_params and what belongs to them have addresses of 32 bits.</summary>
    [Theory]
    [InlineData(0x1_0000_0000)]
    [InlineData(0x1_0000_1000)]
    [InlineData(0x1_4000_0000)]
    [InlineData(0xffff_f000)]
    [InlineData(0x20_0800)]
    public void ParametersThatAWishPutsElsewhereThanBelow4GiBAreRefused(ulong wish)
    {
        var map = new MemoryMap([new MemoryRange(new Paddr(0), 0xa0000, E820Type.Ram), new MemoryRange(new Paddr(MiB), 6ul << 30, E820Type.Ram)]);
        var builder = new LinuxBootBuilder { MemorySize = 6144 * MiB, Map = map, ParametersAddress = new Paddr(wish) };
        string error = LinuxGuest.Refuse(() => LinuxGuest.BuildSample(WordSize.Bits64, builder));
        Assert.StartsWith("memory.boot_params: expected the address of a page, all below 4 GiB, found 0x", error, StringComparison.Ordinal);
        Assert.EndsWith($" bytes at 0x{wish:x}", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x1000800, null)]
    [InlineData(0x1000000, 0x1000800)]
    public void ABzImageThatIsToRunInTheMidstOfAPageIsRefused(ulong preferred, int? wish)
    {
        var builder = new LinuxBootBuilder
        {
            MemorySize = 64 * MiB,
            DecompressInGuest = true,
            KernelAddress = wish is { } address ? new Paddr((ulong)address) : null,
        };
        string error = LinuxGuest.Refuse(() => LinuxGuest.BuildSample(WordSize.Bits64, builder, image =>
        {
            BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(0x258), preferred);
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x230), 0x100);
        }));
        Assert.Contains("the address of a page, found 0x1000800", error, StringComparison.Ordinal);
    }

    [Fact]
    public void AnInitrdBeyondItsLimitIsRefused()
    {
        byte[] image = SampleGuest.Create(WordSize.Bits64);
        image[0x236] &= 0xfd;
        var builder = new LinuxBootBuilder
        {
            MemorySize = 3072 * MiB,
            Initrds = [new byte[0x1001]],
            InitrdAddress = new Paddr(0x7ffff000),
        };
        string error = LinuxGuest.Refuse(() => LinuxGuest.Build(image, builder));
        Assert.Contains("a place below initrd_addr_max 0x7fffffff", error, StringComparison.Ordinal);
    }

    private static ulong InitSize(string name)
    {
        byte[] image = File.ReadAllBytes(DebianKernels.Find(name, "vmlinuz"));
        return BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(0x260));
    }

    private static string Refuse(LinuxBootBuilder builder) => LinuxGuest.Refuse(() => LinuxGuest.BuildSample(WordSize.Bits64, builder));
}
