using BootProtocol.Compression;

namespace BootProtocol.Decompress;

/// <summary>
/// The compressed bytes as the stream that <see cref="System.IO.Compression.DeflateStream"/> asks for, in pieces that show where the deflate
/// data ends.
/// </summary>
/// <remarks>
/// That class does not say where the data ended, but it asks for more only when it has used up what it was given. So the byte in front of
/// each place where the data may well end is a piece by itself: if that was the last piece, the data ends with it.
/// </remarks>
internal sealed class DeflateInput : Stream
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly int _firstSingle;
    private readonly bool _mayHaveMembers;
    private int _nextMember;

    /// <summary>Begins somewhere in a payload.</summary>
    /// <param name="bytes">The payload.</param>
    /// <param name="start">Where the deflate data begins.</param>
    /// <param name="mayHaveMembers">Whether the data may end before another member, too, and not only before the payload's end.</param>
    /// <param name="firstSingle">From where on each byte is a piece by itself, and where a piece ends in any case.</param>
    public DeflateInput(ReadOnlyMemory<byte> bytes, int start, bool mayHaveMembers, int firstSingle = int.MaxValue)
    {
        _bytes = bytes;
        PieceStart = PieceEnd = _nextMember = start;
        _mayHaveMembers = mayHaveMembers;
        _firstSingle = Math.Min(firstSingle, bytes.Length);
    }

    /// <summary>Where the piece begins that was given last.</summary>
    public int PieceStart { get; private set; }

    /// <summary>Where the next piece will begin.</summary>
    public int PieceEnd { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (PieceEnd == _bytes.Length || buffer.IsEmpty)
            return 0;
        int length = Math.Clamp(FindNextEnd() - 1 - PieceEnd, 1, buffer.Length);
        _bytes.Span.Slice(PieceEnd, length).CopyTo(buffer);
        PieceStart = PieceEnd;
        PieceEnd += length;
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>The next place where the data may well end; no place behind the next piece if pieces are to be of one byte.</summary>
    private int FindNextEnd()
    {
        if (PieceEnd >= _firstSingle)
            return PieceEnd;
        int end = Math.Min(_bytes.Length - GzipHeader.TrailerLength, _firstSingle + 1);
        if (!_mayHaveMembers)
            return end;
        int first = PieceEnd + 1 + GzipHeader.TrailerLength;
        if (_nextMember < first && first <= _bytes.Length)
        {
            int distance = _bytes.Span[first..].IndexOf(GzipMember.Layout.Constant.Id);
            _nextMember = distance < 0 ? _bytes.Length : first + distance;
        }
        return Math.Min(end, _nextMember - GzipHeader.TrailerLength);
    }
}
