using BootProtocol.Domains;
using BootProtocol.Memory;
using BootProtocol.Xen;
using BootProtocol.XenStream;

namespace BootProtocol.Output;

/// <summary>The pages of a PV guest as a saved domain has them: with its own frame numbers in place of machine frames.</summary>
internal sealed class SavedPages : IDisposable
{
    private readonly XenPvDomain _domain;
    private readonly GuestMemory _rewritten = GuestMemory.Allocate();

    /// <summary>Writes page tables, start_info and the page of hypercalls anew.</summary>
    /// <param name="domain">The guest.</param>
    /// <param name="hypercalls">The page of hypercalls; empty if nobody asks for it.</param>
    public SavedPages(XenPvDomain domain, ReadOnlyMemory<byte> hypercalls)
    {
        _domain = domain;
        foreach (PageTableMapping mapping in domain.Tables.Mappings)
        {
            if (mapping.TableCount > 0)
                _rewritten.Claim(mapping.Tables.ToPaddr(), (long)mapping.TableCount * X86Page.Size);
        }

        domain.Tables.Write(_rewritten, new ContiguousFrames(default));
        if (domain.HypercallFrame is { } frame)
            hypercalls.Span.CopyTo(_rewritten.Claim(frame.ToPaddr(), X86Page.Size).Span);
        Span<byte> page = _rewritten.Claim(domain.StartInfoFrame.ToPaddr(), X86Page.Size).Span;
        domain.Memory.Read(domain.StartInfoFrame.ToPaddr(), page);
        StartInfo.Writer info = StartInfo.Edit(page, domain.Placement.Word);
        info.SharedInfo = default;
        info.StoreMfn = new Mfn(domain.XenstoreFrame.Value);
        DomuConsole.Writer console = info.ConsoleDomu;
        console.Mfn = new Mfn(domain.ConsoleFrame.Value);
    }

    /// <summary>Reads a page.</summary>
    /// <param name="frame">The guest's frame.</param>
    /// <param name="page">Where its contents go, if it has some.</param>
    /// <returns>What it is; <see cref="XcPageType.Allocate"/> for one without contents.</returns>
    public XcPageType Read(Pfn frame, Span<byte> page)
    {
        if (TryCopy(_rewritten, frame, page))
            return KindOf(frame);
        return TryCopy(_domain.Memory, frame, page) ? XcPageType.NoTable : XcPageType.Allocate;
    }

    /// <inheritdoc/>
    public void Dispose() => _rewritten.Dispose();

    private static bool TryCopy(IAddressSpace memory, Pfn frame, Span<byte> page)
    {
        ReadOnlySpan<byte> contents = memory.Read(frame.ToPaddr().Value, X86Page.Size);
        contents.CopyTo(page);
        return !contents.IsEmpty;
    }

    private XcPageType KindOf(Pfn frame)
    {
        if (frame == _domain.TopTable)
            return _domain.Placement.Word == WordSize.Bits32 ? XcPageType.L3Pinned : XcPageType.L4Pinned;
        foreach (PageTableMapping mapping in _domain.Tables.Mappings)
        {
            for (int level = 1; level <= mapping.Levels.Length; level++)
            {
                PageTableLevel tables = mapping.Levels[level - 1];
                if (frame >= tables.First && frame.Value - tables.First.Value < (ulong)tables.Count)
                    return (XcPageType)level;
            }
        }

        return XcPageType.NoTable;
    }
}
