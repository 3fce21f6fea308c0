using BootProtocol.LinuxX86;
using BootProtocol.Memory;

namespace BootProtocol.Runtime.Tests.Memory;

public sealed class RegionMapTests
{
    private const ulong MiB = 1 << 20;

    [Fact]
    public void Two_regions_in_one_place_are_both_named()
    {
        var map = new RegionMap(MemoryMap.ForPc(64 * MiB));
        map.Add(Region("kernel", 16 * MiB, 8 * MiB));
        BootRequestException fault = Assert.Throws<BootRequestException>(() => map.Add(Region("initrd", 23 * MiB, 2 * MiB)));
        Assert.Equal(
            "memory.initrd at offset 0x1700000: expected a place apart from kernel at 0x1000000-0x1800000, found 0x1700000-0x1900000",
            fault.Message);
        Assert.Single(map.Regions);
        map.Add(Region("initrd", 24 * MiB, 2 * MiB));
        map.Add(Region("boot_params", 15 * MiB, MiB));
        Assert.Equal(["boot_params", "kernel", "initrd"], map.Regions.Select(region => region.Name));
    }

    [Theory]
    [InlineData(0x9f000, 0x2000)]
    [InlineData(63 * MiB, 2 * MiB)]
    [InlineData(64 * MiB, 1)]
    [InlineData(ulong.MaxValue - 4095, 4096)]
    public void What_is_not_memory_takes_no_region(ulong start, ulong length)
    {
        var map = new RegionMap(MemoryMap.ForPc(64 * MiB));
        BootRequestException fault = Assert.Throws<BootRequestException>(() => map.Add(Region("kernel", start, length)));
        Assert.Contains("a place in the guest's memory", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_region_has_a_byte_at_least()
    {
        var map = new RegionMap(MemoryMap.ForPc(64 * MiB));
        BootRequestException fault = Assert.Throws<BootRequestException>(() => map.Add(Region("kernel", 16 * MiB, 0)));
        Assert.Equal("memory.kernel at offset 0x1000000: expected at least one byte, found 0x1000000-0x1000000", fault.Message);
        Assert.Empty(map.Regions);
    }

    [Fact]
    public void Room_is_found_from_both_ends()
    {
        var map = new RegionMap(MemoryMap.ForPc(64 * MiB));
        map.Add(Region("kernel", 16 * MiB, 8 * MiB));
        Paddr bottom = new(MiB);
        Paddr top = new(ulong.MaxValue);
        Assert.Equal(new Paddr(60 * MiB), map.FindHighest("a", 3 * MiB, 4 * MiB, bottom, top));
        Assert.Equal(new Paddr(13 * MiB), map.FindHighest("a", 3 * MiB, MiB, bottom, new Paddr(16 * MiB)));
        Assert.Equal(new Paddr(12 * MiB), map.FindHighest("a", 3 * MiB, MiB, bottom, new Paddr(16 * MiB - 1)));
        Assert.Equal(new Paddr(MiB), map.FindLowest("a", 3 * MiB, MiB, bottom, top));
        Assert.Equal(new Paddr(24 * MiB), map.FindLowest("a", 16 * MiB, MiB, bottom, top));
        Assert.Equal(new Paddr(24 * MiB), map.FindLowest("a", 1, 1, new Paddr(17 * MiB), top));
        BootRequestException fault = Assert.Throws<BootRequestException>(() => map.FindLowest("initrd", 41 * MiB, 4096, bottom, top));
        Assert.StartsWith("memory.initrd: expected 0x2900000 bytes free, aligned to 0x1000", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_maps_find_room_as_a_search_of_every_page_does()
    {
        var random = new Random(7);
        for (int round = 0; round < 200; round++)
        {
            var memory = new MemoryMap(
            [
                .. Enumerable.Range(0, 6).Select(_ => new MemoryRange(
                    Page(random.Next(64)), (ulong)random.Next(1, 40) << 12, random.Next(4) == 0 ? E820Type.Reserved : E820Type.Ram)),
            ]);
            var map = new RegionMap(memory);
            bool[] free = [.. Enumerable.Range(0, 128).Select(page => memory.Ranges.Any(range => Holds(range, page) && range.Type == E820Type.Ram)
                && !memory.Ranges.Any(range => Holds(range, page) && range.Type != E820Type.Ram))];
            for (int i = 0; i < 8; i++)
            {
                int start = random.Next(100);
                int length = random.Next(1, 6);
                bool fits = free.AsSpan(start, length).IndexOf(false) < 0;
                try
                {
                    map.Add(Region("r", (ulong)start << 12, (ulong)length << 12));
                    Assert.True(fits);
                    free.AsSpan(start, length).Clear();
                }
                catch (BootRequestException)
                {
                    Assert.False(fits);
                }
            }

            int wanted = random.Next(1, 8);
            int[] places = [.. Enumerable.Range(0, 120).Where(page => page >= 3 && free.AsSpan(page, wanted).IndexOf(false) < 0)];
            if (places.Length == 0)
            {
                Assert.Throws<BootRequestException>(() => map.FindLowest("x", (ulong)wanted << 12, 4096, Page(3), Page(128)));
                continue;
            }

            Assert.Equal(Page(places[0]), map.FindLowest("x", (ulong)wanted << 12, 4096, Page(3), Page(128)));
            Assert.Equal(Page(places[^1]), map.FindHighest("x", (ulong)wanted << 12, 4096, Page(3), Page(128)));
        }
    }

    [Fact]
    public void A_pc_has_no_memory_where_its_devices_are()
    {
        MemoryMap map = MemoryMap.ForPc(6UL << 30);
        Assert.Equal(["0x0-0xa0000 RAM", "0x100000-0xc0000000 RAM", "0x100000000-0x1c0000000 RAM"], map.Ranges.Select(range => range.ToString()));
        Assert.False(map.IsRam(new Paddr(0xbfffffff), 2));
        Assert.True(map.IsRam(new Paddr(0x100000000), 3UL << 30));
        Assert.Equal((6UL << 30) - (0x60UL << 12), map.RamSize);
    }

    /// <summary>Sizes at which a range begins, or is none: no range is empty, and none holds a part of a page.</summary>
    [Theory]
    [InlineData(MiB + 4096, "0x100000-0x101000 RAM", null)]
    [InlineData(MiB + 8191, "0x100000-0x101000 RAM", null)]
    [InlineData(3072 * MiB, "0x100000-0xc0000000 RAM", null)]
    [InlineData(3072 * MiB + 4095, "0x100000-0xc0000000 RAM", null)]
    [InlineData(3072 * MiB + 4096, "0x100000-0xc0000000 RAM", "0x100000000-0x100001000 RAM")]
    [InlineData(1UL << 52, "0x100000-0xc0000000 RAM", "0x100000000-0x10000040000000 RAM")]
    public void A_pc_has_no_empty_range(ulong memory, string middle, string? high)
    {
        string[] expected = high is null ? ["0x0-0xa0000 RAM", middle] : ["0x0-0xa0000 RAM", middle, high];
        Assert.Equal(expected, MemoryMap.ForPc(memory).Ranges.Select(range => range.ToString()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(MiB)]
    [InlineData(MiB + 4095)]
    [InlineData((1UL << 52) + 4096)]
    [InlineData(ulong.MaxValue)]
    public void Sizes_that_no_pc_has_are_refused(ulong memory)
    {
        BootRequestException fault = Assert.Throws<BootRequestException>(() => MemoryMap.ForPc(memory));
        Assert.Equal("more than 1 MiB, at most 2^52 bytes", fault.Expected);
    }

    /// <summary>A range that goes beyond the last address ends there, and does not come around.</summary>
    [Theory]
    [InlineData(9, ulong.MaxValue - 1)]
    [InlineData(10, ulong.MaxValue)]
    [InlineData(11, ulong.MaxValue)]
    [InlineData(ulong.MaxValue, ulong.MaxValue)]
    public void A_range_ends_at_the_last_address(ulong length, ulong end) =>
        Assert.Equal(end, new MemoryRange(new Paddr(ulong.MaxValue - 10), length, E820Type.Ram).End.Value);

    private static bool Holds(MemoryRange range, int page) => range.Start <= Page(page) && Page(page) < range.End;

    private static Paddr Page(int page) => new((ulong)page << 12);

    private static Region Region(string name, ulong start, ulong length) => new(name, new Paddr(start), length, "for a test");
}
