namespace BootProtocol.Symbols;

/// <summary>
/// The texts that names are put together from (<c>kallsyms_token_table</c>), and where each of them starts (<c>kallsyms_token_index</c>).
/// </summary>
/// <remarks>
/// These two are what a table of symbols is found by, since they prove each other: 256 rising numbers of 16 bits, the first of them 0, and
/// in front of them 256 texts, each with its NUL, that start where the numbers say. Source: scripts/kallsyms.c of Linux, tools/symbols.c
/// of Xen.
/// </remarks>
internal sealed class KallsymsTokens
{
    /// <summary>How many texts there are: one for each value of a byte.</summary>
    public const int Count = 256;

    /// <summary>The bytes of the index.</summary>
    public const int IndexSize = Count * sizeof(ushort);

    /// <summary>The most bytes between parts of the table, which are aligned.</summary>
    public const int MaximumPadding = 16;

    /// <summary>The most bytes of a text with its NUL: longer ones save nothing.</summary>
    private const int MaximumStep = 128;

    /// <summary>The fewest texts that are not empty, and that differ: what counts up by itself, or is zero, has fewer.</summary>
    private const int MinimumTexts = 64;

    /// <summary>The distance of the places that are looked at: each index holds one of them, with as many numbers as are compared behind it.</summary>
    private const int Stride = 256;

    /// <summary>How many numbers are compared there.</summary>
    private const int Probe = 16;

    private readonly byte[][] _texts;

    private KallsymsTokens(int start, int indexStart, byte[][] texts)
    {
        Start = start;
        IndexStart = indexStart;
        _texts = texts;
    }

    /// <summary>Where the texts start in the kernel, in bytes.</summary>
    public int Start { get; }

    /// <summary>Where the index starts.</summary>
    public int IndexStart { get; }

    /// <summary>Where the index ends.</summary>
    public int End => IndexStart + IndexSize;

    /// <summary>A text, without its NUL.</summary>
    public ReadOnlySpan<byte> this[byte token] => _texts[token];

    /// <summary>Finds the next such pair.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="from">Where to begin: 0, or behind the index that was found before.</param>
    /// <returns>Null if there is none.</returns>
    public static KallsymsTokens? Find(ReadOnlySpan<byte> kernel, int from)
    {
        for (int at = (from + Stride - 1) & ~(Stride - 1); at <= kernel.Length - (Probe * sizeof(ushort)); at += Stride)
        {
            if (!IsRising(new NumberList(kernel.Slice(at, Probe * sizeof(ushort)), sizeof(ushort)), Probe))
                continue;
            int start = StartOf(kernel, at);
            NumberList index = NumberList.At(kernel, start, Count, sizeof(ushort));
            if (start >= from && index.Count == Count && index[0] == 0 && IsRising(index, Count) && Read(kernel, start, index) is { } found)
                return found;
        }

        return null;
    }

    private static bool IsRising(NumberList numbers, int count)
    {
        ulong previous = numbers[0];
        for (int i = 1; i < count; i++)
        {
            ulong next = numbers[i];
            if (next - previous - 1 >= MaximumStep)
                return false;
            previous = next;
        }

        return true;
    }

    /// <summary>Goes back from a place in rising numbers to the first of them.</summary>
    private static int StartOf(ReadOnlySpan<byte> kernel, int at)
    {
        var all = new NumberList(kernel[..(at + sizeof(ushort))], sizeof(ushort));
        int index = all.Count - 1;
        int last = Math.Max(0, index - Count);
        while (index > last && all[index] - all[index - 1] - 1 < MaximumStep)
            index--;
        return index * sizeof(ushort);
    }

    private static KallsymsTokens? Read(ReadOnlySpan<byte> kernel, int indexStart, NumberList index)
    {
        for (int end = indexStart; end > Math.Max(1, indexStart - MaximumPadding); end--)
        {
            if (!NumberList.IsZero(kernel, end, indexStart))
                return null;
            int window = Math.Max(0, end - 1 - MaximumStep);
            int last = kernel[end - 1] == 0 ? kernel[window..(end - 1)].LastIndexOf((byte)0) : -1;
            int start = window + last + 1 - (int)index[Count - 1];
            if (last >= 0 && start >= 0 && Texts(kernel[start..(end - 1)], index) is { } texts)
                return new KallsymsTokens(start, indexStart, texts);
        }

        return null;
    }

    /// <summary>Takes the texts apart; null if one of them is none.</summary>
    private static byte[][]? Texts(ReadOnlySpan<byte> table, NumberList index)
    {
        byte[][] texts = new byte[Count][];
        var different = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < Count; i++)
        {
            int end = i == Count - 1 ? table.Length : (int)index[i + 1] - 1;
            if (end > table.Length || (end < table.Length && table[end] != 0))
                return null;
            ReadOnlySpan<byte> text = table[(int)index[i]..end];
            if (text.ContainsAnyInRange((byte)0, (byte)' ') || text.Contains((byte)0x7f))
                return null;
            texts[i] = text.ToArray();
            if (text.Length > 0)
                different.Add(System.Text.Encoding.Latin1.GetString(text));
        }

        return different.Count >= MinimumTexts ? texts : null;
    }
}
