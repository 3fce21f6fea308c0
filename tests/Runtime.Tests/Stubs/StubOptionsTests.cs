using BootProtocol.Stubs;

namespace BootProtocol.Runtime.Tests.Stubs;

/// <summary>Stubs refuse what they could not do.</summary>
public sealed class StubOptionsTests
{
    private static readonly EntryStubOptions _entry = new()
    {
        Address = new Paddr(0xfffff000),
        Mode = EntryMode.Linux64,
        EntryPoint = new Paddr(1UL << 40),
        Parameters = new Paddr(0xfffff000),
        PageTables = new Paddr(0xfffff000),
        MemoryMapRoom = new MemoryMapRoom(new Paddr(0xffffffc8), 2),
    };

    private static readonly HypervisorStubOptions _hypervisor = new()
    {
        Address = new Paddr((1 << 30) - HypervisorStub.MemorySize),
        Word = WordSize.Bits64,
        PageTables = new Paddr(0xfffff000),
        EntryPoint = new Vaddr(1),
        StackPointer = new Vaddr(2),
        StartInfo = new Vaddr(3),
    };

    [Fact]
    public void Stubs_fit_into_the_memory_that_they_name()
    {
        foreach (EntryMode mode in Enum.GetValues<EntryMode>())
        {
            StubImage stub = EntryStub.Create(_entry with { Mode = mode, EntryPoint = default, MemoryMapRoom = new MemoryMapRoom(default, 9) });
            Assert.InRange(stub.Bytes.Length, 1, EntryStub.MemorySize);
            Assert.Equal(EntryStub.MemorySize, stub.MemorySize);
        }

        Assert.Equal(_entry.Address, EntryStub.Create(_entry).Address);
        foreach (WordSize word in (WordSize[])[WordSize.Bits32, WordSize.Bits64])
        {
            StubImage stub = HypervisorStub.Create(_hypervisor with { Word = word });
            Assert.InRange(stub.Bytes.Length, 1, HypervisorStub.MemorySize);
            Assert.InRange(stub.Entry.Value, stub.Address.Value, stub.Address.Value + (ulong)stub.Bytes.Length - 1);
        }
    }

    public static TheoryData<EntryStubOptions> ImpossibleEntries =>
    [
        _entry with { Address = new Paddr(0xff000) },
        _entry with { Address = new Paddr(0x100008) },
        _entry with { Address = new Paddr(0xfffff010) },
        _entry with { Mode = EntryMode.Linux32 },
        _entry with { Parameters = new Paddr(0xfffff001) },
        _entry with { PageTables = new Paddr(1UL << 32) },
        _entry with { PageTables = new Paddr(0x1010) },
        _entry with { MemoryMapRoom = new MemoryMapRoom(new Paddr(0xffffffc9), 2) },
        _entry with { MemoryMapRoom = new MemoryMapRoom(default, -1) },
        _entry with { MemoryMapRoom = new MemoryMapRoom(default, int.MaxValue) },
        _entry with { Mode = EntryMode.Pvh, EntryPoint = default, MemoryMapRoom = null },
    ];

    [Theory]
    [MemberData(nameof(ImpossibleEntries))]
    public void An_entry_stub_refuses(EntryStubOptions options) =>
        Assert.ThrowsAny<ArgumentException>(() => EntryStub.Create(options));

    public static TheoryData<HypervisorStubOptions> ImpossibleDomains =>
    [
        _hypervisor with { Address = new Paddr(0xff000) },
        _hypervisor with { Address = new Paddr(0x100800) },
        _hypervisor with { Address = new Paddr((1 << 30) - HypervisorStub.MemorySize + 4096) },
        _hypervisor with { PageTables = new Paddr(1UL << 32) },
        _hypervisor with { PageTables = new Paddr(0x1020) },
    ];

    [Theory]
    [MemberData(nameof(ImpossibleDomains))]
    public void A_hypervisor_stub_refuses(HypervisorStubOptions options) =>
        Assert.ThrowsAny<ArgumentException>(() => HypervisorStub.Create(options));
}
