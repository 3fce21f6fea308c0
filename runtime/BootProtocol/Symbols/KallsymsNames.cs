namespace BootProtocol.Symbols;

/// <summary>Where the names of a table of symbols stand (<c>kallsyms_names</c>), how many they are, and what proves it.</summary>
/// <remarks>
/// A name is a length and as many tokens, whose first is the symbol's kind or begins with it. The markers, in front of the tokens, say where each
/// 256th name starts; the number of names stands in front of these. The walk from the first name has to meet each marker, and to end where the
/// markers start. Source: scripts/kallsyms.c.
/// </remarks>
/// <param name="Start">Where the first name starts in the kernel, in bytes.</param>
/// <param name="Count">How many there are.</param>
/// <param name="CountAt">Where that number stands.</param>
/// <param name="HasLongLengths">Whether the highest bit of a length says that another byte of it follows (since Linux 6.1).</param>
/// <param name="OrderAt">Where the markers end that the order of names follows, in front of the tokens (Linux 6.1 to 6.4); -1 for not there.</param>
internal readonly record struct KallsymsNames(int Start, int Count, int CountAt, bool HasLongLengths, int OrderAt)
{
    /// <summary>How many names share a marker.</summary>
    private const int Group = 256;

    /// <summary>The fewest bytes of a group: a length and one token for each name.</summary>
    private const int MinimumGroup = Group * 2;

    /// <summary>The most bytes of a group that are looked for: names of 512 characters, each a token of its own, are never all of them.</summary>
    private const int MaximumGroup = Group * 600;

    /// <summary>The most names that an order in front of the tokens is looked for: ten times those of the largest kernels.</summary>
    private const int MaximumOrdered = 1 << 21;

    /// <summary>The bytes of an entry of the order of names.</summary>
    private const int OrderEntry = 3;

    private static ReadOnlySpan<byte> Widths => [4, 8];

    /// <summary>Finds the names that belong to tokens.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="tokens">The tokens.</param>
    /// <param name="effort">What the search may cost.</param>
    /// <returns>Null if there are none.</returns>
    public static KallsymsNames? Find(ReadOnlySpan<byte> kernel, KallsymsTokens tokens, SearchEffort effort) =>
        BeforeTokens(kernel, tokens.Start, effort) ?? BeforeOrder(kernel, tokens.Start, effort);

    /// <summary>Reads the length of a name.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="at">Where the length stands; then where the tokens start.</param>
    /// <param name="hasLongLengths">Whether it may have two bytes.</param>
    /// <returns>The number of tokens; 0 is none that a name has, and what the kernel's end leaves.</returns>
    public static int ReadLength(ReadOnlySpan<byte> kernel, ref int at, bool hasLongLengths)
    {
        if (at >= kernel.Length)
            return 0;
        int length = kernel[at++];
        if (!hasLongLengths || length < 0x80 || at >= kernel.Length)
            return length;
        return (length & 0x7f) | (kernel[at++] << 7);
    }

    /// <summary>The markers end where the tokens start.</summary>
    private static KallsymsNames? BeforeTokens(ReadOnlySpan<byte> kernel, int tokens, SearchEffort effort)
    {
        for (int end = tokens & ~3; end > Math.Max(8, tokens - KallsymsTokens.MaximumPadding - 4); end -= 4)
        {
            if (!NumberList.IsZero(kernel, end, tokens))
                return null;
            foreach (byte width in Widths)
            {
                if (MarkersUpTo(kernel, end, width) is { } start and >= 0
                    && FindStart(kernel, start, (end - start) / width, width, effort) is { } found)
                    return found;
            }
        }

        return null;
    }

    /// <summary>The order of names stands between them: 3 bytes for each.</summary>
    private static KallsymsNames? BeforeOrder(ReadOnlySpan<byte> kernel, int tokens, SearchEffort effort)
    {
        const int Width = sizeof(uint);
        long first = Math.Max(8, tokens - (MaximumOrdered * (long)(OrderEntry + 1)));
        for (int start = (tokens - (2 * Width)) & ~(Width - 1); start >= first && effort.Spend(1); start -= Width)
        {
            if (!NumberList.IsZero(kernel, start, start + Width))
                continue;
            int count = MarkersFrom(kernel, start, tokens);

            // The order's first bytes may go on like one marker more.
            for (int markers = count; markers >= Math.Max(2, count - 1); markers--)
            {
                int order = start + (markers * Width);
                long least = ((markers - 1L) * Group * OrderEntry) + OrderEntry;
                if (tokens - order < least || tokens - order > ((long)markers * Group * OrderEntry) + KallsymsTokens.MaximumPadding)
                    continue;
                if (FindStart(kernel, start, markers, Width, effort) is { } found
                    && tokens - order - ((long)found.Count * OrderEntry) is >= 0 and < KallsymsTokens.MaximumPadding)
                    return found with { OrderAt = order };
            }
        }

        return null;
    }

    private static int MarkersFrom(ReadOnlySpan<byte> kernel, int start, int end)
    {
        var numbers = new NumberList(kernel[start..end], sizeof(uint));
        int count = 1;
        while (count < numbers.Count && numbers[count] - numbers[count - 1] is >= MinimumGroup and <= MaximumGroup)
            count++;
        return count;
    }

    /// <summary>Where markers start that end at a place; -1 if there are none.</summary>
    private static int MarkersUpTo(ReadOnlySpan<byte> kernel, int end, int width)
    {
        if (end % width != 0)
            return -1;
        var numbers = new NumberList(kernel[..end], width);
        int index = numbers.Count - 1;
        while (index > 0 && numbers[index] != 0 && numbers[index] - numbers[index - 1] is >= MinimumGroup and <= MaximumGroup)
            index--;
        return numbers[index] == 0 && index < numbers.Count - 1 ? index * width : -1;
    }

    /// <summary>Finds the first name by the number in front of it, which agrees with the number of markers, and by the walk.</summary>
    private static KallsymsNames? FindStart(ReadOnlySpan<byte> kernel, int markersAt, int markerCount, int width, SearchEffort effort)
    {
        NumberList markers = NumberList.At(kernel, markersAt, markerCount, width);
        long highest = markersAt - (long)markers[markerCount - 1] - 2;
        long lowest = Math.Max(2 * sizeof(uint), highest - MaximumGroup - KallsymsTokens.MaximumPadding);
        for (long start = highest & ~3L; start >= lowest && effort.Spend(1); start -= 4)
        {
            for (int back = sizeof(uint); back <= 2 * sizeof(uint); back += sizeof(uint))
            {
                int at = (int)start - back;
                ulong count = NumberList.At(kernel, at, 1, sizeof(uint))[0];
                if (count == 0 || (count + Group - 1) / Group != (ulong)markerCount)
                    continue;
                if (Walks(kernel, (int)start, (int)count, true, markers, markersAt, effort))
                    return new KallsymsNames((int)start, (int)count, at, true, -1);
                if (Walks(kernel, (int)start, (int)count, false, markers, markersAt, effort))
                    return new KallsymsNames((int)start, (int)count, at, false, -1);
            }
        }

        return null;
    }

    private static bool Walks(
        ReadOnlySpan<byte> kernel, int start, int count, bool hasLongLengths, NumberList markers, int end, SearchEffort effort)
    {
        ReadOnlySpan<byte> names = kernel[..end];
        int at = start;
        for (int i = 0; i < count; i++)
        {
            if (i % Group == 0 && ((ulong)(at - start) != markers[i / Group] || !effort.Spend(Group)))
                return false;
            int length = ReadLength(names, ref at, hasLongLengths);
            if (length == 0 || length > end - at)
                return false;
            at += length;
        }

        return end - at < KallsymsTokens.MaximumPadding && NumberList.IsZero(kernel, at, end);
    }
}
