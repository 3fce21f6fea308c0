using System.Text.Json;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Rules;

namespace BootProtocol.Domains;

/// <summary>A guest that starts by one of Linux's own boot protocols.</summary>
/// <example><code>
/// using LinuxDomain guest = new LinuxBootBuilder { MemorySize = 64 &lt;&lt; 20, CommandLine = "quiet" }.Build(kernel);
/// BootParams parameters = guest.BootParams;
/// Console.WriteLine($"command line at {parameters.Hdr.CmdLinePtr}, {parameters.E820Entries} entries of memory map");
/// </code></example>
public sealed class LinuxDomain : Domain
{
    internal LinuxDomain(GuestMemory memory, RegionMap regions, MemoryMap map, KernelPlacement placement)
        : base(memory, regions, map, placement)
    {
    }

    /// <inheritdoc/>
    public override BootWay Way => Cpu.IsLongMode ? BootWay.Linux64 : BootWay.Linux32;

    /// <summary>The state of the first processor.</summary>
    public required CpuState Cpu { get => Live(field); init; }

    /// <summary>Whether the kernel is entered by its bzImage's own code, and decompresses itself.</summary>
    public bool DecompressesItself { get => Live(field); init; }

    /// <summary>Whether the memory map is the caller's, and not a plain PC's, which any machine of the same size may replace.</summary>
    public bool HasOwnMap { get => Live(field); init; }

    /// <summary>Where the zero page is.</summary>
    public Paddr BootParamsAddress => new(Cpu.Rsi);

    /// <summary>The zero page, as the kernel will find it.</summary>
    public BootParams BootParams => BootParams.Parse(Memory.Slice(BootParamsAddress, BootParams.Layout.Size).Span);

    internal override void WriteRegisters(Utf8JsonWriter json) => Cpu.WriteTo(json);
}
