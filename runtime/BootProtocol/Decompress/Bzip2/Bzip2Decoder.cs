namespace BootProtocol.Decompress;

/// <summary>Decodes bzip2, several streams included, with its blocks on all cores.</summary>
internal sealed class Bzip2Decoder : PayloadDecoder
{
    private const int HeaderLength = 4;

    // Three of the largest blocks at once: with the payload's own pages, a decoder stays below 32 MiB besides the kernel.
    private const int MostBlockMemory = 14 << 20;

    private readonly List<Bzip2Block> _blocks = [];
    private int _level;
    private long _next;
    private uint _checksum;

    // The output of a block that the room cannot hold waits here.
    private byte[] _waiting = [];
    private int _waitingStart;

    public Bzip2Decoder(PayloadSource source)
        : base(source, CheckedLength(source)) => OpenStream(0);

    private protected override void Advance(Memory<byte> room, int count)
    {
        while (!IsComplete && (Position < count || Position == room.Length))
        {
            if (_waitingStart < _waiting.Length)
            {
                int length = Math.Min(_waiting.Length - _waitingStart, room.Length - Position);
                if (length == 0)
                    return;
                _waiting.AsSpan(_waitingStart, length).CopyTo(room.Span[Position..]);
                _waitingStart += length;
                MoveTo(Position + length);
            }
            else if (Bzip2Bits.IsEndAt(Stream.Span, _next))
            {
                CloseStream();
            }
            else if (!Bzip2Bits.IsBlockAt(Stream.Span, _next))
            {
                throw NoBlock();
            }
            else if (Position == room.Length)
            {
                return;
            }
            else
            {
                DecodeBlocks(room, count);
            }
        }
    }

    private protected override void Release()
    {
        _blocks.Clear();
        _waiting = [];
    }

    private void DecodeBlocks(Memory<byte> room, int count)
    {
        int unit = _level * Bzip2Block.Unit;
        int guesses = (count - Position - 1) / unit + 1;
        int most = Math.Min(MostBlockMemory, Options.Limits.MaximumDecoderMemory) / Bzip2Block.MemoryOf(_level);
        int workers = Math.Min(Math.Min(Options.Workers, guesses), Math.Max(1, most));
        while (_blocks.Count < workers)
            _blocks.Add(new Bzip2Block());
        foreach (var block in _blocks[..workers])
            block.SetLevel(_level);

        var pipeline = new Bzip2Pipeline(Stream, room, count, guesses, Tell) { Next = _next, Position = Position, Checksum = _checksum };
        pipeline.Run(_blocks[..workers]);
        _next = pipeline.Next;
        _checksum = pipeline.Checksum;
        if (pipeline.Leftover is { } leftover)
            SetAside(leftover, pipeline.Position);
        MoveTo(pipeline.Position);
    }

    private void SetAside(Bzip2Block block, int position)
    {
        CheckAside(block.Start / 8, position, block.Length);
        var waiting = new byte[block.Length];
        block.Write(waiting);
        (_waiting, _waitingStart) = (waiting, 0);
    }

    private void OpenStream(int start)
    {
        var stream = Stream.Span;
        if (stream.Length - start < HeaderLength)
            throw EndsEarly("header", stream.Length);
        if (!IsStreamAt(stream[start..]))
            throw Fault("header", start, "'BZh1' to 'BZh9'", Convert.ToHexStringLower(stream.Slice(start, HeaderLength)));
        int level = stream[start + HeaderLength - 1] - '0';
        int memory = Bzip2Block.MemoryOf(level);
        if (memory > Options.Limits.MaximumDecoderMemory)
            throw PayloadFault.TooMuchMemory(Format, "header", start, Options.Limits.MaximumDecoderMemory, memory);

        // Of blocks of one size there is memory for so many; what another stream had of other sizes would come on top.
        if (level != _level)
            _blocks.Clear();
        _level = level;
        _next = (start + HeaderLength) * 8L;
        _checksum = 0;
    }

    private void CloseStream()
    {
        long at = _next + Bzip2Bits.MagicBits;
        if (!Bzip2Bits.TryRead(Stream.Span, at, Bzip2Bits.ChecksumBits, out ulong stated))
            throw EndsEarly("stream CRC", Stream.Length);
        if (stated != _checksum)
            throw PayloadFault.WrongChecksum(Format, "stream CRC", at / 8, stated, _checksum);
        int end = (int)((at + Bzip2Bits.ChecksumBits + 7) / 8);
        if (Options.End == PayloadEnd.Exact && IsStreamAt(Stream.Span[end..]))
            OpenStream(end);
        else
            End(end);
    }

    private BootFormatException NoBlock() =>
        Bzip2Bits.TryRead(Stream.Span, _next, Bzip2Bits.MagicBits, out ulong magic)
            ? Fault("block magic", _next / 8, $"0x{Bzip2Bits.BlockMagic:x} or 0x{Bzip2Bits.EndMagic:x}", $"0x{magic:x}")
            : EndsEarly("block", Stream.Length);

    private static bool IsStreamAt(ReadOnlySpan<byte> bytes) =>
        bytes is [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', ..];
}
