using System.Collections.Immutable;
using BootProtocol.X86;

namespace BootProtocol.Memory;

/// <summary>Page tables that map addresses to themselves by pages of 2 MiB, as Linux's 64-bit entry point requires.</summary>
/// <remarks>Pages of 1 GiB would be fewer, but not every processor has them (Intel SDM volume 3, 4.1.4).</remarks>
internal sealed class IdentityTables
{
    private const int Entries = PageTable.EntryCount;
    private static readonly int _gigabyteShift = PageTable.ShiftOf(3);
    private const int AlwaysMapped = 4;
    private readonly bool _fiveLevels;

    /// <summary>The GiB that are mapped, the tables of level 3 and of level 4: the parts of the address space that each is for.</summary>
    private readonly ImmutableArray<ulong> _gigabytes;
    private readonly ImmutableArray<ulong> _level3;
    private readonly ImmutableArray<ulong> _level4;

    /// <summary>Plans tables for the first 4 GiB and for a range.</summary>
    /// <param name="start">The first address of the range.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="fiveLevels">Whether there are five levels rather than four.</param>
    public IdentityTables(Paddr start, ulong length, bool fiveLevels)
    {
        _fiveLevels = fiveLevels;
        var gigabytes = new SortedSet<ulong>();
        for (ulong i = 0; i < AlwaysMapped; i++)
            gigabytes.Add(i);
        for (ulong i = start.Value >> _gigabyteShift; i <= (start.Value + length - 1) >> _gigabyteShift; i++)
            gigabytes.Add(i);
        _gigabytes = [.. gigabytes];
        _level3 = [.. _gigabytes.Select(static part => part / Entries).Distinct()];
        _level4 = [.. _level3.Select(static part => part / Entries).Distinct()];
    }

    /// <summary>Bytes of all tables.</summary>
    public int Size => ((_fiveLevels ? 1 : 0) + _level4.Length + _level3.Length + _gigabytes.Length) * X86Page.Size;

    /// <summary>Writes the tables, the top one first.</summary>
    /// <param name="tables">Where they go; cleared.</param>
    /// <param name="address">Its physical address: a page's.</param>
    public void Write(Span<byte> tables, Paddr address)
    {
        int level4 = _fiveLevels ? 1 : 0;
        int level3 = level4 + _level4.Length;
        int level2 = level3 + _level3.Length;
        for (int i = 0; i < _level4.Length && _fiveLevels; i++)
            Put(tables, 0, _level4[i], TableAt(address, level4 + i), (ulong)(Pml5e.Present | Pml5e.Writable));
        for (int i = 0; i < _level3.Length; i++)
        {
            int table = level4 + _level4.IndexOf(_level3[i] / Entries);
            Put(tables, table, _level3[i], TableAt(address, level3 + i), (ulong)(Pml4e.Present | Pml4e.Writable));
        }

        for (int i = 0; i < _gigabytes.Length; i++)
        {
            int table = level3 + _level3.IndexOf(_gigabytes[i] / Entries);
            Put(tables, table, _gigabytes[i], TableAt(address, level2 + i), (ulong)(Pdpte.Present | Pdpte.Writable));
            for (ulong j = 0; j < Entries; j++)
            {
                ulong page = ((_gigabytes[i] * Entries) + j) << X86Page.LargeShift;
                Put(tables, level2 + i, j, page, (ulong)(Pde2M.Present | Pde2M.Writable | Pde2M.PageSize));
            }
        }
    }

    private static ulong TableAt(Paddr address, int table) => address.Value + ((ulong)table * X86Page.Size);

    private static void Put(Span<byte> tables, int table, ulong index, ulong address, ulong bits) =>
        PageTable.Write(tables.Slice(table * X86Page.Size, X86Page.Size), (int)(index % Entries), address, bits);
}
