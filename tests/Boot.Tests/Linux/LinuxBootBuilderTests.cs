using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.Domains;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Relocate;

namespace BootProtocol.Boot.Tests.Linux;

/// <summary>Debian's kernels as domains of the Linux boot builder: what is handed over has to arrive in user space.</summary>
public sealed class LinuxBootBuilderTests
{
    private const string Amd64 = "6.12-amd64";
    private const string Cloud = "6.1-cloud-amd64";
    private const string Pae = "6.1-686-pae";
    private const string MicroVm = "microvm,isa-serial=on";
    private const string CommandLine = $"{Talking} quiet";

    /// <summary>With this one the kernel says on the slow serial port what it found.</summary>
    private const string Talking = "console=ttyS0 nokaslr panic=-1 mitigations=off cryptomgr.notests said=\"some words\"";
    private const ulong MiB = 1 << 20;
    private static readonly byte[] _data = MakeData(300_001);

    [Theory]
    [InlineData(Amd64, WordSize.Bits64, 96, false, "pc")]
    [InlineData(Amd64, WordSize.Bits64, 3072, false, "q35")]
    [InlineData(Amd64, WordSize.Bits64, 512, false, MicroVm)]
    [InlineData(Amd64, WordSize.Bits64, 512, true, "q35")]
    [InlineData(Amd64, WordSize.Bits32, 512, false, "q35")]
    [InlineData(Cloud, WordSize.Bits64, 6144, false, "q35")]
    [InlineData(Cloud, WordSize.Bits32, 512, false, "pc")]
    [InlineData(Pae, WordSize.Bits32, 6144, false, "pc")]
    [InlineData(Pae, WordSize.Bits32, 512, true, "q35")]
    public async Task ReachesUserSpace(string name, WordSize mode, int memory, bool inGuest, string machine)
    {
        // Linux has no clock on this machine but the TSC, and measures that against a timer: in vain where an emulator is slow.
        string commandLine = machine == MicroVm ? $"{CommandLine} tsc_early_khz=1000000" : CommandLine;
        LinuxRun run = await LinuxRun.StartAsync(
            name,
            new LinuxBootBuilder
            {
                Mode = mode,
                MemorySize = (ulong)memory * MiB,
                DecompressInGuest = inGuest,
                CommandLine = commandLine,
                Initrds = Initrd(name),
            },
            machine);
        Check(run, commandLine);
        BootParams parameters = BootParams.Parse(run.BootParamsBytes);
        Assert.Equal(0xff, (byte)parameters.Hdr.TypeOfLoader);
        Assert.Equal(0, parameters.Sentinel);
    }

    /// <summary>The offset shows in /proc/kallsyms, and for 32 bits in the physical place, too.</summary>
    [Theory]
    [InlineData(Amd64, WordSize.Bits64, 0x6000000, 0xffffffff87000000)]
    [InlineData(Cloud, WordSize.Bits64, 0x1c400000, 0xffffffff9d400000)]
    [InlineData(Pae, WordSize.Bits32, 0x3000000, 0xc4000000)]
    public async Task RunsAtAnotherVirtualAddress(string name, WordSize mode, ulong offset, ulong text)
    {
        LinuxRun run = await LinuxRun.StartAsync(name, Builder(name, mode, kaslr: Kaslr.At(offset)));
        Check(run, CommandLine);
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{text:x} "), run.Report["symbol"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Amd64, WordSize.Bits64, 0x4400000)]
    [InlineData(Pae, WordSize.Bits32, 0x2002000)]
    [InlineData(Amd64, WordSize.Bits32, 0x4400000)]
    public async Task RunsAtAnotherPhysicalAddress(string name, WordSize mode, ulong address)
    {
        LinuxRun run = await LinuxRun.StartAsync(name, Builder(name, mode, address: new Paddr(address)));
        Check(run, CommandLine);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TakesPageTablesOfFiveLevels(bool inGuest)
    {
        LinuxRun run = await LinuxRun.StartAsync(
            Amd64,
            new LinuxBootBuilder
            {
                MemorySize = 512 * MiB,
                FiveLevels = true,
                DecompressInGuest = inGuest,
                CommandLine = CommandLine,
                Initrds = Initrd(Amd64),
            },
            processor: "qemu64,+la57");
        Check(run, CommandLine);
    }

    [Fact]
    public async Task TakesAnInitrdAbove4GiB()
    {
        LinuxRun run = await LinuxRun.StartAsync(
            Amd64,
            new LinuxBootBuilder
            {
                MemorySize = 6144 * MiB,
                InitrdPlace = InitrdPlace.Above4GiB,
                CommandLine = CommandLine,
                Initrds = Initrd(Amd64),
            });
        Check(run, CommandLine);
        Assert.Equal(1u, BootParams.Parse(run.BootParamsBytes).ExtRamdiskImage);
    }

    /// <summary>More than 128 ranges come by setup_data. A 32-bit kernel without NUMA has room for 131 in all.</summary>
    [Theory]
    [InlineData(Amd64, WordSize.Bits64, 300)]
    [InlineData(Pae, WordSize.Bits32, 129)]
    public async Task TakesManyRangesOfMemory(string name, WordSize mode, int count)
    {
        var ranges = ImmutableArray.CreateBuilder<MemoryRange>();
        ranges.Add(new MemoryRange(new Paddr(0), 0xa0000, E820Type.Ram));
        ranges.Add(new MemoryRange(new Paddr(MiB), 255 * MiB, E820Type.Ram));
        for (uint i = 2; i < count; i++)
            ranges.Add(new MemoryRange(new Paddr((256 * MiB) + (i * 0x10000)), 0x8000, (i & 1) == 0 ? E820Type.Ram : E820Type.Reserved));
        LinuxRun run = await LinuxRun.StartAsync(
            name,
            new LinuxBootBuilder
            {
                Mode = mode,
                MemorySize = 512 * MiB,
                Map = new MemoryMap(ranges.ToImmutable()),
                CommandLine = Talking,
                Initrds = Initrd(name),
            });
        Check(run, Talking);
        Assert.Equal(ranges.Take(128), run.MemoryMap);
        Assert.Equal(ranges, run.ExtendedMemoryMap);
    }

    private static LinuxBootBuilder Builder(string name, WordSize mode, Kaslr? kaslr = null, Paddr? address = null) => new()
    {
        Mode = mode,
        MemorySize = 512 * MiB,
        CommandLine = CommandLine,
        Initrds = Initrd(name),
        Kaslr = kaslr ?? Kaslr.None,
        KernelAddress = address,
    };

    private static void Check(LinuxRun run, string commandLine)
    {
        Assert.Equal(commandLine, run.Report["command line"]);
        Assert.Equal(GuestInit.SumOf(_data), run.Report["file"]);
    }

    private static ImmutableArray<ReadOnlyMemory<byte>> Initrd(string name) =>
        [GuestInit.Archive(name == Pae ? WordSize.Bits32 : WordSize.Bits64, _data)];

    private static byte[] MakeData(int size)
    {
        byte[] data = new byte[size];
        new Random(size).NextBytes(data);
        return data;
    }
}
