using BootProtocol.Memory;
using BootProtocol.Xen.Host;

namespace BootProtocol.Xen.Domains;

/// <summary>The memory of a domain that is there already, in place, for reading only: whoever writes to it faults.</summary>
internal sealed class DomainView : GuestMemory
{
    private const ulong MostPages = 1 << 18;
    private const string Step = "map memory of the domain";

    private readonly XenDomain _domain;
    private readonly DomainFrames _frames;
    private readonly SharedTable? _shared;
    private readonly List<IHostMemory> _mappings = [];

    private DomainView(XenDomain domain, DomainFrames frames, SharedTable? shared)
    {
        _domain = domain;
        _frames = frames;
        _shared = shared;
    }

    /// <summary>Opens all of it.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="frames">The machine frames behind its own.</param>
    /// <param name="shared">The table of it in which Xen has entries of its own, which read as zero; null if there is none.</param>
    /// <exception cref="XenException">Some frame is not the domain's.</exception>
    public static DomainView Open(XenDomain domain, DomainFrames frames, SharedTable? shared)
    {
        var view = new DomainView(domain, frames, shared);
        try
        {
            ulong first = 0;
            if (shared is { } table)
            {
                view.ClaimRange(0, table.Frame.Value);
                view.ClaimRange(table.Frame.Value, first = table.Frame.Value + 1);
            }

            view.ClaimRange(first, (ulong)frames.Count);
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
        start.Value <= (ulong)_frames.Count * X86Page.Size && (ulong)length <= ((ulong)_frames.Count * X86Page.Size) - start.Value;

    /// <inheritdoc/>
    protected override Memory<byte> Provide(Paddr start, int length)
    {
        IHostMemory mapping = _domain.MapReadOnly(_frames.Range(start, length / X86Page.Size), Step);
        if (_shared is not { } shared || start.ToPfn() != shared.Frame)
        {
            _mappings.Add(mapping);
            return mapping.Memory;
        }

        using (mapping)
        {
            byte[] table = mapping.Memory.ToArray();
            table.AsSpan(shared.FirstEntry * sizeof(ulong), shared.Entries * sizeof(ulong)).Clear();
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
            Claim(new Pfn(at).ToPaddr(), (long)Math.Min(MostPages, end - at) * X86Page.Size);
    }
}
