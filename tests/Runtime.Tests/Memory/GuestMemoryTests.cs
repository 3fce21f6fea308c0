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
}
