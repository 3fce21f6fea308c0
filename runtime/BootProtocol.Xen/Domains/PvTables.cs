using BootProtocol.Memory;

namespace BootProtocol.Xen.Domains;

/// <summary>Follows the page tables of a PV domain, in the domain's own frames.</summary>
/// <param name="domain">The domain.</param>
/// <param name="word">64 bits: tables of four levels; 32 bits: PAE's three.</param>
/// <param name="top">The machine frame of its top table.</param>
internal sealed class PvTables(XenDomain domain, WordSize word, Mfn top)
{
    private readonly Dictionary<Mfn, byte[]> _tables = [];

    /// <summary>The machine frame that an address is mapped to, or of the table that it leads to; null if there is none.</summary>
    /// <param name="address">The address.</param>
    /// <param name="level">0: the page at the address; 1 and on: the table of that level.</param>
    /// <exception cref="XenException">A table is in a frame that is not the domain's.</exception>
    public Mfn? Find(Vaddr address, int level = 0)
    {
        Mfn frame = top;
        for (int above = PageTable.Levels(word); above > level; above--)
        {
            ulong entry = PageTable.Read(Read(frame), PageTable.IndexOf(address.Value, above));
            if (!PageTable.IsPresent(entry))
                return null;
            frame = PageTable.FrameOf(entry);
        }

        return frame;
    }

    /// <summary>Reads the page at an address.</summary>
    /// <returns>Its 4096 bytes; null if nothing is mapped there.</returns>
    /// <exception cref="XenException">It is in a frame that is not the domain's.</exception>
    public byte[]? ReadPage(Vaddr address) => Find(address) is { } frame ? Copy(frame, "map a page of the domain") : null;

    private byte[] Read(Mfn table)
    {
        if (!_tables.TryGetValue(table, out byte[]? bytes))
            _tables[table] = bytes = Copy(table, "map a page table of the domain");
        return bytes;
    }

    private byte[] Copy(Mfn frame, string step)
    {
        using Host.IHostMemory page = domain.MapReadOnly([frame], step);
        return page.Memory.ToArray();
    }
}
