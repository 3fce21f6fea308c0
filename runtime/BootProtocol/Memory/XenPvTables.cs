using System.Collections.Immutable;
using BootProtocol.X86;

namespace BootProtocol.Memory;

/// <summary>The page tables with which a guest of Xen PV starts: one or more mappings under one top table.</summary>
/// <remarks>
/// Tables have 512 entries of 8 bytes: 4 levels for 64 bits, 3 for 32 (PAE), where Xen runs the four entries at the top as a table like
/// any other. Order and bits are those of Xen's own domain builder (tools/libs/guest/xg_dom_x86.c): every level is one block of
/// tables for all addresses of the mapping, and the pages of the tables themselves are mapped read-only, as Xen demands.
/// </remarks>
internal sealed class XenPvTables
{
    private const int AddressBits64 = 48;

    /// <summary>From here on, the last of the four tables below the top is the guest's only one: no address lies in the others.</summary>
    private const ulong LastQuarter32 = 0xc0000000;

    private const ulong PageBits = (ulong)(Pte.Present | Pte.Writable | Pte.Accessed);
    private const ulong TableBits = (ulong)(Pde.Present | Pde.Writable | Pde.User | Pde.Accessed | Pde.Dirty);

    private readonly WordSize _word;
    private readonly int _levels;
    private readonly ulong _mask;
    private readonly List<PageTableMapping> _mappings = [];

    /// <summary>Starts without mappings.</summary>
    /// <param name="word">The word size of the guest.</param>
    public XenPvTables(WordSize word)
    {
        _word = word;
        _levels = PageTable.Levels(word);
        _mask = word == WordSize.Bits32 ? uint.MaxValue : (1UL << AddressBits64) - 1;
    }

    /// <summary>The mappings; the first brings the top table along.</summary>
    public IReadOnlyList<PageTableMapping> Mappings => _mappings;

    /// <summary>The virtual address, sign-extended, of the bits that tables use.</summary>
    public Vaddr AddressOf(ulong bits) =>
        new(_word == WordSize.Bits64 && bits >> (AddressBits64 - 1) != 0 ? bits | ~_mask : bits);

    /// <summary>Finds out which tables one more mapping would take. Nothing is added.</summary>
    /// <param name="from">The first address; a page's.</param>
    /// <param name="to">The last address, inclusive; the last of a page.</param>
    /// <param name="first">The frame at the first address.</param>
    /// <param name="tables">The frame from which on its tables go.</param>
    /// <exception cref="BootFormatException">Tables of the mappings before lie in the midst of its own.</exception>
    public PageTableMapping Plan(Vaddr from, Vaddr to, Pfn first, Pfn tables)
    {
        ulong start = from.Value & _mask;
        ulong end = to.Value & _mask;
        var levels = new PageTableLevel[_levels];
        ulong next = tables.Value;
        for (int level = _levels - 1; level >= 0; level--)
        {
            levels[level] = PlanLevel(level, start, end, new Pfn(next));
            next += (ulong)levels[level].Count;
        }

        return new PageTableMapping(start, end, first, tables, [.. levels]);
    }

    /// <summary>Takes a mapping that was planned last.</summary>
    public void Add(PageTableMapping mapping) => _mappings.Add(mapping);

    /// <summary>Writes all tables into memory that is claimed and zero.</summary>
    /// <param name="memory">The guest's memory.</param>
    /// <param name="frames">The machine frames behind its frames.</param>
    public void Write(GuestMemory memory, IMachineFrames frames)
    {
        foreach (PageTableMapping mapping in _mappings)
        {
            for (int level = _levels - 1; level >= 0; level--)
            {
                if (mapping.Levels[level].Count != 0)
                    WriteLevel(memory, frames, level, mapping.Levels[level]);
            }
        }
    }

    private PageTableLevel PlanLevel(int level, ulong start, ulong end, Pfn first)
    {
        if (level == _levels - 1)
            return _mappings.Count == 0 ? new PageTableLevel(0, _mask, first, 1) : default;
        ulong inside = (1UL << PageTable.ShiftOf(level + 2)) - 1;
        ulong from = start & ~inside;
        ulong to = end | inside;

        // Xen keeps a part of the last quarter for itself, and needs a table there whatever the guest maps.
        if (_word == WordSize.Bits32 && _mappings.Count == 0 && end < LastQuarter32 && level == 1)
            to = _mask;
        foreach (PageTableMapping other in _mappings)
        {
            PageTableLevel known = other.Levels[level];
            if (known.Count == 0 || from > known.To || to < known.From)
                continue;
            if (from >= known.From && to <= known.To)
                return default;
            if (from < known.From && to > known.To)
            {
                string found = $"0x{start:x}-0x{end:x} around one";
                throw new BootFormatException(BootErrorCode.BadValue, "page tables", "", null, "a range beside those that are mapped", found);
            }

            if (from >= known.From)
                from = known.To + 1;
            else
                to = known.From - 1;
        }

        return new PageTableLevel(from, to, first, (int)((to - from) / (inside + 1)) + 1);
    }

    /// <summary>Fills the tables of one level with what all mappings have one level below.</summary>
    private void WriteLevel(GuestMemory memory, IMachineFrames frames, int level, PageTableLevel tables)
    {
        Span<byte> bytes = memory.Slice(tables.First.ToPaddr(), tables.Count * X86Page.Size).Span;
        int shift = PageTable.ShiftOf(level + 1);
        foreach (PageTableMapping mapping in _mappings)
        {
            PageTableLevel below = level == 0
                ? new PageTableLevel(mapping.From, mapping.To, mapping.First, 1)
                : mapping.Levels[level - 1];
            if (below.Count == 0 || below.From > tables.To || below.To < tables.From)
                continue;
            ulong from = Math.Max(tables.From, below.From);
            ulong to = Math.Min(tables.To, below.To);
            ulong frame = below.First.Value + ((from - below.From) >> shift);
            int last = (int)((to - tables.From) >> shift);
            for (int entry = (int)((from - tables.From) >> shift); entry <= last; entry++, frame++)
            {
                ulong bits = level > 0 ? TableBits : BitsOf(new Pfn(frame));
                PageTable.Write(bytes, entry, frames[new Pfn(frame)].ToMaddr().Value, bits);
            }
        }
    }

    private ulong BitsOf(Pfn frame)
    {
        foreach (PageTableMapping mapping in _mappings)
        {
            if (mapping.IsTable(frame))
                return PageBits & ~(ulong)Pte.Writable;
        }

        return PageBits;
    }
}
