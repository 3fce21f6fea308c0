using BootProtocol.Elf;

namespace BootProtocol.Kernels;

/// <summary>The bytes of a kernel as a stream.</summary>
internal sealed class KernelStream(KernelBytes bytes) : Stream
{
    private KernelBytes? _bytes = bytes;
    private long _position;

    public override bool CanRead => _bytes is not null;

    public override bool CanSeek => _bytes is not null;

    public override bool CanWrite => false;

    public override long Length => Open.Length;

    public override long Position
    {
        get
        {
            _ = Open;
            return _position;
        }

        set => Seek(value, SeekOrigin.Begin);
    }

    private KernelBytes Open
    {
        get
        {
            ObjectDisposedException.ThrowIf(_bytes is null, this);
            return _bytes;
        }
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override int Read(Span<byte> buffer)
    {
        KernelBytes bytes = Open;
        int count = (int)Math.Clamp(bytes.Length - _position, 0, buffer.Length);
        if (count > 0)
            bytes.Read(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int ReadByte()
    {
        byte one = 0;
        return Read(new Span<byte>(ref one)) == 0 ? -1 : one;
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        long start = origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => Position,
            SeekOrigin.End => Length,
            _ => throw new ArgumentOutOfRangeException(nameof(origin), origin, "is no origin"),
        };
        _ = Open;
        if (offset > long.MaxValue - start)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "is beyond what a position can be");
        return start + offset < 0 ? throw new IOException("A position before the start.") : _position = start + offset;
    }

    public override void Flush()
    {
        // Nothing is written.
    }

    public override void SetLength(long value) => throw new NotSupportedException("A kernel can only be read.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A kernel can only be read.");

    protected override void Dispose(bool disposing)
    {
        _bytes = null;
        base.Dispose(disposing);
    }
}
