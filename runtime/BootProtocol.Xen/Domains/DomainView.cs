using BootProtocol.Memory;
using BootProtocol.Xen.Host;

namespace BootProtocol.Xen.Domains;

/// <summary>The memory of a domain that is there already, in place, for reading only: whoever writes to it faults.</summary>
internal sealed class DomainView : GuestMemory
{
    /// <summary>The first of the entries of a 64-bit top table that belong to Xen, for 0xffff800000000000 on, and how many there are.</summary>
    private const int FirstXenEntry = 256;
    private const int XenEntries = 16;

    private const ulong MostPages = 1 << 18;
    private const string Step = "map memory of the domain";

    private readonly XenDomain _domain;
    private readonly DomainFrames _frames;
    private readonly Pfn _top;
    private readonly List<IHostMemory> _mappings = [];

    private DomainView(XenDomain domain, DomainFrames frames, Pfn top)
    {
        _domain = domain;
        _frames = frames;
        _top = top;
    }

    /// <summary>Opens all of it.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="frames">The machine frames behind its own.</param>
    /// <param name="top">The frame of its top page table, in which Xen has entries of its own; these read as zero.</param>
    /// <exception cref="XenException">Some frame is not the domain's.</exception>
    public static DomainView Open(XenDomain domain, DomainFrames frames, Pfn top)
    {
        var view = new DomainView(domain, frames, top);
        try
        {
            view.ClaimRange(0, top.Value);
            view.ClaimRange(top.Value, top.Value + 1);
            view.ClaimRange(top.Value + 1, (ulong)frames.Count);
            return view;
        }
        catch
        {
            view.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override bool Has(Paddr start, long length) =>
        start.Value <= (ulong)_frames.Count * PageSize && (ulong)length <= ((ulong)_frames.Count * PageSize) - start.Value;

    /// <inheritdoc/>
    protected override Memory<byte> Provide(Paddr start, int length)
    {
        IHostMemory mapping = _domain.MapReadOnly(_frames.Range(start, length / PageSize), Step);
        if (start.ToPfn() != _top)
        {
            _mappings.Add(mapping);
            return mapping.Memory;
        }

        using (mapping)
        {
            byte[] table = mapping.Memory.ToArray();
            table.AsSpan(FirstXenEntry * sizeof(ulong), XenEntries * sizeof(ulong)).Clear();
            return table;
        }
    }

    /// <inheritdoc/>
    protected override void GiveUp(Paddr start, Memory<byte> memory)
    {
        // It is unmapped with all the rest.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (IHostMemory mapping in _mappings)
            mapping.Dispose();
        _mappings.Clear();
    }

    private void ClaimRange(ulong first, ulong end)
    {
        for (ulong at = first; at < end; at += MostPages)
            Claim(new Pfn(at).ToPaddr(), (long)Math.Min(MostPages, end - at) * PageSize);
    }
}
