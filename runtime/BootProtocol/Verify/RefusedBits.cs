using BootProtocol.X86;

namespace BootProtocol.Verify;

/// <summary>The bits of page-table entries that a hypervisor refuses when it takes a guest's tables over.</summary>
/// <remarks>
/// Source: xen/arch/x86/mm.c of Xen, base_disallow_mask, L1_DISALLOW_MASK, L2_DISALLOW_MASK, l3_disallow_mask and L4_DISALLOW_MASK, for a
/// guest without devices and a processor with execute-disable. What it neither refuses nor heeds, it takes: software's own bits, and the
/// user bit, which it sets itself in all tables of 64-bit guests.
/// </remarks>
internal static class RefusedBits
{
    /// <summary>Memory type, large page (level 1: memory type) and global bits; the last one is for level 1 alone.</summary>
    private const ulong InUpperTables = (ulong)(Pte.WriteThrough | Pte.CacheDisable | Pte.PageAttribute | Pte.Global);

    /// <summary>Bit 62 marks what a grant maps, which only the hypervisor does (_PAGE_GNTTAB).</summary>
    private const ulong InLastTables = (ulong)(Pte.WriteThrough | Pte.CacheDisable | Pte.PageAttribute) | (1UL << 62);

    /// <summary>The top table of PAE has no bits above the frame, for the processors of 32-bit hypervisors knew none there.</summary>
    private const ulong AboveFrame = ulong.MaxValue << 52;

    /// <summary>The bits that an entry must not have.</summary>
    /// <param name="word">The word size of the guest.</param>
    /// <param name="level">The level of the table, from 1.</param>
    public static ulong Of(WordSize word, int level) => level switch
    {
        1 => InLastTables,
        3 when word == WordSize.Bits32 => InUpperTables | AboveFrame,
        _ => InUpperTables,
    };
}
