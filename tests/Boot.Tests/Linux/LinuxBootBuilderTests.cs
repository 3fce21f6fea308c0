using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.Build;
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
    private const string CommandLine = "console=ttyS0 nokaslr panic=-1 said=\"some words\"";
    private const ulong MiB = 1 << 20;
    private static readonly byte[] _data = MakeData(300_001);

    [Theory]
    [InlineData(Amd64, WordSize.Bits64, 512, false, "q35")]
    [InlineData(Amd64, WordSize.Bits64, 96, false, "pc")]
    [InlineData(Amd64, WordSize.Bits64, 3072, false, "q35")]
    [InlineData(Amd64, WordSize.Bits64, 512, false, "microvm,isa-serial=on")]
    [InlineData(Amd64, WordSize.Bits64, 512, true, "q35")]
    [InlineData(Amd64, WordSize.Bits32, 512, false, "q35")]
    [InlineData(Cloud, WordSize.Bits64, 512, false, "q35")]
    [InlineData(Cloud, WordSize.Bits64, 6144, false, "q35")]
    [InlineData(Cloud, WordSize.Bits32, 512, false, "pc")]
    [InlineData(Pae, WordSize.Bits32, 512, false, "q35")]
    [InlineData(Pae, WordSize.Bits32, 6144, false, "pc")]
    [InlineData(Pae, WordSize.Bits32, 512, true, "q35")]
    public async Task ReachesUserSpace(string name, WordSize mode, int memory, bool inGuest, string machine)
    {
        LinuxRun run = await LinuxRun.StartAsync(
            name,
            new LinuxBootBuilder
            {
                Mode = mode,
                Memory = (ulong)memory * MiB,
                DecompressInGuest = inGuest,
                CommandLine = CommandLine,
                Initrds = Initrd(name),
            },
            machine);
        Check(run, CommandLine);
        BootParams parameters = BootParams.Parse(run.BootParams);
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
                Memory = 512 * MiB,
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
                Memory = 6144 * MiB,
                InitrdPlace = InitrdPlace.Above4GiB,
                CommandLine = CommandLine,
                Initrds = Initrd(Amd64),
            });
        Check(run, CommandLine);
        Assert.Equal(1u, BootParams.Parse(run.BootParams).ExtRamdiskImage);
    }

    [Theory]
    [InlineData(Amd64, WordSize.Bits64)]
    [InlineData(Pae, WordSize.Bits32)]
    public async Task TakesTheLongestCommandLine(string name, WordSize mode)
    {
        string longest = CommandLine.PadRight(2046, 'x') + "y";
        LinuxRun run = await LinuxRun.StartAsync(
            name,
            new LinuxBootBuilder { Mode = mode, Memory = 256 * MiB, CommandLine = longest, Initrds = Initrd(name) });
        Check(run, longest);
    }

    [Theory]
    [InlineData(Amd64, WordSize.Bits64)]
    [InlineData(Pae, WordSize.Bits32)]
    public async Task Takes300RangesOfMemory(string name, WordSize mode)
    {
        var ranges = ImmutableArray.CreateBuilder<MemoryRange>();
        ranges.Add(new MemoryRange(new Paddr(0), 0xa0000, E820Type.Ram));
        ranges.Add(new MemoryRange(new Paddr(MiB), 255 * MiB, E820Type.Ram));
        for (uint i = 2; i < 300; i++)
            ranges.Add(new MemoryRange(new Paddr((256 * MiB) + (i * 0x10000)), 0x8000, (i & 1) == 0 ? E820Type.Ram : E820Type.Reserved));
        LinuxRun run = await LinuxRun.StartAsync(
            name,
            new LinuxBootBuilder
            {
                Mode = mode,
                Memory = 512 * MiB,
                Map = new MemoryMap(ranges.ToImmutable()),
                CommandLine = CommandLine,
                Initrds = Initrd(name),
            });
        Check(run, CommandLine);
        Assert.Equal(ranges.Take(128).Select(Line), run.MemoryMap);
        Assert.Equal(ranges.Select(Line), run.ExtendedMemoryMap);
    }

    private static LinuxBootBuilder Builder(string name, WordSize mode, Kaslr? kaslr = null, Paddr? address = null) => new()
    {
        Mode = mode,
        Memory = 512 * MiB,
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

    /// <summary>A range as Linux prints it.</summary>
    private static string Line(MemoryRange range)
    {
        string type = range.Type == E820Type.Ram ? "usable" : "reserved";
        return string.Create(CultureInfo.InvariantCulture, $"[mem 0x{range.Start.Value:x16}-0x{range.End.Value - 1:x16}] {type}");
    }

    private static byte[] MakeData(int size)
    {
        byte[] data = new byte[size];
        new Random(size).NextBytes(data);
        return data;
    }
}
