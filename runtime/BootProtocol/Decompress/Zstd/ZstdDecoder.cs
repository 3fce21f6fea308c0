using System.IO.Hashing;
using BootProtocol.Compression;

namespace BootProtocol.Decompress;

/// <summary>Decodes Zstandard (RFC 8878): several frames, skippable ones among them, windows of any size.</summary>
/// <remarks>Blocks are decoded straight to the output, where they find their window too.</remarks>
internal sealed class ZstdDecoder : PayloadDecoder
{
    private readonly ZstdBlockDecoder _blocks = new();
    private readonly XxHash64 _hash = new();
    private int _at;
    private ZstdFrame? _frame;
    private int _frameStart;
    private bool _isLastDecoded;

    // A block that the room might not hold whole waits here.
    private byte[] _waiting = [];
    private int _waitingStart;
    private int _waitingEnd;

    public ZstdDecoder(PayloadSource source)
        : base(source, CheckedLength(source, StatedSize(source), "content size"))
    {
        _at = SkippableFrame.Skip(Format, Stream.Span, _at);
        OpenFrame();
    }

    private protected override void Advance(Memory<byte> room, int count)
    {
        while (!IsComplete && (Position < count || Position == room.Length))
        {
            if (_waitingStart < _waitingEnd)
            {
                int length = Math.Min(_waitingEnd - _waitingStart, room.Length - Position);
                if (length == 0)
                    return;
                _waiting.AsSpan(_waitingStart, length).CopyTo(room.Span[Position..]);
                _waitingStart += length;
                MoveTo(Position + length);
            }
            else if (_frame is not { } frame)
            {
                OpenNext();
            }
            else if (_isLastDecoded)
            {
                CloseFrame(frame);
            }
            else
            {
                DecodeBlock(frame, room.Span);
            }
        }
    }

    private protected override void Release()
    {
        _blocks.Dispose();
        _waiting = [];
        _waitingStart = _waitingEnd = 0;
    }

    private void DecodeBlock(ZstdFrame frame, Span<byte> room)
    {
        var block = ZstdBlock.Read(Stream.Span, _at, frame.BlockLength);
        int most = block.Kind == ZstdBlockKind.Compressed ? frame.BlockLength : block.Length;
        if (room.Length - Position >= most)
        {
            int decoded = Decode(frame, block, room[_frameStart..], Position - _frameStart);
            _at = block.End;
            _isLastDecoded = block.IsLast;
            if (frame.HasChecksum)
                _hash.Append(room.Slice(Position, decoded));
            MoveTo(Position + decoded);
            return;
        }

        if (_waiting.Length < frame.BlockLength)
            _waiting = new byte[frame.BlockLength];
        _waitingEnd = DecodeAside(frame, block, room[_frameStart..Position]);
        _waitingStart = 0;
        _at = block.End;
        _isLastDecoded = block.IsLast;
        if (frame.HasChecksum)
            _hash.Append(_waiting.AsSpan(0, _waitingEnd));
    }

    private int Decode(ZstdFrame frame, ZstdBlock block, Span<byte> output, int start)
    {
        if (block.Kind != ZstdBlockKind.Compressed)
            return Fill(block, output.Slice(start, block.Length));
        int decoded = _blocks.Decode(BytesOf(block), output, start, out string fault);
        return Checked(frame, block, decoded, fault);
    }

    private int DecodeAside(ZstdFrame frame, ZstdBlock block, ReadOnlySpan<byte> before)
    {
        if (block.Kind != ZstdBlockKind.Compressed)
            return Fill(block, _waiting.AsSpan(0, block.Length));
        int decoded = _blocks.DecodeAside(BytesOf(block), before, _waiting.AsSpan(0, frame.BlockLength), out string fault);
        return Checked(frame, block, decoded, fault);
    }

    private int Fill(ZstdBlock block, Span<byte> output)
    {
        if (block.Kind == ZstdBlockKind.Raw)
            BytesOf(block).CopyTo(output);
        else
            output.Fill(BytesOf(block)[0]);
        return block.Length;
    }

    private int Checked(ZstdFrame frame, ZstdBlock block, int decoded, string fault)
    {
        // The decoder takes any block to have up to 128 KiB.
        if (decoded >= 0 && decoded <= frame.BlockLength)
            return decoded;
        string found = decoded < 0 ? fault : $"one of {decoded} bytes";
        throw Fault("block", block.Data - ZstdBlock.HeaderLength, $"a compressed block of at most {frame.BlockLength} bytes of output", found);
    }

    private ReadOnlySpan<byte> BytesOf(ZstdBlock block) => Stream.Span.Slice(block.Data, block.DataLength);

    private void OpenNext()
    {
        _at = SkippableFrame.Skip(Format, Stream.Span, _at);
        if (ZstdFrame.IsAt(Stream.Span[_at..]))
            OpenFrame();
        else
            End(_at);
    }

    private void OpenFrame()
    {
        var frame = ZstdFrame.Read(Stream.Span, _at);
        int limit = Options.Limits.MaximumOutput;
        if (frame.ContentSize > (ulong)limit)
            throw PayloadFault.TooLarge(Format, "content size", frame.Start, limit, frame.ContentSize.Value);
        _at = frame.Blocks;
        _frame = frame;
        _frameStart = Position;
        _isLastDecoded = false;
        _blocks.Begin();
        _hash.Reset();
    }

    private void CloseFrame(ZstdFrame frame)
    {
        int length = Position - _frameStart;
        if (frame.ContentSize is { } size && size != (ulong)length)
            throw Fault("content size", frame.Start, $"{length} as decoded", $"{size}");
        if (frame.HasChecksum)
        {
            if (!ContentChecksum.TryParse(Stream.Span[_at..], out ContentChecksum stated, out _))
                throw EndsEarly("content checksum", Stream.Length);
            uint computed = (uint)_hash.GetCurrentHashAsUInt64();
            if (stated.Value != computed)
                throw PayloadFault.WrongChecksum(Format, "content checksum", _at, stated.Value, computed);
            _at += ZstdFrame.ChecksumLength;
        }
        _frame = null;
    }

    /// <summary>The sum of what the frames state, if that is all there is; null, too, where a frame cannot be passed over.</summary>
    private static ulong? StatedSize(PayloadSource source)
    {
        if (source.Options.End == PayloadEnd.Open)
            return null;
        var stream = source.Stream.Span;
        ulong sum = 0;
        try
        {
            int at = SkippableFrame.Skip(source.Format, stream, 0);
            do
            {
                var frame = ZstdFrame.Read(stream, at);
                if (frame.ContentSize is not { } size)
                    return null;
                sum = size > ulong.MaxValue - sum ? ulong.MaxValue : sum + size;
                at = SkippableFrame.Skip(source.Format, stream, frame.FindEnd(stream));
            }
            while (ZstdFrame.IsAt(stream[at..]));
        }
        catch (BootFormatException)
        {
            // What comes before the fault can be decoded; then it is found again.
            return null;
        }
        return sum;
    }
}
