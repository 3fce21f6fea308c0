using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Xen.Host;

namespace BootProtocol.Xen.Domains;

/// <summary>The RAM of an HVM domain that is being built, which is mapped by the domain's own frame numbers.</summary>
/// <param name="domain">The domain.</param>
/// <param name="map">Its memory map; all RAM of it is there.</param>
internal sealed class HvmMemory(XenDomain domain, MemoryMap map) : GuestMemory
{
    private readonly List<IHostMemory> _mappings = [];

    /// <inheritdoc/>
    protected override bool Has(Paddr start, long length)
    {
        foreach (MemoryRange range in map.Ranges)
        {
            if (range.Type == E820Type.Ram && start >= range.Start && start <= range.End && (ulong)length <= range.End.Value - start.Value)
                return true;
        }

        return false;
    }

    /// <inheritdoc/>
    protected override Memory<byte> Provide(Paddr start, int length)
    {
        var frames = new Mfn[length / X86Page.Size];
        for (int i = 0; i < frames.Length; i++)
            frames[i] = new Mfn(start.ToPfn().Value + (ulong)i);
        XenException.Check("map memory of the domain", domain.Host.Map(domain.Id, frames, out IHostMemory? mapping));
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
