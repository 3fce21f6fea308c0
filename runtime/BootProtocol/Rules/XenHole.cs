namespace BootProtocol.Rules;

/// <summary>The virtual addresses that Xen keeps for itself in every PV guest, and those that no processor has.</summary>
/// <remarks>
/// Source: Xen's public headers arch-x86/xen-x86_64.h (HYPERVISOR_VIRT_START, HYPERVISOR_VIRT_END) and arch-x86/xen-x86_32.h
/// (HYPERVISOR_VIRT_START_PAE).
/// </remarks>
/// <example><code>
/// string? reason = XenHole.Reason(WordSize.Bits64, new Vaddr(XenHole.Start64), new Vaddr(XenHole.Start64 + 0xfff));
/// Console.WriteLine(reason ?? "outside of the hypervisor's part");
/// </code></example>
public static class XenHole
{
    /// <summary>The first address that a 64-bit guest cannot have; an entry of the top page table starts there.</summary>
    public const ulong Start64 = 0xffff800000000000;

    /// <summary>The last one.</summary>
    public const ulong Last64 = 0xffff87ffffffffff;

    /// <summary>The first address that a 32-bit guest with PAE cannot have, nor any above it.</summary>
    public const uint Start32 = 0xf5800000;

    private const ulong LastLow64 = 0x00007fffffffffff;

    /// <summary>Why a guest cannot have something at a range of addresses; null if there is no reason.</summary>
    /// <param name="word">The word size of the guest.</param>
    /// <param name="from">The first address.</param>
    /// <param name="last">The last address, inclusive.</param>
    public static string? Reason(WordSize word, Vaddr from, Vaddr last)
    {
        if (last < from)
            return $"{from}-{last} goes beyond the last address";
        if (word == WordSize.Bits32)
        {
            if (last.Value > uint.MaxValue)
                return $"{from}-{last} has more than 32 bits";
            return last.Value >= Start32 ? $"{from}-{last} overlaps the hypervisor's hole, 0x{Start32:x}-0x{uint.MaxValue:x}" : null;
        }

        if (from.Value <= Last64 && last.Value >= Start64)
            return $"{from}-{last} overlaps the hypervisor's hole, 0x{Start64:x}-0x{Last64:x}";
        return last.Value > LastLow64 && from.Value < Start64 ? $"{from}-{last} has addresses that no processor has" : null;
    }
}
