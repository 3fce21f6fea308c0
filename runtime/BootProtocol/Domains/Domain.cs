using System.Collections.Immutable;
using System.Text.Json;
using BootProtocol.Memory;
using BootProtocol.Rules;

namespace BootProtocol.Domains;

/// <summary>A guest that is ready to start: its memory, and the state of its processor.</summary>
/// <example><code>
/// Domain guest = linux;
/// Console.WriteLine($"{guest.Way}: kernel at {guest.Placement.Start}, {guest.Map.RamSize} bytes of RAM");
/// foreach (Region region in guest.Regions)
///     Console.WriteLine(region);
/// </code></example>
public abstract class Domain : IDisposable
{
    private readonly GuestMemory _memory;
    private readonly MemoryMap _map;
    private readonly ImmutableArray<Region> _regions;
    private readonly KernelPlacement _placement;
    private int _isDisposed;

    private protected Domain(GuestMemory memory, RegionMap regions, MemoryMap map, KernelPlacement placement)
    {
        _memory = memory;
        _regions = regions.Regions;
        _map = map;
        _placement = placement;
    }

    /// <summary>The way in which it starts.</summary>
    public abstract BootWay Way { get; }

    /// <summary>Its memory, as far as something is in it.</summary>
    public GuestMemory Memory => Live(_memory);

    /// <summary>What its physical addresses hold.</summary>
    public MemoryMap Map => Live(_map);

    /// <summary>Everything that was laid out, ascending, each with the reason for its place.</summary>
    public ImmutableArray<Region> Regions => Live(_regions);

    /// <summary>Where its kernel stands.</summary>
    public KernelPlacement Placement => Live(_placement);

    /// <summary>Frames that a hypervisor shares with the guest, and that are not of its memory: whole pages, or none.</summary>
    public virtual ReadOnlyMemory<byte> SharedFrames => Live(ReadOnlyMemory<byte>.Empty);

    /// <summary>The state of its processor as the structure that a hypervisor takes; empty if there is no such structure.</summary>
    public virtual ReadOnlyMemory<byte> VcpuContext => Live(ReadOnlyMemory<byte>.Empty);

    /// <summary>Writes the registers as properties of an object that is open.</summary>
    internal abstract void WriteRegisters(Utf8JsonWriter json);

    /// <summary>Writes what only its way to start has, as properties of the whole description.</summary>
    internal virtual void WriteDetails(Utf8JsonWriter json)
    {
    }

    /// <summary>
    /// Gives its memory up: from then on every other member throws <see cref="ObjectDisposedException"/>. Any thread may do so. What is
    /// not disposed is collected.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _memory.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A value of it, which it has as long as it is not disposed.</summary>
    private protected T Live<T>(T value)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        return value;
    }
}
