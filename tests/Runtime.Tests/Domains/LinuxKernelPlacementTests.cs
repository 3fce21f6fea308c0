using System.Buffers.Binary;
using BootProtocol.Domains;
using BootProtocol.Elf;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Relocate;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Domains;

/// <summary>Where a Linux kernel itself goes: where it was linked, where there is memory, where the caller or chance puts it.</summary>
public sealed class LinuxKernelPlacementTests
{
    private const ulong MiB = LinuxGuest.MiB;

    [Theory]
    [InlineData(WordSize.Bits64, 0x201000)]
    [InlineData(WordSize.Bits64, 0x100000)]
    [InlineData(WordSize.Bits32, 0x0)]
    [InlineData(WordSize.Bits32, 0x300000)]
    [InlineData(WordSize.Bits32, 0x100000000)]
    public void AnIllegalPlaceOfTheKernelIsRefused(WordSize word, ulong address)
    {
        var builder = new LinuxBootBuilder { MemorySize = 6144 * MiB, Mode = word, KernelAddress = new Paddr(address) };
        string error = LinuxGuest.Refuse(() => LinuxGuest.BuildSample(word, builder));
        Assert.Contains("kernel", error, StringComparison.Ordinal);
        Assert.Contains($"found 0x{address:x}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void AKernelThatIsNotRelocatableStaysWhereItIs()
    {
        foreach (bool inGuest in new[] { false, true })
        {
            string error = LinuxGuest.Refuse(() => LinuxGuest.BuildSample(
                WordSize.Bits64,
                new LinuxBootBuilder { MemorySize = 64 * MiB, KernelAddress = new Paddr(0x400000), DecompressInGuest = inGuest },
                static image => image[0x234] = 0));
            Assert.Contains("not relocatable", error, StringComparison.Ordinal);
        }
    }

    /// <summary>Memory only from 64 MiB on: the kernel goes there; a 32-bit one is relocated, as far as its place is higher.</summary>
    [Theory]
    [InlineData(WordSize.Bits64, 0)]
    [InlineData(WordSize.Bits32, 0x3e00000)]
    public void AKernelMovesWhereThereIsMemory(WordSize word, ulong offset)
    {
        var map = new MemoryMap([
            new MemoryRange(new Paddr(0), 0x300000, E820Type.Ram),
            new MemoryRange(new Paddr(0x300000), 61 * MiB, E820Type.Reserved),
            new MemoryRange(new Paddr(64 * MiB), 64 * MiB, E820Type.Ram),
        ]);
        using LinuxDomain domain = LinuxGuest.BuildSample(word, new LinuxBootBuilder { MemorySize = 0, Map = map, Mode = word });
        Assert.Equal(64 * MiB, domain.Placement.Start.Value);
        Assert.Equal(offset, domain.Placement.VirtualOffset);
        ElfFile expected = ElfFile.Open(KernelBytes.FromMemory(SampleKernel.Link(word, (long)offset).Elf));
        ulong first = expected.LoadSegments[0].PhysicalAddress.Value;
        foreach (Segment segment in expected.LoadSegments)
        {
            byte[] linked = expected.Read(segment).ToArray();
            var place = new Paddr(segment.PhysicalAddress.Value - first + domain.Placement.Start.Value);
            byte[] placed = domain.Memory.Slice(place, linked.Length).ToArray();

            // Notes say where the kernel was linked: they are for loaders, and no relocation list has them.
            foreach (Segment notes in expected.Segments)
            {
                int at = (int)((long)notes.FileOffset - (long)segment.FileOffset);
                if (notes.Type == SegmentType.Note && at >= 0 && at < placed.Length)
                    linked.AsSpan(at, (int)notes.FileSize).CopyTo(placed.AsSpan(at));
            }

            Assert.Equal(linked, placed);
        }

        // Both are linked for 2 MiB; the entry of the one that was relocated is 62 MiB higher already.
        ulong entry = ElfFile.Open(KernelBytes.FromMemory(SampleKernel.Link(word).Elf)).Header.Entry.Value;
        Assert.Equal(entry + (62 * MiB), domain.Cpu.InstructionPointer.Value);
    }

    [Fact]
    public void RandomPlacesOf32BitKernelsAreInMemory()
    {
        var seen = new HashSet<ulong>();
        for (int seed = 0; seed < 40; seed++)
        {
            using LinuxDomain domain = LinuxGuest.BuildSample(
                WordSize.Bits32, new LinuxBootBuilder { MemorySize = 32 * MiB, Mode = WordSize.Bits32, Kaslr = Kaslr.Random(seed) });
            Assert.Equal(domain.Placement.Start.Value - 0x200000, domain.Placement.VirtualOffset);
            Assert.True(domain.BootParams.Hdr.Loadflags.HasFlag(LoadFlags.Kaslr));
            seen.Add(domain.Placement.VirtualOffset);
        }

        Assert.True(seen.Count > 5);
    }

    /// <summary>There are half a thousand million places of one byte, for each size of memory that is tried until one is enough.</summary>
    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(16, 0, 16)]
    [InlineData(16, 21, 1 << 21)]
    public void RandomPlacesOf32BitKernelsAreOfAnyAlignment(uint alignment, byte least, uint step)
    {
        var seen = new HashSet<ulong>();
        for (int seed = 0; seed < 40; seed++)
        {
            using LinuxDomain domain = LinuxGuest.BuildSample(
                WordSize.Bits32,
                new LinuxBootBuilder { MemorySize = 512 * MiB, Mode = WordSize.Bits32, Kaslr = Kaslr.Random(seed) },
                image =>
                {
                    BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x230), alignment);
                    image[0x235] = least;
                });
            Assert.Equal(0UL, domain.Placement.VirtualOffset % step);
            Assert.InRange(domain.Placement.Start.Value, 0x200000UL, 512 * MiB);
            seen.Add(domain.Placement.VirtualOffset);
        }

        Assert.True(seen.Count > 30);
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void OffsetsThatAreNoneAreRefused()
    {
        var illegal = new LinuxBootBuilder { MemorySize = 64 * MiB, Kaslr = Kaslr.At(0x123000) };
        Assert.Contains("in steps of 0x200000", Refuse(illegal), StringComparison.Ordinal);
        var inGuest = new LinuxBootBuilder { MemorySize = 64 * MiB, Kaslr = Kaslr.At(0x200000), DecompressInGuest = true };
        Assert.Contains("decompresses itself", Refuse(inGuest), StringComparison.Ordinal);
        var twice = new LinuxBootBuilder
        {
            MemorySize = 64 * MiB,
            Mode = WordSize.Bits32,
            KernelAddress = new Paddr(0x800000),
            Kaslr = Kaslr.At(0x200000),
        };
        string error = LinuxGuest.Refuse(() => LinuxGuest.BuildSample(WordSize.Bits32, twice));
        Assert.Contains("no offset, or 0x600000", error, StringComparison.Ordinal);

        byte[] elf = DecodedKernels.Bytes("6.1-cloud-amd64")[..(int)DecodedKernels.Open("6.1-cloud-amd64").EndOfFile];
        foreach (Kaslr kaslr in new[] { Kaslr.At(0x200000), Kaslr.Random(1) })
        {
            error = LinuxGuest.Refuse(() => LinuxGuest.Build(elf, new LinuxBootBuilder { MemorySize = 128 * MiB, Kaslr = kaslr }));
            Assert.Contains("relocation lists behind the kernel, to run it elsewhere, found none", error, StringComparison.Ordinal);
        }
    }

    private static string Refuse(LinuxBootBuilder builder) => LinuxGuest.Refuse(() => LinuxGuest.BuildSample(WordSize.Bits64, builder));
}
