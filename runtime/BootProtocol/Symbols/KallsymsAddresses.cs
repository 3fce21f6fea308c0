using BootProtocol.Elf;

namespace BootProtocol.Symbols;

/// <summary>Finds the addresses of a table of symbols: in front of the number of symbols, or behind the tokens (since Linux 6.5).</summary>
/// <remarks>
/// All places that the layouts of any release allow are looked at, in all forms; the one that is sorted, and lies in the image the most, is it.
/// Source: kernel/kallsyms.c and scripts/kallsyms.c of Linux 2.6.10 to 7.3.
/// </remarks>
internal static class KallsymsAddresses
{
    private const int Entry = sizeof(int);

    private static readonly int[] _alignments = [4, 8, 16];

    /// <summary>Finds them.</summary>
    /// <param name="elf">The kernel.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="names">The names of its symbols.</param>
    /// <param name="tokens">What these are made of.</param>
    /// <param name="places">Where the kernel goes.</param>
    /// <exception cref="BootFormatException">There are none that fit.</exception>
    public static AddressTable Find(ElfFile elf, ReadOnlySpan<byte> bytes, KallsymsNames names, KallsymsTokens tokens, LoadedPlaces places)
    {
        var candidates = new List<AddressTable>();
        int word = elf.Word == WordSize.Bits64 ? sizeof(ulong) : sizeof(uint);
        AddBehind(candidates, bytes, names.Count, tokens.End, word, places);
        AddInFront(candidates, bytes, names, word, places);
        AddressTable? best = null;
        int most = names.Count / 2;
        foreach (AddressTable candidate in candidates)
        {
            int rate = candidate.Rate(bytes, names.Count, places);
            if (rate <= most)
                continue;
            most = rate;
            best = candidate;
        }

        // Xen's ELF file of 32 bits has the addresses before paging, in which what counts from the start of the image looks like addresses.
        AddressTable? ofXen = best is null || word == sizeof(uint) ? OfXen(bytes, names, places) : null;
        return ofXen ?? best ?? throw KallsymsFaults.Broken(
            "kallsyms_addresses or kallsyms_offsets",
            names.CountAt,
            KallsymsFaults.Text($"{names.Count} addresses of the image, in order, beside the names"),
            "none");
    }

    private static void AddBehind(
        List<AddressTable> candidates, ReadOnlySpan<byte> bytes, int count, int end, int word, LoadedPlaces places)
    {
        ulong mask = MaskOf(word);
        foreach (int at in Aligned(end))
        {
            long offsetsEnd = at + ((long)count * Entry);
            if (offsetsEnd > bytes.Length)
                continue;
            foreach (int baseAt in Aligned((int)offsetsEnd))
            {
                NumberList origin = NumberList.At(bytes, baseAt, 1, word);
                if (origin.Count == 1 && places.Contains(origin[0]))
                    candidates.Add(BaseRelative(bytes, at, count, baseAt + word, origin[0], mask));
            }

            // Where a base follows, that says more than offsets that fit by themselves.
            if (places.AddressOf(at) is { } place)
                candidates.Add(new AddressTable(KernelSymbolForm.PlaceRelative, at, (int)offsetsEnd, Entry, place, mask));
            if (word == Entry)
                candidates.Add(new AddressTable(KernelSymbolForm.Absolute, at, (int)offsetsEnd, Entry, 0, mask));
            else if (offsetsEnd + ((long)count * Entry) <= bytes.Length)
                candidates.Add(new AddressTable(KernelSymbolForm.Absolute, at, (int)offsetsEnd + (count * Entry), word, 0, mask));
        }
    }

    private static void AddInFront(
        List<AddressTable> candidates, ReadOnlySpan<byte> bytes, KallsymsNames names, int word, LoadedPlaces places)
    {
        ulong mask = MaskOf(word);
        foreach (int end in Padded(bytes, names.CountAt))
        {
            long at = end - ((long)names.Count * word);
            if (at >= 0)
                candidates.Add(new AddressTable(KernelSymbolForm.Absolute, (int)at, end, word, 0, mask));
            NumberList origin = NumberList.At(bytes, end - word, 1, word);
            if (origin.Count == 0 || !places.Contains(origin[0]))
                continue;
            foreach (int offsetsEnd in Padded(bytes, end - word))
            {
                at = offsetsEnd - ((long)names.Count * Entry);
                if (at >= 0)
                    candidates.Add(BaseRelative(bytes, (int)at, names.Count, end, origin[0], mask));
            }
        }
    }

    /// <summary>Xen's table has what counts from the start of its image, and its ELF file lies elsewhere.</summary>
    private static AddressTable? OfXen(ReadOnlySpan<byte> bytes, KallsymsNames names, LoadedPlaces places)
    {
        foreach (int end in Padded(bytes, names.CountAt))
        {
            long at = end - ((long)names.Count * Entry);
            if (at < 0)
                continue;
            var table = new AddressTable(KernelSymbolForm.ImageRelative, (int)at, end, Entry, 0, ulong.MaxValue);
            if (table.Rate(bytes, names.Count, places) == names.Count && XenOrigin.Find(bytes, table.Read(bytes, names.Count)) is { } origin)
                return table with { Origin = origin };
        }

        return null;
    }

    private static AddressTable BaseRelative(ReadOnlySpan<byte> bytes, int at, int count, int end, ulong origin, ulong mask)
    {
        NumberList offsets = NumberList.At(bytes, at, count, Entry);
        bool hasNegative = false;
        for (int i = 0; i < offsets.Count && !hasNegative; i++)
            hasNegative = (int)offsets[i] < 0;
        KernelSymbolForm form = hasNegative ? KernelSymbolForm.BaseRelativeOrAbsolute : KernelSymbolForm.BaseRelative;
        return new AddressTable(form, at, end, Entry, origin, mask);
    }

    private static ulong MaskOf(int word) => word == sizeof(ulong) ? ulong.MaxValue : uint.MaxValue;

    /// <summary>The places where what follows a part may start.</summary>
    public static IEnumerable<int> Aligned(int end) =>
        _alignments.Select(alignment => (int)Math.Min(int.MaxValue, ((long)end + alignment - 1) / alignment * alignment)).Distinct();

    /// <summary>The places where what stands in front of a part may end.</summary>
    private static List<int> Padded(ReadOnlySpan<byte> bytes, int start)
    {
        var ends = new List<int>();
        for (int end = start; end > start - KallsymsTokens.MaximumPadding && NumberList.IsZero(bytes, end, start); end -= Entry)
            ends.Add(end);
        return ends;
    }
}
