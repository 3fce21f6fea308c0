using System.Buffers;

namespace BootProtocol.Xen.Host;

/// <summary>Memory at a pointer that a library of Xen gave, and takes back on disposal.</summary>
/// <remarks>After disposal, memory that was handed out refuses to be read; spans of it must not be used any more.</remarks>
/// <param name="start">Its first byte.</param>
/// <param name="length">Its bytes.</param>
/// <param name="release">Gives it back.</param>
internal sealed unsafe class HostMemory(nint start, int length, Action<nint> release) : MemoryManager<byte>, IHostMemory
{
    private nint _start = start;

    /// <inheritdoc/>
    public ulong Address => (ulong)_start;

    /// <inheritdoc/>
    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_start == 0, this);
        return new Span<byte>((void*)_start, length);
    }

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(_start == 0, this);
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, length);
        return new MemoryHandle((byte*)_start + elementIndex);
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
        // A mapping does not move.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        nint taken = Interlocked.Exchange(ref _start, 0);
        if (taken != 0)
            release(taken);
    }
}
