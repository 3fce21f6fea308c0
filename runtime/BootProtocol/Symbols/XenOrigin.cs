namespace BootProtocol.Symbols;

/// <summary>
/// Finds where Xen's image starts in virtual memory (<c>XEN_VIRT_START</c>), which neither its ELF file nor its table of symbols says: most
/// pointers in it point into it, and to symbols.
/// </summary>
internal static class XenOrigin
{
    /// <summary>Xen gives its image 1 GiB, from a multiple of that on (xen/arch/x86/include/asm/config.h).</summary>
    private const int Shift = 30;

    /// <summary>The bits above the shift that all addresses of the upper half have.</summary>
    private const ulong UpperHalf = 0x3_fffe_0000;

    /// <summary>The fewest pointers to symbols that prove it.</summary>
    private const int MinimumProof = 64;

    /// <summary>Finds it.</summary>
    /// <param name="kernel">The hypervisor.</param>
    /// <param name="offsets">Where its symbols are, counted from the start of the image, sorted.</param>
    /// <returns>Null if the pointers in it prove no start.</returns>
    public static ulong? Find(ReadOnlySpan<byte> kernel, ulong[] offsets)
    {
        if (offsets[^1] >= 1UL << Shift)
            return null;
        var proofs = new Dictionary<ulong, int>();
        var numbers = new NumberList(kernel, sizeof(ulong));
        for (int i = 0; i < numbers.Count; i++)
        {
            ulong part = numbers[i] >> Shift;
            if ((part & UpperHalf) == UpperHalf && Array.BinarySearch(offsets, numbers[i] & ((1UL << Shift) - 1)) >= 0)
                proofs[part] = proofs.GetValueOrDefault(part) + 1;
        }

        KeyValuePair<ulong, int> best = proofs.OrderByDescending(static proof => proof.Value).FirstOrDefault();
        return best.Value >= MinimumProof ? best.Key << Shift : null;
    }
}
