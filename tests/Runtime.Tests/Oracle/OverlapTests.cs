using System.Globalization;
using BootProtocol.Domains;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Output;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.Kernels;
using BootProtocol.Runtime.Tests.XenPv;
using BootProtocol.Testing;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Oracle;

/// <summary>Segments that overlap, which Xen's own loader copies and clears in the order of their program headers.</summary>
public sealed class OverlapTests
{
    private const ulong Base = 0x400000;

    private static readonly int _rounds = RandomRounds.Count(20);

    /// <summary>The second segment has no bytes in the file, and clears what the first one has there.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_later_program_header_counts(bool isReversed)
    {
        byte[] data = new byte[0x2345];
        data.AsSpan().Fill(0xaa);
        TestSegment[] segments = [Segment(Base, data, 0x2345), Segment(Base + 0x1000, [], 0x1000)];
        if (isReversed)
            segments = [.. segments.Reverse()];
        byte[] expected = [.. data];
        if (!isReversed)
            expected.AsSpan(0x1000, 0x1000).Clear();
        byte[] elf = new TestElf().Add(segments).Build();
        foreach (byte[] image in new[] { elf, PackedImage.Gzip(elf) })
            Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(Place(image, Base)));
    }

    /// <summary>As the headers say, byte for byte, wherever the kernel goes and whether it was decoded before or not.</summary>
    [Fact]
    public void Random_segments_are_placed_in_the_order_of_their_headers()
    {
        var random = new Random(11);
        int overlapping = 0;
        for (int round = 0; round < 60; round++)
        {
            TestSegment[] segments = Choose(random);
            byte[] elf = new TestElf().Add(segments).Build();
            byte[] expected = Expected(segments, out bool isOverlapping);
            overlapping += isOverlapping ? 1 : 0;
            ulong low = segments.Min(segment => segment.PhysicalAddress);
            foreach (byte[] image in new[] { elf, PackedImage.Gzip(elf) })
            {
                foreach (ulong start in new[] { low, low + 0x200000, low - 0x3000 })
                    Assert.True(expected.AsSpan().SequenceEqual(Place(image, start)), string.Create(CultureInfo.InvariantCulture, $"round {round}"));
            }
        }

        Assert.InRange(overlapping, 15, 59);
    }

    [Fact]
    [Needs(Need.Tools)]
    public void Random_segments_make_the_domains_of_xens_own_builder()
    {
        using var folder = new TemporaryFolder();
        var random = RandomRounds.Create(12);
        int overlapping = 0;
        for (int round = 0; round < _rounds; round++)
        {
            TestSegment[] segments = Choose(random);
            _ = Expected(segments, out bool isOverlapping);
            overlapping += isOverlapping ? 1 : 0;
            string path = folder.File("kernel");
            File.WriteAllBytes(path, new TestElf().Add([.. segments, Notes(segments)]).Build());
            Assert.Equal(PvOutcome.Equal, new PvCase(path, null, "quiet", 16).Compare(folder));
            Assert.Equal(Convert.ToHexString(OracleRun.Start("pvh", path, null, "quiet", 16).Memory), Convert.ToHexString(BuildPvh(path, folder)));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"segments in random order: {_rounds} PV and PVH domains of libxenguest equal, {overlapping} with overlaps"));
        Assert.InRange(overlapping, _rounds / 4, _rounds - 1);
    }

    private static TestSegment Segment(ulong address, byte[] data, ulong memorySize) => new(SegmentType.Load, data)
    {
        Flags = SegmentFlags.Read | SegmentFlags.Write | SegmentFlags.Execute,
        PhysicalAddress = address,
        VirtualAddress = address,
        MemorySize = memorySize,
        Alignment = 4096,
    };

    /// <summary>
    /// Two to five segments of which one starts at a page, as kernels of Xen PV have to, not all of them empty; the whole is as large as its parts,
    /// or half.
    /// </summary>
    private static TestSegment[] Choose(Random random)
    {
        while (true)
        {
            int count = random.Next(2, 6);
            var segments = new TestSegment[count];
            for (int i = 0; i < count; i++)
            {
                byte[] data = new byte[random.Next(4) == 0 ? 0 : random.Next(1, 0x3000)];
                random.NextBytes(data);
                ulong address = Base + (i == 0 ? 0 : (ulong)random.Next(0, 0x9000));
                segments[i] = Segment(address, data, (ulong)(data.Length + (random.Next(2) == 0 ? 0 : random.Next(0x2000))));
            }

            random.Shuffle(segments);
            ulong size = segments.Max(segment => segment.PhysicalAddress + segment.MemorySize!.Value) - Base;
            ulong amount = segments.Aggregate(0ul, (sum, segment) => sum + segment.MemorySize!.Value);
            if (amount > 0 && amount <= 2 * size && size > 0x100)
                return segments;
        }
    }

    private static byte[] Expected(TestSegment[] segments, out bool isOverlapping)
    {
        ulong low = segments.Min(segment => segment.PhysicalAddress);
        byte[] memory = new byte[segments.Max(segment => segment.PhysicalAddress + segment.MemorySize!.Value) - low];
        bool[] used = new bool[memory.Length];
        isOverlapping = false;
        foreach (TestSegment segment in segments)
        {
            int at = (int)(segment.PhysicalAddress - low);
            int size = (int)segment.MemorySize!.Value;
            isOverlapping |= used.AsSpan(at, size).Contains(true);
            used.AsSpan(at, size).Fill(true);
            memory.AsSpan(at, size).Clear();
            segment.Data.CopyTo(memory, at);
        }

        return memory;
    }

    private static TestSegment Notes(TestSegment[] segments)
    {
        ulong entry = segments.Min(segment => segment.PhysicalAddress);
        return new TestNotes()
            .Add("Xen", XenNotes.Number.Loader, "generic")
            .Add("Xen", XenNotes.Number.GuestOs, "test")
            .Add("Xen", XenNotes.Number.XenVersion, "xen-3.0")
            .Add("Xen", XenNotes.Number.VirtBase, 0xffffffff80000000)
            .Add("Xen", XenNotes.Number.Entry, 0xffffffff80000000 + entry)
            .Add("Xen", XenNotes.Number.Phys32Entry, (uint)entry)
            .Segment();
    }

    private static byte[] Place(byte[] bytes, ulong start)
    {
        using BootImage image = BootImage.Open(bytes);
        using Kernel kernel = image.Decompress();
        using GuestMemory memory = GuestMemory.Allocate();
        using var placer = KernelPlacer.Decode(kernel, memory);
        return placer.Place(new Paddr(start)).ToArray();
    }

    private static byte[] BuildPvh(string path, TemporaryFolder folder)
    {
        using BootImage image = BootImage.Open(path);
        using Kernel kernel = image.Decompress();
        using PvhDomain domain = new PvhBuilder { MemorySize = 16 << 20, CommandLine = "quiet" }.Build(kernel);
        RawOutput.Write(domain, folder.File("ours"));
        return File.ReadAllBytes(folder.File("ours"));
    }
}
