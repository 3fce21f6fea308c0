using System.Collections.Immutable;
using System.Text.Json;
using BootProtocol.Elf;
using BootProtocol.Memory;

namespace BootProtocol.Build;

/// <summary>A guest that is ready to start: its memory, and the state of its processor.</summary>
public abstract class Domain : IDisposable
{
    private protected Domain(GuestMemory memory, RegionMap regions, MemoryMap map, PlacedKernel kernel)
    {
        Memory = memory;
        Regions = regions.Regions;
        Map = map;
        Kernel = kernel;
    }

    /// <summary>The way in which it starts: one of the names in <see cref="BootWays"/>.</summary>
    public abstract string Way { get; }

    /// <summary>Its memory, as far as something is in it.</summary>
    public GuestMemory Memory { get; }

    /// <summary>What its physical addresses hold.</summary>
    public MemoryMap Map { get; }

    /// <summary>Everything that was laid out, ascending, each with the reason for its place.</summary>
    public ImmutableArray<Region> Regions { get; }

    /// <summary>Its kernel.</summary>
    public PlacedKernel Kernel { get; }

    /// <summary>Frames that a hypervisor shares with the guest, and that are not of its memory: whole pages, or none.</summary>
    public virtual ReadOnlyMemory<byte> SharedFrames => default;

    /// <summary>The state of its processor as the structure that a hypervisor takes; empty if there is no such structure.</summary>
    public virtual ReadOnlyMemory<byte> VcpuContext => default;

    /// <summary>Writes the registers as properties of an object that is open.</summary>
    internal abstract void WriteRegisters(Utf8JsonWriter json);

    /// <summary>Writes what only its way to start has, as properties of the whole description.</summary>
    internal virtual void WriteDetails(Utf8JsonWriter json)
    {
    }

    /// <summary>Gives its memory up.</summary>
    public void Dispose()
    {
        Memory.Dispose();
        GC.SuppressFinalize(this);
    }
}
