using BootProtocol.Memory;

namespace BootProtocol.Runtime.Tests.Memory;

public sealed class GuestMemoryTests
{
    [Fact]
    public void What_is_written_to_a_claimed_range_is_read_with_zeroes_around()
    {
        using GuestMemory memory = GuestMemory.Allocate();
        memory.Claim(new Paddr(0x3000), 5000).Span.Fill(1);
        memory.Claim(new Paddr(0x1000), 1).Span[0] = 2;
        memory.Claim(new Paddr(0x1_0000_0000), 1).Span[0] = 3;
        Assert.Equal([0x1000ul, 0x3000ul, 0x1_0000_0000ul], memory.Extents.Select(extent => extent.Start.Value));

        byte[] bytes = new byte[0x5000];
        memory.Read(new Paddr(0x800), bytes);
        Assert.Equal(2, bytes[0x800]);
        Assert.Equal(5000, bytes.Count(value => value == 1));
        Assert.Equal(1, bytes[0x2800]);
        Assert.Equal(0x5000 - 5001, bytes.Count(value => value == 0));
        Assert.Equal(1, memory.Slice(new Paddr(0x3000 + 4999), 2).Span[0]);
    }

    [Fact]
    public void A_range_is_claimed_once()
    {
        using GuestMemory memory = GuestMemory.Allocate();
        memory.Claim(new Paddr(0x3000), 0x2000);
        Assert.False(memory.CanClaim(new Paddr(0x4000), 1));
        Assert.False(memory.CanClaim(new Paddr(0x2000), 0x1001));
        Assert.True(memory.CanClaim(new Paddr(0x2000), 0x1000));
        Assert.Throws<ArgumentException>(() => memory.Claim(new Paddr(0x4000), 1));
        Assert.Throws<ArgumentException>(() => memory.Claim(new Paddr(0x2000), 0x1001));
        Assert.Throws<ArgumentException>(() => memory.Claim(new Paddr(0x6001), 1));
        Assert.Throws<ArgumentException>(() => memory.Slice(new Paddr(0x4000), 0x1001));
        Assert.Throws<ArgumentException>(() => memory.Slice(new Paddr(0x2fff), 2));
        Assert.Throws<BootRequestException>(() => memory.Claim(new Paddr(0x100000), int.MaxValue));
        memory.Claim(new Paddr(0x2000), 0x1000);
        memory.Claim(new Paddr(0x5000), 0x1000);
    }

    /// <summary>No processor has such addresses, and the one behind the last could not be told from 0.</summary>
    [Fact]
    public void The_end_of_64_bits_is_not_claimed()
    {
        using GuestMemory memory = GuestMemory.Allocate();
        var last = new Paddr(ulong.MaxValue - 0xfff);
        Assert.False(memory.CanClaim(last, 0x1000));
        Assert.Throws<ArgumentException>(() => memory.Claim(last, 0x1000));
        Assert.Throws<ArgumentException>(() => memory.Claim(new Paddr(last.Value - 0x1000), 0x3000));
        memory.Claim(new Paddr(last.Value - 0x1000), 0x1000).Span[0] = 1;
        Assert.False(memory.CanClaim(new Paddr(last.Value - 0x1000), 0x1000));
    }

    /// <summary>Where a read begins and ends in the midst of claimed ranges, it has their bytes from there on, each once.</summary>
    [Theory]
    [InlineData(0x3001, 3)]
    [InlineData(0x3ff0, 0x1010)]
    [InlineData(0x3ff0, 0x1011)]
    [InlineData(0x2fff, 2)]
    [InlineData(0x4fff, 0x1002)]
    [InlineData(0x5000, 0x1000)]
    [InlineData(0x2000, 0x8000)]
    public void A_read_has_the_bytes_of_each_range_at_their_places(int start, int length)
    {
        byte[] all = new byte[0x10000];
        using GuestMemory memory = GuestMemory.Allocate();
        foreach ((int from, int to) in new[] { (0x3000, 0x5000), (0x6000, 0x7000) })
        {
            new Random(from).NextBytes(all.AsSpan(from, to - from));
            all.AsSpan(from, to - from).CopyTo(memory.Claim(new Paddr((ulong)from), to - from).Span);
        }

        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(0xff);
        memory.Read(new Paddr((ulong)start), bytes);
        Assert.Equal(all[start..(start + length)], bytes);
    }

    [Fact]
    public void A_part_lies_in_one_range_from_its_first_byte_to_its_last()
    {
        using GuestMemory memory = GuestMemory.Allocate();
        Memory<byte> first = memory.Claim(new Paddr(0x3000), 0x1000);
        Memory<byte> second = memory.Claim(new Paddr(0x4000), 0x1000);
        first.Span[0xfff] = 1;
        second.Span[0] = 2;
        second.Span[0xfff] = 3;
        Assert.Equal(1, memory.Slice(new Paddr(0x3fff), 1).Span[0]);
        Assert.Equal(2, memory.Slice(new Paddr(0x4000), 0x1000).Span[0]);
        Assert.Equal(3, memory.Slice(new Paddr(0x4fff), 1).Span[0]);
        foreach ((ulong start, int length) in new[] { (0x3fffUL, 2), (0x4fffUL, 2), (0x5000UL, 1), (0x9000UL, 1), (0x9000UL, 0), (0UL, 1) })
            Assert.Throws<ArgumentException>("start", () => memory.Slice(new Paddr(start), length));
        Assert.Throws<ArgumentOutOfRangeException>("length", () => memory.Slice(new Paddr(0x3000), -1));
        Assert.Throws<ArgumentOutOfRangeException>("length", () => memory.Claim(new Paddr(0x8000), 0));
    }

    [Fact]
    public void The_longest_range_is_2_GiB_less_a_page()
    {
        const int Most = int.MaxValue - 4095;
        using GuestMemory memory = GuestMemory.Allocate();
        Assert.Equal(Most, memory.Claim(new Paddr(0), Most).Length);
        Assert.Throws<BootRequestException>(() => memory.Claim(new Paddr(0x100000000), Most + 1L));
    }
}
