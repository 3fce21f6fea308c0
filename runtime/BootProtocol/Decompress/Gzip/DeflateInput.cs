namespace BootProtocol.Decompress;

/// <summary>The compressed bytes as the stream that <see cref="System.IO.Compression.DeflateStream"/> asks for.</summary>
/// <remarks>That class does not say where the deflate data ended; this one knows the piece that it was given last.</remarks>
internal sealed class DeflateInput : Stream
{
    private readonly ReadOnlyMemory<byte> _bytes;

    /// <summary>Begins somewhere in a payload.</summary>
    public DeflateInput(ReadOnlyMemory<byte> bytes, int start)
    {
        _bytes = bytes;
        PieceStart = PieceEnd = start;
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
        int length = Math.Min(buffer.Length, _bytes.Length - PieceEnd);
        if (length == 0)
            return 0;
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
}
