using System.Buffers.Binary;

namespace BootProtocol.Decompress;

/// <summary>Reads bits one after the other, the highest of each byte first. Behind the last there are zeros.</summary>
internal ref struct Bzip2BitReader
{
    /// <summary>The most bits that can be read at once.</summary>
    public const int MostBits = 32;

    private readonly ReadOnlySpan<byte> _bytes;
    private int _next;

    // The next bits are the highest ones of the window; below them it is zero.
    private ulong _window;
    private int _count;

    /// <summary>Begins at a bit of the payload.</summary>
    public Bzip2BitReader(ReadOnlySpan<byte> bytes, long bit)
    {
        _bytes = bytes;
        _next = (int)(bit >> 3);
        Skip((int)(bit & 7));
    }

    /// <summary>The number of the next bit; beyond the payload's end if more was read than there is.</summary>
    public readonly long Position => _next * 8L - _count;

    /// <summary>Whether more was read than there is.</summary>
    public readonly bool IsPastEnd => Position > _bytes.Length * 8L;

    /// <summary>The next bits, not yet taken.</summary>
    /// <param name="count">1 to <see cref="MostBits"/>.</param>
    public uint Peek(int count)
    {
        if (_count < MostBits)
            Refill();
        return (uint)(_window >> (64 - count));
    }

    /// <summary>Takes bits.</summary>
    /// <param name="count">0 to <see cref="MostBits"/>.</param>
    public void Skip(int count)
    {
        if (_count < MostBits)
            Refill();
        _window <<= count;
        _count -= count;
    }

    /// <summary>Reads bits.</summary>
    /// <param name="count">1 to <see cref="MostBits"/>.</param>
    public uint Read(int count)
    {
        uint value = Peek(count);
        Skip(count);
        return value;
    }

    private void Refill()
    {
        if (_bytes.Length - _next >= sizeof(uint))
        {
            _window |= (ulong)BinaryPrimitives.ReadUInt32BigEndian(_bytes[_next..]) << (32 - _count);
            _next += sizeof(uint);
            _count += 32;
            return;
        }
        while (_count <= 56)
        {
            byte value = _next < _bytes.Length ? _bytes[_next] : (byte)0;
            _window |= (ulong)value << (56 - _count);
            _next++;
            _count += 8;
        }
    }
}
