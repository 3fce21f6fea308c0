namespace BootProtocol.Output;

/// <summary>Writes to another stream, in pieces, until it is interrupted.</summary>
/// <param name="inner">The other stream; it is not closed.</param>
/// <param name="interruption">Ends the writing.</param>
internal sealed class InterruptibleStream(Stream inner, CancellationToken interruption) : Stream
{
    private const int PieceSize = 8 << 20;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            interruption.ThrowIfCancellationRequested();
            int count = Math.Min(buffer.Length, PieceSize);
            inner.Write(buffer[..count]);
            buffer = buffer[count..];
        }
    }

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
