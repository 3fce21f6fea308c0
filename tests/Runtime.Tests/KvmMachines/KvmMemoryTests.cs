using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Kvm;
using BootProtocol.Kvm.Host;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Sample;

namespace BootProtocol.Runtime.Tests.KvmMachines;

/// <summary>A guest's memory as mappings, its slots, and what machine it can have. None of it takes KVM.</summary>
public sealed class KvmMemoryTests
{
    private const ulong Size = 64 << 20;

    [Fact]
    public void Slots_are_the_ranges_of_RAM()
    {
        using var memory = KvmMemory.Allocate(MemoryMap.ForPc(5UL << 30));
        Assert.Equal(
            [(0ul, 0xa0000ul), (0x100000ul, (3ul << 30) - 0x100000), (4ul << 30, 2ul << 30)],
            memory.Blocks.Select(static block => (block.Start, block.Bytes.Length)));

        // What is a large page for the guest can be one here.
        Assert.Equal(0x100000ul, memory.Blocks[1].Bytes.Address % (2 << 20));
        Assert.Equal(0ul, memory.Blocks[2].Bytes.Address % (2 << 20));
    }

    [Fact]
    public void Ranges_are_cut_to_pages_and_joined()
    {
        MemoryMap map = Map((0x100000, 0x1800), (0x3000, 0x1001), (0x101000, 0x1000), (0x4000, 0x2000), (0x9001, 0xffe));
        Assert.Equal([(0x3000ul, 0x6000ul), (0x100000ul, 0x102000ul)], KvmMemory.Ram(map));
        Assert.Throws<BootRequestException>(() => KvmMemory.Allocate(Map((0x9001, 0xffe))));
    }

    /// <summary>With the room for large pages, so many bytes are fewer than a page: the sum is beyond 64 bits.</summary>
    [Theory]
    [InlineData(0ul, ulong.MaxValue)]
    [InlineData(0x1000ul, ulong.MaxValue - 0x2fff)]
    public void Memory_that_no_system_has_is_refused(ulong start, ulong length) =>
        Assert.Equal(12, Assert.Throws<KvmException>(() => KvmMemory.Allocate(Map((start, length)))).Error);

    [Fact]
    public void A_domain_lies_where_the_guest_will_be()
    {
        using KvmMemory memory = KvmMemory.Allocate(MemoryMap.ForPc(Size));
        using LinuxDomain domain = Build(memory);
        foreach (GuestExtent extent in memory.Extents)
        {
            Assert.True(memory.TryAccess(extent.Start.Value, extent.Memory.Length, out Span<byte> bytes));
            Assert.True(bytes.Overlaps(extent.Memory.Span, out int offset));
            Assert.Equal(0, offset);
        }
    }

    [Theory]
    [InlineData(0xa0000ul, 1)]
    [InlineData(0x9ffffu, 2)]
    [InlineData(Size, 1)]
    [InlineData(Size - 1, 2)]
    [InlineData(ulong.MaxValue, 2)]
    [InlineData(0x100000ul, int.MaxValue)]
    public void What_is_no_memory_is_not_found(ulong start, int length)
    {
        using var memory = KvmMemory.Allocate(MemoryMap.ForPc(Size));
        Assert.False(memory.TryAccess(start, length, out Span<byte> bytes));
        Assert.True(bytes.IsEmpty);
    }

    [Fact]
    public void Memory_that_was_given_up_is_zero_again()
    {
        using var memory = KvmMemory.Allocate(MemoryMap.ForPc(Size));
        Memory<byte> claimed = memory.Claim(new Paddr(0x200000), 0x3000);
        claimed.Span.Fill(7);
        memory.Shrink(new Paddr(0x200000), new Paddr(0x201000), new Paddr(0x202000));
        byte[] bytes = new byte[0x3000];
        Assert.True(memory.TryAccess(0x200000, bytes.Length, out Span<byte> all));
        all.CopyTo(bytes);
        Assert.All(bytes[..0x1000], static value => Assert.Equal(0, value));
        Assert.All(bytes[0x1000..0x2000], static value => Assert.Equal(7, value));
        Assert.All(bytes[0x2000..], static value => Assert.Equal(0, value));
    }

    /// <summary>A machine that runs keeps the memory, over the disposal of the domain.</summary>
    [Fact]
    public void Held_memory_stays_until_it_is_released()
    {
        var memory = KvmMemory.Allocate(MemoryMap.ForPc(Size));
        Memory<byte> claimed = memory.Claim(new Paddr(0x200000), 0x1000);
        claimed.Span[0] = 7;
        memory.Hold();
        memory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => claimed.Span[0]);
        Assert.True(memory.TryAccess(0x200000, 1, out Span<byte> bytes));
        Assert.Equal(7, bytes[0]);
        memory.Release();
        Assert.Throws<ObjectDisposedException>(() => memory.TryAccess(0x200000, 1, out _));
        Assert.Throws<ObjectDisposedException>(memory.Hold);
    }

    [Fact]
    public void A_machine_of_other_memory_is_refused()
    {
        using LinuxDomain elsewhere = Build(null);
        Refused(elsewhere, new KvmMachineOptions(), "a domain that was built in a KvmMemory");
        using LinuxDomain smaller = Build(KvmMemory.Allocate(MemoryMap.ForPc(Size * 2)));
        Refused(smaller, new KvmMachineOptions(), "the ranges of RAM of the domain's memory map");
    }

    [Fact]
    public void What_a_machine_cannot_have_is_refused()
    {
        using LinuxDomain domain = Build(KvmMemory.Allocate(MemoryMap.ForPc(Size)));
        Refused(domain, new KvmMachineOptions { Vcpus = 0 }, "1 to 254");
        Refused(domain, new KvmMachineOptions { Vcpus = 255 }, "1 to 254");
        Refused(domain, new KvmMachineOptions { Disks = [.. new KvmDisk[9]] }, "at most 8");
        Refused(domain, new KvmMachineOptions { Disks = [.. new KvmDisk[1]], HasAcpi = false }, "ACPI tables");
        MachinePlan.Check(domain, new KvmMachineOptions { Vcpus = 254, Disks = [.. new KvmDisk[8]] });
    }

    [Fact]
    public void A_map_with_RAM_at_a_machines_own_places_is_refused()
    {
        MemoryMap rom = Map((0, 0xd0000), (0x100000, Size));
        using LinuxDomain overRom = Build(KvmMemory.Allocate(rom), rom);
        Refused(overRom, new KvmMachineOptions(), "no RAM at 0xc0000");
        Assert.False(MachinePlan.HasRom(MachinePlan.Check(overRom, new KvmMachineOptions { HasAcpi = false })));
        MemoryMap controllers = Map((0x100000, Size), (0xfec00000, 0x1000));
        using LinuxDomain overControllers = Build(KvmMemory.Allocate(controllers), controllers);
        Refused(overControllers, new KvmMachineOptions(), "no RAM at 0xfec00000");
    }

    [Theory]
    [InlineData(2, false, "/dev/kvm is not there: this machine's processor shows neither VMX nor SVM")]
    [InlineData(2, true, "/dev/kvm is not there: is the module")]
    [InlineData(19, false, "/dev/kvm is not there: this machine's processor shows neither VMX nor SVM")]
    [InlineData(13, true, "/dev/kvm may not be opened: only root")]
    [InlineData(1, false, "/dev/kvm may not be opened: only root")]
    [InlineData(24, true, "/dev/kvm cannot be opened: Too many open files")]
    public void What_is_missing_is_told(int error, bool hasVirtualization, string line) =>
        Assert.StartsWith(line, KvmPresence.Reason(error, hasVirtualization), StringComparison.Ordinal);

    private static void Refused(Domain domain, KvmMachineOptions options, string expected) => Assert.Contains(
        expected, Assert.Throws<BootRequestException>(() => MachinePlan.Check(domain, options)).Message, StringComparison.Ordinal);

    private static MemoryMap Map(params (ulong Start, ulong Length)[] ranges) =>
        new([.. ranges.Select(static range => new MemoryRange(new Paddr(range.Start), range.Length, E820Type.Ram))]);

    private static LinuxDomain Build(KvmMemory? memory, MemoryMap? map = null)
    {
        using BootImage image = BootImage.Open(SampleGuest.Create(WordSize.Bits64));
        using Kernel kernel = image.Decompress();
        return new LinuxBootBuilder { MemorySize = Size, Map = map, Target = memory, AcpiRsdp = KvmMachine.AcpiRsdp }.Build(kernel);
    }
}
