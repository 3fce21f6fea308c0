using BootProtocol.Domains;
using BootProtocol.Relocate;

namespace BootProtocol.Boot.Tests.Linux;

/// <summary>Debian's kernels as domains of the PVH builder, where they were linked and elsewhere.</summary>
/// <remarks>
/// 6.12 has the note PHYS32_RELOC: virtual and physical place are independent. 6.1 has none, and its entry finds itself by physical
/// addresses that the relocation lists move, too: it runs at a virtual offset if it lies as much higher.
/// </remarks>
public sealed class PvhBuilderTests
{
    private const string Amd64 = "6.12-amd64";
    private const string Cloud = "6.1-cloud-amd64";
    private const string Pae = "6.1-686-pae";
    private const string MicroVm = "microvm,isa-serial=on";
    private const string CommandLine = "console=ttyS0 quiet panic=-1 mitigations=off cryptomgr.notests said=\"some words\"";
    private static readonly byte[] _data = [.. Enumerable.Range(0, 100_001).Select(static index => (byte)(index % 251))];

    [Theory]
    [InlineData(Amd64, 96, "q35")]
    [InlineData(Amd64, 512, "pc")]
    [InlineData(Amd64, 512, MicroVm)]
    [InlineData(Amd64, 6144, "q35")]
    [InlineData(Cloud, 3072, "pc")]
    [InlineData(Pae, 6144, "pc")]
    public Task Kernel_reaches_user_space(string name, int memory, string machine)
    {
        // Linux has no clock on this machine but the TSC, and measures that against a timer: in vain where an emulator is slow.
        string commandLine = machine == MicroVm ? $"{CommandLine} tsc_early_khz=1000000" : CommandLine;
        return Boot(name, Builder(name, Kaslr.None, memory: memory, commandLine: commandLine), machine);
    }

    [Theory]
    [InlineData(Amd64, 0x6000000, 0x1000000)]
    [InlineData(Amd64, 0, 0x1e00000)]
    [InlineData(Amd64, 0x1c400000, 0x4200000)]
    [InlineData(Cloud, 0x200000, 0x1200000)]
    [InlineData(Cloud, 0x6000000, 0x7000000)]
    [InlineData(Pae, 0x4000000, 0x5000000)]
    public Task Kernel_runs_where_it_was_placed(string name, ulong offset, ulong start) =>
        Boot(name, Builder(name, Kaslr.At(offset), start));

    [Theory]
    [InlineData(Amd64, 1)]
    [InlineData(Amd64, 2)]
    [InlineData(Cloud, 1)]
    [InlineData(Pae, 2)]
    public Task Kernel_runs_at_a_random_offset(string name, int seed) => Boot(name, Builder(name, Kaslr.Random(seed)));

    private static PvhBuilder Builder(string name, Kaslr kaslr, ulong start = 0, int memory = 256, string? commandLine = null) => new()
    {
        MemorySize = (ulong)memory << 20,
        CommandLine = commandLine ?? CommandLine,
        Initrds = [GuestInit.Archive(name == Pae ? WordSize.Bits32 : WordSize.Bits64, _data)],
        Kaslr = kaslr,
        KernelAddress = start == 0 ? null : new Paddr(start),
    };

    private static async Task Boot(string name, PvhBuilder builder, string machine = "q35")
    {
        KernelPlacement? placed = null;
        LinuxRun run = await LinuxRun.StartAsync(name, builder, machine, domain => placed = domain.Placement);
        Assert.Equal(builder.CommandLine, run.Report["command line"]);
        Assert.Equal(GuestInit.SumOf(_data), run.Report["file"]);
        ulong linked = name == Pae ? 0xc1000000 : 0xffffffff81000000;
        string symbol = $"{linked + placed!.VirtualOffset:x} T _text";
        Assert.Equal(symbol, run.Report["symbol"]);
        if (builder.Kaslr.IsRandom)
            Assert.NotEqual(0u, placed.VirtualOffset);
        if (builder.KernelAddress is { } start)
            Assert.Equal(start, placed.Start);
        Console.WriteLine($"pvh {name} on {machine}, {builder.MemorySize >> 20} MiB: at {placed.Start}, {symbol}: user space reached");
    }
}
