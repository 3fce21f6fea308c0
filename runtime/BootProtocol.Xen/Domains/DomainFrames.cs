using BootProtocol.Memory;

namespace BootProtocol.Xen.Domains;

/// <summary>The machine frames that Xen gave a domain.</summary>
/// <example><code>
/// var created = XenDomain.Create(hypervisor, new DomainLimits());
/// DomainFrames frames = created.Populate(16);
/// Console.WriteLine($"{frames.Count} frames, the first is machine frame {frames[new Pfn(0)]}");
/// created.Destroy();
/// </code></example>
public sealed class DomainFrames : IMachineFrames
{
    private readonly Mfn[] _frames;

    internal DomainFrames(Mfn[] frames) => _frames = frames;

    /// <summary>How many there are.</summary>
    public int Count => _frames.Length;

    /// <inheritdoc/>
    public Mfn this[Pfn pfn] => pfn.Value < (ulong)_frames.Length
        ? _frames[(int)pfn.Value]
        : throw new ArgumentOutOfRangeException(nameof(pfn), $"Frame {pfn} is not one of the {_frames.Length} of the domain.");

    internal ReadOnlySpan<Mfn> Range(Paddr start, int pages) => _frames.AsSpan((int)start.ToPfn().Value, pages);
}
