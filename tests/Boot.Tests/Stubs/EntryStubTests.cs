using System.IO.Hashing;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Boot.Tests.Sample;
using BootProtocol.Output;
using BootProtocol.Stubs;
using BootProtocol.X86;
using BootProtocol.Xen;

namespace BootProtocol.Boot.Tests.Stubs;

/// <summary>Entry stubs, started by QEMU, in front of the sample guest.</summary>
public sealed class EntryStubTests
{
    private const uint StartInfoPlace = 0x150000;
    private const uint MapPlace = 0x160000;
    private const ulong Rsdp = 0xabcde0;

    private static readonly (ulong Address, ulong Size, uint Type)[] _built = [(0, 0x90000, 1), (0x100000, 0x3f00000, 1), (0x5000000, 0x1000, 7)];

    public static TheoryData<string, EntryMode, WordSize> Ways()
    {
        var ways = new TheoryData<string, EntryMode, WordSize>();
        foreach (string machine in (string[])["q35", "pc", "microvm"])
        {
            ways.Add(machine, EntryMode.Linux64, WordSize.Bits64);
            ways.Add(machine, EntryMode.Linux32, WordSize.Bits32);
            ways.Add(machine, EntryMode.Pvh, WordSize.Bits64);
            ways.Add(machine, EntryMode.Pvh, WordSize.Bits32);
        }

        return ways;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task EntersTheKernelWithTheMachinesMemoryMap(string machine, EntryMode mode, WordSize word)
    {
        byte[] initrd = new byte[4097];
        new Random(7).NextBytes(initrd);
        var domain = new HandMadeDomain(mode, word) { CommandLine = "over the stub", Initrd = initrd, Map = _built, Room = 20 };
        GuestReport report = await RunAsync(machine, domain.File());
        CheckState(report, mode, word);
        Assert.Equal("over the stub", report["command-line"]);
        Assert.Equal(Crc32.HashToUInt32(initrd), report.Number("initrd-crc32"));
        Assert.Equal((await DirectAsync(machine, word)).All("memory"), report.All("memory"));
    }

    [Theory]
    [InlineData(EntryMode.Linux64, WordSize.Bits64)]
    [InlineData(EntryMode.Linux32, WordSize.Bits32)]
    [InlineData(EntryMode.Pvh, WordSize.Bits64)]
    public async Task KeepsTheMemoryMapThatWasBuilt(EntryMode mode, WordSize word)
    {
        var domain = new HandMadeDomain(mode, word) { Map = Ranges(300), Room = 300, TakeMemoryMap = false, TakeRsdp = false, Rsdp = Rsdp };
        GuestReport report = await RunAsync("q35", domain.File());
        Assert.Equal(Lines(Ranges(300)), report.All("memory"));
        Assert.Equal(Rsdp, report.Number("rsdp"));
    }

    /// <summary>A stub for PVH stands for a monitor that gives another memory map than QEMU.</summary>
    [Theory]
    [InlineData(EntryMode.Linux64, 300, 300, 300)]
    [InlineData(EntryMode.Linux64, 300, 150, 278)]
    [InlineData(EntryMode.Linux64, 300, 0, 128)]
    [InlineData(EntryMode.Linux64, 128, 10, 128)]
    [InlineData(EntryMode.Linux32, 300, 172, 300)]
    [InlineData(EntryMode.Linux32, 129, 0, 128)]
    [InlineData(EntryMode.Pvh, 300, 300, 300)]
    [InlineData(EntryMode.Pvh, 300, 127, 127)]
    public async Task TakesAsManyEntriesAsThereIsRoomFor(EntryMode mode, int given, int room, int taken)
    {
        WordSize word = mode == EntryMode.Linux32 ? WordSize.Bits32 : WordSize.Bits64;
        var domain = new HandMadeDomain(mode, word) { Map = _built, Room = room, Rsdp = 1 };
        GuestReport report = await RunBehindAsync(domain, version: 1, Ranges(given));
        CheckState(report, mode, word);
        Assert.Equal(Lines(Ranges(given)).Take(taken), report.All("memory"));
        Assert.Equal(Rsdp, report.Number("rsdp"));
        if (mode != EntryMode.Pvh && room > 0)
            Assert.Equal($"0x1 {20 * (taken - 128)}", report["setup-data"]);
    }

    [Theory]
    [InlineData(0u, 5)]
    [InlineData(1u, 0)]
    public async Task NeedsNoMemoryMapFromTheMachine(uint version, int entries)
    {
        var domain = new HandMadeDomain(EntryMode.Linux64, WordSize.Bits64) { Map = _built };
        GuestReport report = await RunBehindAsync(domain, version, Ranges(entries));
        Assert.Equal(Lines(_built), report.All("memory"));
        Assert.Equal(Rsdp, report.Number("rsdp")); // that comes with version 0, too
    }

    [Fact]
    public async Task EntersWithFiveLevels()
    {
        var domain = new HandMadeDomain(EntryMode.Linux64, WordSize.Bits64) { FiveLevels = true };
        GuestReport report = await RunAsync("q35", domain.File(), "qemu64,+la57");
        CheckState(report, EntryMode.Linux64, WordSize.Bits64, fiveLevels: true);
    }

    /// <summary>What the boot protocols say of the processor's state, as far as the guest sees it.</summary>
    private static void CheckState(GuestReport report, EntryMode mode, WordSize word, bool fiveLevels = false)
    {
        const Cr0 Protected = Cr0.Pe | Cr0.Et;
        bool isLong = mode == EntryMode.Linux64;
        Assert.Equal(mode switch { EntryMode.Linux64 => "linux64", EntryMode.Linux32 => "linux32", _ => "pvh" }, report["entry"]);
        Assert.Equal("0", report["ring"]);
        Assert.Equal("off", report["interrupts"]);
        Assert.Equal(0x10u, report.Number("code-segment"));
        Assert.Equal(0x110000u, report.Number("pointer"));
        Assert.Equal(isLong ? Protected | Cr0.Pg : Protected, (Cr0)report.Number("cr0"));
        Assert.Equal(isLong ? Cr4.Pae | (fiveLevels ? Cr4.La57 : 0) : 0, (Cr4)report.Number("cr4"));
        if (word == WordSize.Bits64)
            Assert.Equal(isLong ? Efer.Lme | Efer.Lma : 0, (Efer)report.Number("efer"));
    }

    private static (ulong Address, ulong Size, uint Type)[] Ranges(int count) =>
        [.. Enumerable.Range(0, count).Select(i => ((ulong)i << 32 | 0x1000, (ulong)(i + 1) << 12, (uint)(i % 7) + 1))];

    private static IEnumerable<string> Lines(IEnumerable<(ulong Address, ulong Size, uint Type)> ranges) =>
        ranges.Select(range => $"0x{range.Address:x} 0x{range.Size:x} {range.Type}");

    /// <summary>Runs a domain behind a stub whose hvm_start_info has another memory map than QEMU's.</summary>
    private static Task<GuestReport> RunBehindAsync(HandMadeDomain domain, uint version, (ulong Address, ulong Size, uint Type)[] map)
    {
        byte[] bytes = new byte[HvmStartInfo.Layout.Size];
        HvmStartInfo.Writer info = HvmStartInfo.Create(bytes);
        info.Version = 1; // so that the fields of version 1 can be set: version 0 does not end before them here
        info.RsdpPaddr = new Paddr(Rsdp);
        info.MemmapPaddr = new Paddr(MapPlace);
        info.MemmapEntries = (uint)map.Length;
        info.Version = version;
        StubImage first = EntryStub.Create(new EntryStubOptions
        {
            Address = new Paddr(HandMadeDomain.FirstStubPlace),
            Mode = EntryMode.Pvh,
            EntryPoint = domain.Stub().Entry,
            Parameters = new Paddr(StartInfoPlace),
            TakeMemoryMap = false,
            TakeRsdp = false,
        });
        return RunAsync("q35", domain.File(
            first,
            new PhysicalSegment(new Paddr(StartInfoPlace), bytes),
            new PhysicalSegment(new Paddr(MapPlace), HandMadeDomain.MapTable(map, 0))));
    }

    /// <summary>The report of the guest as QEMU starts it by itself.</summary>
    private static async Task<GuestReport> DirectAsync(string machine, WordSize word)
    {
        using var files = new GuestFiles();
        return (await new Machine { Type = machine, Kernel = files.Elf(word) }.RunAsync()).Report();
    }

    private static async Task<GuestReport> RunAsync(string machine, byte[] file, string? processor = null)
    {
        using var files = new GuestFiles();
        return (await new Machine { Type = machine, Kernel = files.Put("domain.elf", file), Processor = processor }.RunAsync()).Report();
    }
}
