namespace BootProtocol.Decompress;

/// <summary>One table of prefix codes of a bzip2 block: codes are given out by length, then by symbol.</summary>
internal sealed class Bzip2Codes
{
    /// <summary>Bits of the longest code.</summary>
    public const int LongestCode = 20;

    /// <summary>The most symbols: 256 bytes, of which one has no code of its own, two for runs and the end.</summary>
    public const int MostSymbols = 258;

    // Codes of up to this length are looked up at once.
    private const int QuickBits = 10;

    // Symbol and code length; 0 if the code is longer.
    private readonly ushort[] _quick = new ushort[1 << QuickBits];
    private readonly ushort[] _symbols = new ushort[MostSymbols];

    // By length: the first code that is longer, with zeros below to LongestCode bits, and what makes a code an index of _symbols.
    private readonly uint[] _limits = new uint[LongestCode + 1];
    private readonly int[] _bases = new int[LongestCode + 1];

    /// <summary>Sets the codes up.</summary>
    /// <param name="lengths">By symbol, the length of its code: 1 to <see cref="LongestCode"/>.</param>
    public void Set(ReadOnlySpan<byte> lengths)
    {
        _quick.AsSpan().Clear();
        uint code = 0;
        int index = 0;
        for (int length = 1; length <= LongestCode; length++)
        {
            code <<= 1;
            _bases[length] = index - (int)code;
            for (int symbol = 0; symbol < lengths.Length; symbol++)
            {
                if (lengths[symbol] != length)
                    continue;
                _symbols[index++] = (ushort)symbol;
                // More codes than there can be (an overfull table) have no place: such a table decodes to something, or to an error.
                if (length <= QuickBits && code < 1u << length)
                    _quick.AsSpan((int)code << (QuickBits - length), 1 << (QuickBits - length)).Fill((ushort)(symbol << 5 | length));
                code++;
            }
            _limits[length] = (uint)Math.Min((ulong)code << (LongestCode - length), 1u << LongestCode);
        }
    }

    /// <summary>Reads a symbol.</summary>
    /// <returns>-1 if the bits are no code.</returns>
    public int Read(ref Bzip2BitReader bits)
    {
        uint peeked = bits.Peek(LongestCode);
        int quick = _quick[peeked >> (LongestCode - QuickBits)];
        if (quick != 0)
        {
            bits.Skip(quick & 31);
            return quick >> 5;
        }
        for (int length = QuickBits + 1; length <= LongestCode; length++)
        {
            if (peeked >= _limits[length])
                continue;
            bits.Skip(length);
            int index = (int)(peeked >> (LongestCode - length)) + _bases[length];
            return (uint)index < MostSymbols ? _symbols[index] : -1;
        }
        return -1;
    }
}
