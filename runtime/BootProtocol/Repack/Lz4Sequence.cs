namespace BootProtocol.Repack;

/// <summary>A sequence of an LZ4 block: literals, then a match.</summary>
/// <param name="At">Where it is in the block, in bytes.</param>
/// <param name="Start">Where its output starts.</param>
/// <param name="Literals">Bytes of literals.</param>
/// <param name="Distance">How far back the match is, in two bytes as they stand in the block.</param>
/// <param name="Match">Bytes of the match.</param>
/// <remarks>Source: the LZ4 project's "LZ4 Block Format Description".</remarks>
internal readonly record struct Lz4Sequence(int At, int Start, int Literals, (byte Low, byte High) Distance, int Match)
{
    /// <summary>The shortest match, in bytes.</summary>
    public const int ShortestMatch = 4;

    private const int Nibble = 15;
    private const int Distances = 2;

    /// <summary>Bytes that it takes in the block.</summary>
    public int Length => 1 + Extension(Literals) + Literals + Distances + Extension(Match - ShortestMatch);

    /// <summary>Bytes that literals alone take, which end a block.</summary>
    public static int LastLength(int literals) => 1 + Extension(literals) + literals;

    /// <summary>Reads all sequences but the last, which has no match.</summary>
    /// <param name="block">A block that an encoder has made just now.</param>
    public static List<Lz4Sequence> ReadAll(ReadOnlySpan<byte> block)
    {
        var sequences = new List<Lz4Sequence>();
        int at = 0;
        int start = 0;
        while (true)
        {
            int first = at;
            byte token = block[at++];
            int literals = ReadLength(block, ref at, token >> 4);
            at += literals;
            if (at >= block.Length)
                return sequences;
            (byte, byte) distance = (block[at], block[at + 1]);
            at += Distances;
            int match = ReadLength(block, ref at, token & Nibble) + ShortestMatch;
            sequences.Add(new Lz4Sequence(first, start, literals, distance, match));
            start += literals + match;
        }
    }

    /// <summary>Writes literals that end a block.</summary>
    public static void WriteLast(List<byte> block, ReadOnlySpan<byte> literals)
    {
        block.Add((byte)(Math.Min(literals.Length, Nibble) << 4));
        WriteExtension(block, literals.Length);
        block.AddRange(literals);
    }

    /// <summary>Writes it.</summary>
    /// <param name="block">Where it goes.</param>
    /// <param name="output">What the whole block decodes to.</param>
    public void Write(List<byte> block, ReadOnlySpan<byte> output)
    {
        block.Add((byte)((Math.Min(Literals, Nibble) << 4) | Math.Min(Match - ShortestMatch, Nibble)));
        WriteExtension(block, Literals);
        block.AddRange(output.Slice(Start, Literals));
        block.Add(Distance.Low);
        block.Add(Distance.High);
        WriteExtension(block, Match - ShortestMatch);
    }

    /// <summary>A length of 15 goes on in the bytes that follow, up to the first that is not 255.</summary>
    private static int ReadLength(ReadOnlySpan<byte> block, ref int at, int length)
    {
        if (length < Nibble)
            return length;
        byte more;
        do
        {
            more = block[at++];
            length += more;
        }
        while (more == byte.MaxValue);
        return length;
    }

    private static int Extension(int length) => length < Nibble ? 0 : ((length - Nibble) / byte.MaxValue) + 1;

    private static void WriteExtension(List<byte> block, int length)
    {
        if (length < Nibble)
            return;
        for (length -= Nibble; length >= byte.MaxValue; length -= byte.MaxValue)
            block.Add(byte.MaxValue);
        block.Add((byte)length);
    }
}
