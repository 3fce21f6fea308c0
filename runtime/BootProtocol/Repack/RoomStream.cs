namespace BootProtocol.Repack;

/// <summary>Takes what a packer writes, as far as there is room for it, and counts all of it.</summary>
/// <param name="room">The room.</param>
internal sealed class RoomStream(Memory<byte> room) : Stream
{
    private long _length;

    /// <summary>Whether all that was written is there.</summary>
    public bool Fits => _length <= room.Length;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => _length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_length < room.Length)
        {
            Span<byte> left = room.Span[(int)_length..];
            buffer[..Math.Min(buffer.Length, left.Length)].CopyTo(left);
        }

        _length += buffer.Length;
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
