using System.Buffers;
using System.Runtime.InteropServices;

namespace BootProtocol.Memory;

/// <summary>Zeroed memory outside of the garbage collector's heap: pages that are never written to are never there.</summary>
/// <remarks>After disposal, memory that was handed out refuses to be read; spans of it must not be used any more.</remarks>
internal sealed unsafe class NativeBlock : MemoryManager<byte>
{
    private readonly int _length;
    private byte* _start;

    /// <summary>Allocates.</summary>
    /// <param name="length">Its bytes: more than 0.</param>
    public NativeBlock(int length)
    {
        _length = length;
        _start = (byte*)NativeMemory.AllocZeroed((nuint)length);
        LargePages.Request(new Span<byte>(_start, length));
    }

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        return new Span<byte>(_start, _length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, _length);
        return new MemoryHandle(_start + elementIndex);
    }

    public override void Unpin()
    {
        // Native memory does not move.
    }

    protected override void Dispose(bool disposing)
    {
        NativeMemory.Free(_start);
        _start = null;
    }
}
