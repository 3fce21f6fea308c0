using System.Buffers;

namespace BootProtocol.Memory;

/// <summary>Memory outside of the garbage collector's heap, which does not move.</summary>
/// <remarks>After disposal, memory that was handed out refuses to be read; spans of it must not be used any more.</remarks>
/// <param name="length">Its bytes.</param>
internal abstract unsafe class UnmanagedMemory(int length) : MemoryManager<byte>
{
    /// <summary>Its first byte; null before it is there, and after disposal.</summary>
    protected byte* Start { get; set; }

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(Start is null, this);
        return new Span<byte>(Start, length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(Start is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, length);
        return new MemoryHandle(Start + elementIndex);
    }

    public override void Unpin()
    {
        // It does not move.
    }
}
