using System.IO.Hashing;

namespace BootProtocol.Decompress;

/// <summary>Decodes blocks of a bzip2 stream, one after the other, in the same memory.</summary>
/// <remarks>
/// SharpZipLib's decoder takes new memory for every block, five MiB of it, and more time than the tool does; both showed when the
/// blocks of a kernel were decoded with it on all cores. Rules: Joe Tsai, "BZIP2: Format Specification".
/// </remarks>
internal sealed class Bzip2Block
{
    /// <summary>Bytes of one unit of a block's size.</summary>
    public const int Unit = 100_000;

    private const int MostTables = 6;
    private const int GroupLength = 50;
    private const int RunA = 0;
    private const int RunB = 1;
    private const int RunLength = 4;

    /// <summary>The polynomial of the usual CRC-32, but highest bit first.</summary>
    private static readonly Crc32ParameterSet s_crc = Crc32ParameterSet.Create(0x04c11db7, uint.MaxValue, uint.MaxValue, false);

    private readonly Bzip2Codes[] _codes = new Bzip2Codes[MostTables];
    private readonly byte[] _selectors = new byte[1 << 15];

    // By place: in the low byte, the sorted text's byte; above it, where the text goes on.
    private uint[] _links = [];
    private byte[] _text = [];
    private readonly byte[] _used = new byte[256];
    private int _usedCount;
    private int _length;
    private int _limit;

    /// <summary>Makes a decoder that needs a level.</summary>
    public Bzip2Block()
    {
        for (int i = 0; i < MostTables; i++)
            _codes[i] = new Bzip2Codes();
    }

    /// <summary>Where the block began.</summary>
    public long Start { get; private set; }

    /// <summary>The bit behind the block.</summary>
    public long End { get; private set; }

    /// <summary>Bytes of output.</summary>
    public int Length { get; private set; }

    /// <summary>The output's checksum, as the block states it.</summary>
    public uint Checksum { get; private set; }

    /// <summary>Bytes of memory that a decoder of blocks holds.</summary>
    public static int MemoryOf(int level) => level * Unit * (sizeof(uint) + 1) + (1 << 16);

    /// <summary>Sets the size of the blocks to come. Memory for larger ones than before is made anew, for smaller ones it is kept.</summary>
    /// <param name="level">The size in units of 100,000 bytes: 1 to 9.</param>
    public void SetLevel(int level)
    {
        _limit = level * Unit;
        if (_links.Length >= _limit)
            return;
        _links = new uint[_limit];
        _text = new byte[_limit];
    }

    /// <summary>Decodes a block but for its runs.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="start">The block's first bit.</param>
    /// <exception cref="BootFormatException">It is no block.</exception>
    public void Decode(ReadOnlySpan<byte> stream, long start)
    {
        Start = start;
        var bits = new Bzip2BitReader(stream, start + Bzip2Bits.MagicBits);
        Checksum = bits.Read(32);
        if (bits.Read(1) != 0)
            throw Fault("no randomised block, an obsolete kind", "one");
        uint origin = bits.Read(24);
        ReadUsed(ref bits);
        int selectorCount = ReadCodes(ref bits);

        Span<int> counts = stackalloc int[256];
        counts.Clear();
        ReadText(ref bits, selectorCount, counts);
        if (bits.IsPastEnd)
            throw PayloadFault.EndsEarly(PayloadFormat.Bzip2, "block", stream.Length);
        End = bits.Position;
        if (origin >= (uint)_length)
            throw Fault($"an origin below {_length}", $"{origin}");
        Unsort(counts, (int)origin);
    }

    /// <summary>Writes the output.</summary>
    /// <param name="output">Memory of exactly <see cref="Length"/> bytes.</param>
    /// <exception cref="BootFormatException">It does not have the checksum that the block states.</exception>
    public void Write(Span<byte> output)
    {
        var text = _text.AsSpan(0, _length);
        int to = 0;
        int run = 0;
        int last = -1;
        for (int at = 0; at < text.Length; at++)
        {
            byte b = text[at];
            output[to++] = b;
            run = b == last ? run + 1 : 1;
            last = b;
            if (run == RunLength)
            {
                int more = text[++at];
                output.Slice(to, more).Fill(b);
                to += more;
                run = 0;
                last = -1;
            }
        }
        uint computed = Crc32.HashToUInt32(s_crc, output);
        if (computed != Checksum)
            throw PayloadFault.WrongChecksum(PayloadFormat.Bzip2, "block CRC", Start / 8, Checksum, computed);
    }

    /// <summary>Which bytes occur: 16 bits for ranges of 16, then 16 bits for each range that is there.</summary>
    private void ReadUsed(ref Bzip2BitReader bits)
    {
        uint ranges = bits.Read(16);
        _usedCount = 0;
        for (int range = 0; range < 16; range++)
        {
            if ((ranges & 0x8000 >> range) == 0)
                continue;
            uint bytes = bits.Read(16);
            for (int i = 0; i < 16; i++)
            {
                if ((bytes & 0x8000 >> i) != 0)
                    _used[_usedCount++] = (byte)(range * 16 + i);
            }
        }
        if (_usedCount == 0)
            throw Fault("a byte that occurs", "none");
    }

    /// <summary>Reads the tables of codes, and which of them is for which group of symbols.</summary>
    private int ReadCodes(ref Bzip2BitReader bits)
    {
        int tableCount = (int)bits.Read(3);
        if (tableCount is < 2 or > MostTables)
            throw Fault($"2 to {MostTables} tables of codes", $"{tableCount}");
        int selectorCount = (int)bits.Read(15);
        if (selectorCount == 0)
            throw Fault("a selector", "none");

        // Both here and below, a byte stands for the place in a list whose last chosen entry comes first.
        Span<byte> recent = [0, 1, 2, 3, 4, 5];
        for (int i = 0; i < selectorCount; i++)
        {
            int place = 0;
            while (bits.Read(1) != 0)
            {
                if (++place == tableCount)
                    throw Fault($"a selector below {tableCount}", "a larger one");
            }
            byte table = recent[place];
            recent[..place].CopyTo(recent[1..]);
            recent[0] = table;
            _selectors[i] = table;
        }

        Span<byte> lengths = stackalloc byte[_usedCount + 2];
        for (int table = 0; table < tableCount; table++)
        {
            int length = (int)bits.Read(5);
            foreach (ref byte place in lengths)
            {
                while (true)
                {
                    if (length is < 1 or > Bzip2Codes.LongestCode)
                        throw Fault($"codes of 1 to {Bzip2Codes.LongestCode} bits", $"{length}");
                    if (bits.Read(1) == 0)
                        break;
                    length += bits.Read(1) == 0 ? 1 : -1;
                }
                place = (byte)length;
            }
            _codes[table].Set(lengths);
        }
        return selectorCount;
    }

    /// <summary>
    /// Reads the sorted text: places in a list of recent bytes, with runs of place 0 as numbers in base two with digits 1 and 2.
    /// </summary>
    private void ReadText(ref Bzip2BitReader bits, int selectorCount, scoped Span<int> counts)
    {
        var links = _links.AsSpan(0, _limit);
        Span<byte> recent = stackalloc byte[256];
        _used.CopyTo(recent);
        int endSymbol = _usedCount + 1;
        int length = 0;
        int run = 0;
        int digit = 1;
        var local = bits;

        for (int group = 0; group < selectorCount; group++)
        {
            var codes = _codes[_selectors[group]];
            for (int i = 0; i < GroupLength; i++)
            {
                int symbol = codes.Read(ref local);
                if (symbol is RunA or RunB)
                {
                    // No run is longer than a block; a larger number must not wrap.
                    if (digit > links.Length)
                        throw Fault($"at most {links.Length} bytes", "more");
                    run += digit << symbol;
                    digit <<= 1;
                    continue;
                }
                if (run > 0)
                {
                    if (run > links.Length - length)
                        throw Fault($"at most {links.Length} bytes", "more");
                    byte repeated = recent[0];
                    links.Slice(length, run).Fill(repeated);
                    counts[repeated] += run;
                    length += run;
                    run = 0;
                    digit = 1;
                }
                if (symbol == endSymbol)
                {
                    _length = length;
                    bits = local;
                    return;
                }
                if ((uint)symbol > (uint)endSymbol)
                    throw Fault("a code", "bits that are none");
                if (length == links.Length)
                    throw Fault($"at most {links.Length} bytes", "more");
                byte b = MoveToFront(recent, symbol - 1);
                counts[b]++;
                links[length++] = b;
            }
            if (local.IsPastEnd)
                break;
        }
        bits = local;
        if (!local.IsPastEnd)
            throw Fault("the end of the text", $"more than {selectorCount} groups of symbols");
    }

    private static byte MoveToFront(Span<byte> recent, int place)
    {
        byte b = recent[place];
        if (place < 16)
        {
            for (int i = place; i > 0; i--)
                recent[i] = recent[i - 1];
        }
        else
        {
            recent[..place].CopyTo(recent[1..]);
        }
        recent[0] = b;
        return b;
    }

    /// <summary>
    /// Undoes the Burrows-Wheeler transform, and sums up the runs on the way, which costs nothing while memory is waited for.
    /// </summary>
    private void Unsort(Span<int> counts, int origin)
    {
        var links = _links.AsSpan(0, _length);
        int sum = 0;
        foreach (ref int count in counts)
            (count, sum) = (sum, sum + count);
        for (int i = 0; i < links.Length; i++)
            links[counts[(byte)links[i]]++] |= (uint)i << 8;

        var text = _text.AsSpan(0, _length);
        uint link = links[(int)(links[origin] >> 8)];
        int run = 0;
        int last = -1;
        long length = 0;
        bool isCount = false;
        for (int i = 0; i < text.Length; i++)
        {
            byte b = (byte)link;
            text[i] = b;
            link = links[(int)(link >> 8)];
            if (isCount)
            {
                length += b;
                isCount = false;
                continue;
            }
            length++;
            run = b == last ? run + 1 : 1;
            last = b;
            if (run == RunLength)
            {
                isCount = true;
                run = 0;
                last = -1;
            }
        }
        if (isCount)
            throw Fault("the length of a run", "the end of the block");
        Length = (int)length;
    }

    private BootFormatException Fault(string expected, string found) =>
        PayloadFault.Make(PayloadFormat.Bzip2, "block", Start / 8, expected, found);
}
