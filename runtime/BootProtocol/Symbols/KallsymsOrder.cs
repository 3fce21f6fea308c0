namespace BootProtocol.Symbols;

/// <summary>
/// The order of symbols by their names (<c>kallsyms_seqs_of_names</c>; Linux 6.1 and later): 3 bytes for each, the highest first. It proves names
/// that nothing else does, since they have to be sorted by it.
/// </summary>
internal static class KallsymsOrder
{
    private const int Entry = 3;

    /// <summary>Checks that the order has every symbol once, and that the names are sorted by it.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="places">Where the order may start: in front of the tokens, or behind the addresses.</param>
    /// <param name="names">The names.</param>
    /// <param name="count">How many there are.</param>
    /// <exception cref="BootFormatException">It is broken, or the names are.</exception>
    public static void Check(ReadOnlySpan<byte> kernel, IEnumerable<int> places, KallsymsPool names, int count)
    {
        int first = -1;
        foreach (int place in places)
        {
            first = first < 0 ? place : first;
            if (place > kernel.Length - ((long)count * Entry))
                continue;
            ReadOnlySpan<byte> order = kernel.Slice(place, count * Entry);
            if (!HasAll(order, count))
                continue;
            CheckSorted(order, place, names, count);
            return;
        }

        throw KallsymsFaults.Broken(
            "kallsyms_seqs_of_names", first, KallsymsFaults.Text($"the numbers of {count} symbols, each once"), "others");
    }

    private static int NumberAt(ReadOnlySpan<byte> order, int index) =>
        (order[index * Entry] << 16) | (order[(index * Entry) + 1] << 8) | order[(index * Entry) + 2];

    private static bool HasAll(ReadOnlySpan<byte> order, int count)
    {
        var seen = new System.Collections.BitArray(count);
        for (int i = 0; i < count; i++)
        {
            int number = NumberAt(order, i);
            if (number >= count || seen[number])
                return false;
            seen[number] = true;
        }

        return true;
    }

    private static void CheckSorted(ReadOnlySpan<byte> order, int place, KallsymsPool names, int count)
    {
        ReadOnlySpan<byte> previous = names[NumberAt(order, 0)][1..];
        for (int i = 1; i < count; i++)
        {
            ReadOnlySpan<byte> next = names[NumberAt(order, i)][1..];
            if (previous.SequenceCompareTo(next) > 0 && Clean(previous).SequenceCompareTo(Clean(next)) > 0)
            {
                string expected = $"names in order, so one not before {KallsymsFaults.Quote(previous)}";
                throw KallsymsFaults.Broken("kallsyms_seqs_of_names", place + (i * Entry), expected, KallsymsFaults.Quote(next));
            }

            previous = next;
        }
    }

    /// <summary>What is sorted by where a compiler made names unique at link time (LTO of Clang).</summary>
    private static ReadOnlySpan<byte> Clean(ReadOnlySpan<byte> name)
    {
        int end = name.IndexOf(".llvm."u8);
        return end < 0 ? name : name[..end];
    }
}
