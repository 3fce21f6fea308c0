using System.Text.Json;
using BootProtocol.Memory;
using BootProtocol.Rules;
using BootProtocol.Xen;

namespace BootProtocol.Domains;

/// <summary>A guest that starts by its PVH entry.</summary>
/// <example><code>
/// HvmStartInfo info = pvh.StartInfo;
/// Console.WriteLine($"version {info.Version} at {pvh.StartInfoAddress}, {info.NrModules} modules, ebx 0x{pvh.Cpu.Rbx:x}");
/// </code></example>
public sealed class PvhDomain : Domain
{
    internal PvhDomain(GuestMemory memory, RegionMap regions, MemoryMap map, KernelPlacement placement)
        : base(memory, regions, map, placement)
    {
    }

    /// <inheritdoc/>
    public override BootWay Way => Live(BootWay.Pvh);

    /// <summary>The state of the first processor.</summary>
    public required CpuState Cpu { get => Live(field); init; }

    /// <summary>
    /// Whether the memory map is the caller's, and not that of a plain PC, which any machine of the same size may replace.
    /// </summary>
    public bool HasOwnMap { get => Live(field); init; }

    /// <summary>Where <c>hvm_start_info</c> is.</summary>
    public Paddr StartInfoAddress => new(Cpu.Rbx);

    /// <summary>The <c>hvm_start_info</c>, as the kernel will find it.</summary>
    public HvmStartInfo StartInfo => HvmStartInfo.Parse(Memory.Slice(StartInfoAddress, HvmStartInfo.Layout.Size).Span);

    internal override void WriteRegisters(Utf8JsonWriter json) => Cpu.WriteTo(json);
}
