using System.IO.Hashing;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace BootProtocol.Decompress;

/// <summary>Decodes Zstandard (RFC 8878): several frames, skippable ones among them, windows of any size.</summary>
/// <remarks>
/// A frame is decoded by one call that writes straight to the output, where it finds its window too. For a part of a frame that call gets
/// only as much room as is wanted and fails for want of more; a larger part is decoded from the frame's beginning again, and is taken
/// at least twice as large, so that many small steps do not add up to more than twice the work.
/// </remarks>
internal sealed class ZstdDecoder : PayloadDecoder
{
    // ZSTD_d_forceIgnoreChecksum: the checksum is computed here, three times as fast.
    private const ZSTD_dParameter IgnoreChecksum = ZSTD_dParameter.ZSTD_d_experimentalParam3;

    private readonly Decompressor _decompressor = Make();
    private int _at;
    private ZstdFrame? _frame;
    private int _frameStart;

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
            if (_frame is not { } frame)
            {
                _at = SkippableFrame.Skip(Format, Stream.Span, _at);
                if (!ZstdFrame.IsAt(Stream.Span[_at..]))
                {
                    End(_at);
                    return;
                }
                OpenFrame();
                continue;
            }

            if (!DecodeAtOnce(frame, room.Span, count))
                return;
        }
    }

    private protected override void Release() => _decompressor.Dispose();

    private static Decompressor Make()
    {
        var decompressor = new Decompressor();
        decompressor.SetParameter(IgnoreChecksum, 1);
        return decompressor;
    }

    /// <summary>Decodes a frame from its beginning.</summary>
    /// <returns>False if the room is too short for what is wanted.</returns>
    private bool DecodeAtOnce(ZstdFrame frame, Span<byte> room, int count)
    {
        long twice = _frameStart + 2L * (Position - _frameStart);
        long wanted = Math.Max(count, twice) + ZstdFrame.MaximumBlockLength;
        if (frame.ContentSize + (ulong)_frameStart <= (ulong)wanted)
            wanted = room.Length;
        int end = (int)Math.Min(wanted, room.Length);
        try
        {
            int decoded = _decompressor.Unwrap(Stream.Span[frame.Start..frame.End], room[_frameStart..end]);
            MoveTo(_frameStart + decoded);
            CloseFrame(frame, room);
            return true;
        }
        catch (ZstdException e) when (e.Code == ZSTD_ErrorCode.ZSTD_error_dstSize_tooSmall)
        {
            // The block that did not fit is the only one whose output is not there.
            MoveTo(Math.Max(Position, end - ZstdFrame.MaximumBlockLength));
            return end < room.Length;
        }
        catch (ZstdException e)
        {
            throw Malformed(frame, e);
        }
    }

    private void CloseFrame(ZstdFrame frame, Span<byte> room)
    {
        int length = Position - _frameStart;
        if (frame.ContentSize is { } size && size != (ulong)length)
            throw Fault("content size", frame.Start, $"{length} as decoded", $"{size}");
        if (frame.Checksum is { } stated)
        {
            uint computed = (uint)XxHash64.HashToUInt64(room[_frameStart..Position]);
            if (stated != computed)
                throw PayloadFault.WrongChecksum(Format, "content checksum", frame.End - ZstdFrame.ChecksumLength, stated, computed);
        }
        _at = frame.End;
        _frame = null;
    }

    private void OpenFrame()
    {
        var frame = ZstdFrame.Read(Stream.Span, _at);
        int limit = Options.Limits.MaximumOutput;
        if (frame.ContentSize > (ulong)limit)
            throw PayloadFault.TooLarge(Format, "content size", frame.Start, limit, frame.ContentSize.Value);
        _frame = frame;
        _frameStart = Position;
    }

    /// <summary>The sum of what the frames state, if that is all there is.</summary>
    private static ulong? StatedSize(PayloadSource source)
    {
        if (source.Options.End == PayloadEnd.Open)
            return null;
        var stream = source.Stream.Span;
        ulong sum = 0;
        int at = SkippableFrame.Skip(source.Format, stream, 0);
        while (ZstdFrame.IsAt(stream[at..]))
        {
            var frame = ZstdFrame.Read(stream, at);
            if (frame.ContentSize is not { } size)
                return null;
            sum = size > ulong.MaxValue - sum ? ulong.MaxValue : sum + size;
            at = SkippableFrame.Skip(source.Format, stream, frame.End);
        }
        return sum;
    }

    private BootFormatException Malformed(ZstdFrame frame, Exception? inner) =>
        Fault("frame", frame.Start, "a Zstandard frame", inner?.Message ?? "something else", inner);
}
