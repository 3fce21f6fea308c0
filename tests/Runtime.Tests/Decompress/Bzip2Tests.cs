using BootProtocol.Decompress;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>Blocks of bzip2 begin at any bit, behind a number that may also occur within a block.</summary>
[Needs(Need.Tools)]
public sealed class Bzip2Tests
{
    private const string Magic = "001100010100000101011001001001100101001101011001";
    private const string EndMagic = "000101110111001001000101001110000101000010010000";
    private static readonly PayloadOptions s_exact = new() { End = PayloadEnd.Exact };
    private static readonly byte[] s_bytes = Sample.Make("code", 450_000);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(40)]
    public void A_block_may_have_the_magic_of_a_block_within_it(int count)
    {
        // Selectors that no group of symbols uses may be anything, so also what reads as a block's magic.
        string bits = Bits(Packer.Find("bzip2 -1").Pack(s_bytes));
        var starts = new List<int>();
        for (int at = 32; (at = bits.IndexOf(Magic, at, StringComparison.Ordinal)) >= 0; at++)
            starts.Add(at);
        Assert.InRange(starts.Count, 4, 10);
        for (int block = starts.Count - 1; block >= 0; block--)
            bits = InsertSelectors(bits, starts[block], string.Concat(Enumerable.Repeat(Magic + "0", count)));
        // The bits that filled the last byte are not at its end any more.
        byte[] stream = Bytes(bits[..(bits.LastIndexOf(EndMagic, StringComparison.Ordinal) + 80)]);
        Assert.Equal(s_bytes, Filter.Run("bzip2 -dc", stream));
        foreach (int workers in (int[])[1, 2, 5])
            Assert.Equal(s_bytes, Decoding.Whole(PayloadFormat.Bzip2, stream, new() { End = PayloadEnd.Exact, Workers = workers }));
        Assert.Equal(s_bytes, Decoding.InSteps(PayloadFormat.Bzip2, stream, s_exact, new Random(1)));
    }

    /// <summary>The number of the line that the text stands in, of as many lines as it has bytes.</summary>
    [Theory]
    [InlineData(255, false)]
    [InlineData(256, true)]
    [InlineData(257, true)]
    [InlineData(0xffffff, true)]
    public void The_origin_is_one_of_the_lines(int origin, bool isRefused)
    {
        string bits = Bits(Filter.Run("bzip2 -9", Enumerable.Range(0, 256).Select(i => (byte)i).ToArray()));
        const int Place = 32 + 48 + 32 + 1;
        byte[] stream = Bytes(bits[..Place] + Convert.ToString(origin, 2).PadLeft(24, '0') + bits[(Place + 24)..]);
        var fault = Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Bzip2, stream, s_exact));
        Assert.Equal(isRefused, fault.Message.Contains($"expected an origin below 256, found {origin}", StringComparison.Ordinal));
        if (!isRefused)
            Assert.Equal("block CRC", fault.Field);
    }

    [Fact]
    public void The_first_bad_block_is_the_one_that_is_reported()
    {
        string bits = Bits(Packer.Find("bzip2 -1").Pack(s_bytes));
        int second = bits.IndexOf(Magic, 80, StringComparison.Ordinal);
        int third = bits.IndexOf(Magic, second + 48, StringComparison.Ordinal);
        byte[] stream = Bytes(Flip(Flip(bits, third + 60), second + 60)); // in the block's checksums
        for (int i = 0; i < 20; i++)
        {
            var refusal = Assert.Throws<BootFormatException>(
                () => Decoding.Whole(PayloadFormat.Bzip2, stream, new PayloadOptions { End = PayloadEnd.Exact, Workers = 4 }));
            Assert.Equal(("block CRC", second / 8L), (refusal.Field, refusal.Offset));
        }
    }

    [Fact]
    public void The_blocks_checksums_have_a_checksum()
    {
        byte[] stream = Packer.Find("bzip2 -9").Pack(s_bytes);
        string bits = Bits(stream);
        int end = bits.LastIndexOf(EndMagic, StringComparison.Ordinal);
        byte[] changed = Bytes(Flip(bits, end + 50));
        Assert.Equal("stream CRC", Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Bzip2, changed, s_exact)).Field);
    }

    [Fact]
    public void Memory_for_blocks_counts_as_the_decoders()
    {
        byte[] stream = Packer.Find("bzip2 -9").Pack(s_bytes);
        var refusal = Assert.Throws<BootFormatException>(
            () => PayloadDecoder.Create(stream, new() { End = PayloadEnd.Exact, Limits = new() { MaximumDecoderMemory = 4_000_000 } }));
        Assert.Contains("decoder memory of at most 4000000 bytes", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_workers_together_stay_within_the_decoders_memory()
    {
        byte[] stream = Packer.Find("bzip2 -1").Pack(s_bytes);
        var threads = new Threads();
        var limits = new Limits { MaximumDecoderMemory = 600_000 }; // one block of 100,000 bytes takes 565,536
        var options = new PayloadOptions { End = PayloadEnd.Exact, Workers = 4, Limits = limits, Progress = threads };
        Assert.Equal(s_bytes, Decoding.Whole(PayloadFormat.Bzip2, stream, options));
        Assert.Equal([Environment.CurrentManagedThreadId], threads.Seen);
    }

    private static string InsertSelectors(string bits, int start, string selectors)
    {
        Assert.Equal(Magic, bits.Substring(start, Magic.Length));
        int at = start + 48 + 32 + 1 + 24;
        at += 16 + 16 * bits.AsSpan(at, 16).Count('1');
        Assert.InRange(Convert.ToInt32(bits.Substring(at, 3), 2), 3, 6);
        at += 3;
        int count = Convert.ToInt32(bits.Substring(at, 15), 2);
        int end = at + 15;
        for (int i = 0; i < count; i++)
            end = bits.IndexOf('0', end) + 1;
        string more = Convert.ToString(count + selectors.Count(bit => bit == '0'), 2).PadLeft(15, '0');
        return bits[..at] + more + bits[(at + 15)..end] + selectors + bits[end..];
    }

    private static string Flip(string bits, int at) => bits[..at] + (bits[at] == '0' ? '1' : '0') + bits[(at + 1)..];

    private static string Bits(byte[] bytes) => string.Concat(bytes.Select(b => Convert.ToString(b, 2).PadLeft(8, '0')));

    private static byte[] Bytes(string bits)
    {
        bits = bits.PadRight((bits.Length + 7) / 8 * 8, '0');
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }

    private sealed class Threads : IProgress<long>
    {
        private readonly HashSet<int> _seen = [];

        public IEnumerable<int> Seen => _seen;

        public void Report(long value)
        {
            lock (_seen)
                _seen.Add(Environment.CurrentManagedThreadId);
        }
    }
}
