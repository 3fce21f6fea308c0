namespace BootProtocol.Decompress;

/// <summary>Decodes .xz files: several blocks and streams, LZMA2 with or without the x86 branch filter.</summary>
/// <remarks>
/// Matches copy bytes as they are before the branch filter, and the output is their only dictionary. So a block is decoded first and
/// filtered then; where a part of it was filtered for the caller, the filter is undone before decoding goes on. That part is taken
/// larger by half each time, so that many small steps do not add up.
/// </remarks>
internal sealed class XzDecoder : PayloadDecoder
{
    // The filter leaves as many bytes at the end open until it sees more.
    private const int FilterLookAhead = 4;

    private readonly Lzma2State _lzma2 = new();
    private readonly List<XzBlockSizes> _blocks = [];
    private int _check;
    private int _at;
    private XzBlockHeader? _block;
    private int _dataStart;
    private int _blockStart;

    /// <summary>
    /// The decoded bytes that the filter leaves open: they are behind <see cref="PayloadDecoder.Position"/>, where nothing is safe.
    /// </summary>
    private readonly byte[] _open = new byte[FilterLookAhead];

    /// <summary>Where the decoded bytes end, the open ones included.</summary>
    private int _decoded;

    public XzDecoder(PayloadSource source)
        : base(source, CheckedLength(source, StatedSize(source), "index"))
    {
        _check = XzStream.ReadHeader(Stream.Span, 0);
        _at = XzStream.HeaderLength;
    }

    private protected override void Advance(Memory<byte> room, int count)
    {
        while (!IsComplete && (Position < count || Position == room.Length))
        {
            if (_block is null)
                OpenNext();
            else if (!DecodeBlock(_block.Value, room.Span, count))
                return;
        }
    }

    /// <summary>Goes to the next block, or past the stream's end to the next stream, or ends.</summary>
    private void OpenNext()
    {
        var stream = Stream.Span;
        if (_at >= stream.Length)
            throw EndsEarly("block header or index", stream.Length);
        if (stream[_at] != 0)
        {
            var block = XzBlockHeader.Read(stream, _at);
            int limit = Options.Limits.MaximumOutput;
            if (block.Size > (ulong)limit)
                throw PayloadFault.TooLarge(Format, "block size", _at, limit, block.Size.Value);
            _block = block;
            _dataStart = _at + block.Length;
            _at = _dataStart;
            _blockStart = _decoded = Position;
            _lzma2.Reset();
            return;
        }

        _at = XzStream.ReadEnd(stream, _at, _check, _blocks);
        _blocks.Clear();
        if (Options.End == PayloadEnd.Exact)
            SkipPadding();
        if (Options.End == PayloadEnd.Exact && XzStream.IsAt(stream[_at..]))
        {
            _check = XzStream.ReadHeader(stream, _at);
            _at += XzStream.HeaderLength;
        }
        else
        {
            End(_at);
        }
    }

    /// <summary>Files may be padded with zeros, in steps of four.</summary>
    private void SkipPadding()
    {
        var rest = Stream.Span[_at..];
        int zeros = rest.IndexOfAnyExcept((byte)0);
        zeros = zeros < 0 ? rest.Length : zeros;
        _at += zeros & -XzStream.Alignment;
    }

    /// <summary>Decodes within a block.</summary>
    /// <returns>False if the room is too short for what is wanted.</returns>
    private bool DecodeBlock(XzBlockHeader block, Span<byte> room, int count)
    {
        bool isFiltered = block.FilterStart is not null;
        int target = count;
        if (isFiltered)
        {
            if (_decoded > room.Length)
                return false;
            _open.AsSpan(0, _decoded - Position).CopyTo(room[Position..]);
            X86BranchFilter.Run(room[_blockStart.._decoded], block.FilterStart.GetValueOrDefault(), isDecoding: false);
            long half = _blockStart + (Position - _blockStart) * 3L / 2;
            target = (int)Math.Min(room.Length, Math.Max(half, (long)count + FilterLookAhead));
        }

        bool isEnd = false;
        try
        {
            do
            {
                int end = _decoded + Math.Min(StepLength, target - _decoded);
                isEnd = _lzma2.Decode(Stream.Span, ref _at, room, ref _decoded, end);
                if (isFiltered)
                    Tell(_decoded);
                else
                    MoveTo(_decoded);
            }
            while (!isEnd && _decoded < target);
        }
        finally
        {
            if (isFiltered)
            {
                int filtered = X86BranchFilter.Run(room[_blockStart.._decoded], block.FilterStart.GetValueOrDefault(), isDecoding: true);
                Place(isEnd ? _decoded : _blockStart + filtered);
                room[Position.._decoded].CopyTo(_open);
            }
        }
        if (isEnd)
            CloseBlock(block, room);
        return isEnd || _decoded < room.Length;
    }

    private void CloseBlock(XzBlockHeader block, ReadOnlySpan<byte> room)
    {
        var stream = Stream.Span;
        _at += Lzma2State.EndLength;
        ulong compressed = (ulong)(_at - _dataStart);
        ulong output = (ulong)(Position - _blockStart);
        if (block.CompressedSize is { } statedCompressed && statedCompressed != compressed)
            throw Fault("compressed size", _dataStart - block.Length, $"{compressed}, as decoded", $"{statedCompressed}");
        if (block.Size is { } stated && stated != output)
            throw Fault("uncompressed size", _dataStart - block.Length, $"{output}, as decoded", $"{stated}");

        // A block's header begins at a multiple of four from the stream's, and has such a length.
        int padding = -(int)compressed & (XzStream.Alignment - 1);
        int checkLength = XzCheck.LengthOf(_check);
        if (stream.Length - _at < padding + checkLength)
            throw EndsEarly("block check", stream.Length);
        if (stream.Slice(_at, padding).ContainsAnyExcept((byte)0))
            throw Fault("block padding", _at, "zeros", "something else");
        _at += padding;
        if (!XzCheck.IsRight(_check, room[_blockStart..Position], stream.Slice(_at, checkLength)))
        {
            string found = Convert.ToHexStringLower(stream.Slice(_at, checkLength));
            throw Fault(XzCheck.NameOf(_check), _at, "that of the output", found, code: BootErrorCode.BadChecksum);
        }

        _at += checkLength;
        _blocks.Add(new XzBlockSizes((ulong)block.Length + compressed + (ulong)checkLength, output));
        _block = null;
    }

    private static ulong? StatedSize(PayloadSource source) =>
        source.Options.End == PayloadEnd.Exact ? XzStream.FindSize(source.Stream.Span) : null;
}
