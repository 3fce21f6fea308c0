using System.Buffers.Binary;

namespace BootProtocol.Hashes;

/// <summary>A hash of the family of FIPS 180-4, of bytes that come in parts: their blocks, and the padding behind the last one.</summary>
internal abstract class RunningHash
{
    private readonly byte[] _rest;
    private readonly int _lengthField;
    private int _restLength;
    private ulong _count;

    /// <summary>Makes one.</summary>
    /// <param name="length">Bytes of the hash.</param>
    /// <param name="blockLength">Bytes of a block.</param>
    /// <param name="lengthField">Bytes of the number of bits at the end.</param>
    protected RunningHash(int length, int blockLength, int lengthField)
    {
        Length = length;
        _rest = new byte[blockLength];
        _lengthField = lengthField;
    }

    /// <summary>Bytes of the hash.</summary>
    public int Length { get; }

    /// <summary>Takes bytes in.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        _count += (ulong)bytes.Length;
        if (_restLength > 0)
        {
            int taken = Math.Min(bytes.Length, _rest.Length - _restLength);
            bytes[..taken].CopyTo(_rest.AsSpan(_restLength));
            _restLength += taken;
            bytes = bytes[taken..];
            if (_restLength < _rest.Length)
                return;
            AddBlocks(_rest);
            _restLength = 0;
        }

        int whole = bytes.Length / _rest.Length * _rest.Length;
        AddBlocks(bytes[..whole]);
        bytes[whole..].CopyTo(_rest);
        _restLength = bytes.Length - whole;
    }

    /// <summary>Takes zeros in.</summary>
    public void AddZeros(int count)
    {
        Span<byte> zeros = stackalloc byte[8];
        zeros.Clear();
        for (; count > 0; count -= zeros.Length)
            Add(zeros[..Math.Min(count, zeros.Length)]);
    }

    /// <summary>Ends it: the rest, one bit, zeros, and the number of bits.</summary>
    public byte[] Finish()
    {
        ulong bits = _count * 8;
        Add([0x80]);
        AddZeros((_rest.Length - _lengthField - _restLength + _rest.Length) % _rest.Length);
        Span<byte> last = stackalloc byte[_lengthField];
        last.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(last[^sizeof(ulong)..], bits);
        Add(last);
        byte[] hash = new byte[Length];
        Write(hash);
        return hash;
    }

    /// <summary>Takes whole blocks in.</summary>
    protected abstract void AddBlocks(ReadOnlySpan<byte> blocks);

    /// <summary>Writes the state, as much of it as the hash has.</summary>
    protected abstract void Write(Span<byte> hash);
}
