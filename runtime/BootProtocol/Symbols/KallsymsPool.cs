namespace BootProtocol.Symbols;

/// <summary>The names of symbols, put together from their tokens: one array of bytes for all, and where each starts in it.</summary>
/// <remarks>The first byte of a name is the symbol's kind.</remarks>
internal sealed class KallsymsPool
{
    private readonly byte[] _bytes;
    private readonly int[] _starts;

    private KallsymsPool(byte[] bytes, int[] starts)
    {
        _bytes = bytes;
        _starts = starts;
    }

    /// <summary>A symbol's kind and name.</summary>
    public ReadOnlySpan<byte> this[int index] => _bytes.AsSpan(_starts[index].._starts[index + 1]);

    /// <summary>Puts the names together.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="names">Where the names stand in it.</param>
    /// <param name="tokens">What they are made of.</param>
    /// <param name="maximum">The most bytes that they may take.</param>
    /// <exception cref="BootFormatException">A name has no kind, or they are too long together.</exception>
    public static KallsymsPool Read(ReadOnlySpan<byte> kernel, KallsymsNames names, KallsymsTokens tokens, int maximum)
    {
        int[] starts = Measure(kernel, names, tokens, maximum);
        byte[] bytes = new byte[starts[^1]];
        Span<byte> rest = bytes;
        int at = names.Start;
        for (int i = 0; i < names.Count; i++)
        {
            int place = at;
            int length = KallsymsNames.ReadLength(kernel, ref at, names.HasLongLengths);
            Span<byte> name = rest[..(starts[i + 1] - starts[i])];
            rest = rest[name.Length..];
            Span<byte> left = name;
            foreach (byte token in kernel.Slice(at, length))
            {
                ReadOnlySpan<byte> text = tokens[token];
                text.CopyTo(left);
                left = left[text.Length..];
            }

            // Kinds are those of nm: letters, and ? for what it has none for.
            if (name.Length < 2 || !(char.IsAsciiLetter((char)name[0]) || name[0] == '?'))
                throw KallsymsFaults.Broken("kallsyms_names", place, "a letter for the symbol's kind, and a name", KallsymsFaults.Quote(name));
            at += length;
        }

        return new KallsymsPool(bytes, starts);
    }

    private static int[] Measure(ReadOnlySpan<byte> kernel, KallsymsNames names, KallsymsTokens tokens, int maximum)
    {
        Span<byte> lengths = stackalloc byte[KallsymsTokens.Count];
        for (int i = 0; i < lengths.Length; i++)
            lengths[i] = (byte)tokens[(byte)i].Length;
        int[] starts = new int[names.Count + 1];
        long size = 0;
        int at = names.Start;
        for (int i = 0; i < names.Count; i++)
        {
            int length = KallsymsNames.ReadLength(kernel, ref at, names.HasLongLengths);
            foreach (byte token in kernel.Slice(at, length))
                size += lengths[token];
            at += length;
            if (size > maximum)
            {
                string expected = KallsymsFaults.Text($"at most {maximum} bytes of names");
                throw new BootFormatException(BootErrorCode.TooLarge, KallsymsFaults.Structure, "kallsyms_names", at, expected, "more");
            }

            starts[i + 1] = (int)size;
        }

        return starts;
    }
}
