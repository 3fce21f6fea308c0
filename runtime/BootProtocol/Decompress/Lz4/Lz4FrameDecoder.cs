using System.IO.Hashing;
using BootProtocol.Compression;

namespace BootProtocol.Decompress;

/// <summary>Decodes the LZ4 frame format: several frames, skippable ones among them, with linked or independent blocks.</summary>
internal sealed class Lz4FrameDecoder : PayloadDecoder
{
    private readonly XxHash32 _contentHash = new();
    private Lz4FrameHeader _frame;
    private int _at;
    private int _frameStart;

    // Unlike the blocks of the legacy framing, these are small enough to be decoded whole. What the room cannot hold waits here.
    private byte[] _waiting = [];
    private int _waitingStart;
    private int _waitingEnd;

    public Lz4FrameDecoder(PayloadSource source)
        : base(source, CheckedLength(source))
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
                continue;
            }
            if (!Lz4BlockHeader.TryParse(Stream.Span[_at..], out Lz4BlockHeader block, out _))
                throw EndsEarly("block size", Stream.Length);
            _at += Lz4BlockHeader.Layout.Size;
            if (block.Size == 0)
                CloseFrame();
            else
                DecodeBlock(room.Span, block.Size);
        }
    }

    private void DecodeBlock(Span<byte> room, Lz4BlockSize header)
    {
        int at = _at;
        bool isStored = (header & Lz4BlockSize.Stored) != 0;
        uint size = header.GetLength();
        if (size == 0 || size > _frame.BlockLength)
            throw Fault("block size", at - Lz4BlockHeader.Layout.Size, $"1 to {_frame.BlockLength} bytes", $"{size}");
        if (size > Stream.Length - at)
            throw EndsEarly("block", Stream.Length);
        var block = Stream.Span.Slice(at, (int)size);
        _at += (int)size;
        if (_frame.HasBlockChecksums)
            CheckHash("block checksum", XxHash32.HashToUInt32(block));

        int left = room.Length - Position;
        int first = _frame.IsIndependent ? Position : Math.Max(_frameStart, Position - Lz4Block.HistoryLength);
        if (isStored ? left >= block.Length : left >= _frame.BlockLength)
        {
            var place = room[first..(Position + Math.Min(left, _frame.BlockLength))];
            int decoded = DecodeBlock(block, isStored, place, Position - first, at);
            _contentHash.Append(room.Slice(Position, decoded));
            MoveTo(Position + decoded);
            return;
        }
        int limit = Options.Limits.MaximumDecoderMemory;
        if (_frame.BlockLength > limit)
            throw PayloadFault.TooMuchMemory(Format, "block maximum size", at, limit, _frame.BlockLength);
        var history = room[first..Position];
        if (_waiting.Length < Lz4Block.HistoryLength + _frame.BlockLength)
            _waiting = new byte[Lz4Block.HistoryLength + _frame.BlockLength];
        history.CopyTo(_waiting);
        _waitingStart = history.Length;
        var aside = _waiting.AsSpan(0, history.Length + _frame.BlockLength);
        _waitingEnd = history.Length + DecodeBlock(block, isStored, aside, history.Length, at);
        _contentHash.Append(_waiting.AsSpan(_waitingStart.._waitingEnd));
    }

    /// <summary>Decodes a block behind the output that it may copy from.</summary>
    private int DecodeBlock(ReadOnlySpan<byte> block, bool isStored, Span<byte> output, int start, int at)
    {
        if (isStored)
        {
            block.CopyTo(output[start..]);
            return block.Length;
        }
        int decoded = Lz4Block.Decode(block, output, start);
        if (decoded < 0)
            throw Fault("block", at, $"an LZ4 block of at most {_frame.BlockLength} bytes of output", "another");
        return decoded;
    }

    private void CloseFrame()
    {
        int length = Position - _frameStart;
        if (_frame.ContentSize is { } size && size != (ulong)length)
            throw Fault("content size", _frame.ContentSizeAt, $"{length} as decoded", $"{size}");
        if (_frame.HasContentChecksum)
            CheckHash("content checksum", _contentHash.GetCurrentHashAsUInt32());
        _at = SkippableFrame.Skip(Format, Stream.Span, _at);
        if (IsFrameAt(_at))
            OpenFrame();
        else
            End(_at);
    }

    private void OpenFrame()
    {
        _frame = Lz4FrameHeader.Read(Stream.Span, _at);
        int limit = Options.Limits.MaximumOutput;
        if (_frame.ContentSize > (ulong)limit)
            throw PayloadFault.TooLarge(Format, "content size", _frame.ContentSizeAt, limit, _frame.ContentSize.Value);
        _at = _frame.End;
        _frameStart = Position;
        _contentHash.Reset();
    }

    private bool IsFrameAt(int at) =>
        FrameMagic.TryParse(Stream.Span[at..], out FrameMagic magic, out _) && magic.Number == Lz4FrameHeader.Magic;

    private void CheckHash(string field, uint computed)
    {
        if (!ContentChecksum.TryParse(Stream.Span[_at..], out ContentChecksum stated, out _))
            throw EndsEarly(field, Stream.Length);
        if (stated.Value != computed)
            throw PayloadFault.WrongChecksum(PayloadFormat.Lz4, field, _at, stated.Value, computed);
        _at += ContentChecksum.Layout.Size;
    }
}
