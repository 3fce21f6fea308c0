using BootProtocol.Memory;
using BootProtocol.Xen.Host;

namespace BootProtocol.Xen.Domains;

/// <summary>The memory of a domain that is being built: what is claimed is mapped, and writing there is writing to the domain.</summary>
/// <remarks>It is to be disposed before the page tables in it are pinned: Xen takes no table that somebody may write to.</remarks>
/// <example><code>
/// var created = XenDomain.Create(hypervisor, new DomainLimits());
/// using (DomainMemory memory = created.OpenMemory(created.Populate(16)))
///     "hello"u8.CopyTo(memory.Claim(new Paddr(0x1000), 4096).Span);      // written to the domain itself
/// created.Destroy();
/// </code></example>
public sealed class DomainMemory : GuestMemory
{
    private readonly XenDomain _domain;
    private readonly DomainFrames _frames;
    private readonly List<IHostMemory> _mappings = [];

    internal DomainMemory(XenDomain domain, DomainFrames frames)
    {
        _domain = domain;
        _frames = frames;
    }

    /// <inheritdoc/>
    protected override bool Has(Paddr start, long length) =>
        start.Value <= (ulong)_frames.Count * X86Page.Size && (ulong)length <= ((ulong)_frames.Count * X86Page.Size) - start.Value;

    /// <inheritdoc/>
    protected override Memory<byte> Provide(Paddr start, int length)
    {
        int answer = _domain.Host.Map(_domain.Id, _frames.Range(start, length / X86Page.Size), out IHostMemory? mapping);
        XenException.Check("map memory of the domain", answer);
        _mappings.Add(mapping!);

        // Xen clears memory when a domain gives it back, but promises nothing about what a new domain gets.
        mapping!.Memory.Span.Clear();
        return mapping.Memory;
    }

    /// <inheritdoc/>
    protected override void GiveUp(Paddr start, Memory<byte> memory) => memory.Span.Clear();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (IHostMemory mapping in _mappings)
            mapping.Dispose();
        _mappings.Clear();
    }
}
