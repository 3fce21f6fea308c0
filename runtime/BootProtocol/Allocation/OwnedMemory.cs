using System.Buffers;

namespace BootProtocol.Allocation;

/// <summary>Bytes with one owner: guest memory, a decoded kernel, a file that was read.</summary>
/// <remarks>
/// They are an array of the garbage collector's, with large pages behind it. So a span of it can never dangle: it keeps the array, even
/// over <see cref="Close"/>, and what nobody disposes is collected. <see cref="Close"/> gives the pages back to the system at once: from
/// then on <see cref="Memory{T}"/> of it throws <see cref="ObjectDisposedException"/>, and spans that were taken before read what is left,
/// most of it zero.
/// </remarks>
internal sealed class OwnedMemory : MemoryManager<byte>
{
    private byte[]? _bytes;

    private OwnedMemory(byte[] bytes)
    {
        _bytes = bytes;
        LargePages.Request(bytes);
    }

    /// <summary>Bytes that it has.</summary>
    public int Length => Require().Length;

    /// <summary>Takes memory with undefined contents.</summary>
    /// <param name="length">Its bytes.</param>
    public static OwnedMemory Allocate(int length) => new(GC.AllocateUninitializedArray<byte>(length));

    /// <summary>Takes memory that is all zero. Pages that nobody writes to are never there, apart from parts of large ones.</summary>
    /// <param name="length">Its bytes.</param>
    public static OwnedMemory AllocateZeroed(int length) => new(GC.AllocateArray<byte>(length, pinned: true));

    /// <summary>Gives the memory up. Any thread may do so, also twice.</summary>
    public void Close()
    {
        if (Interlocked.Exchange(ref _bytes, null) is { } bytes)
            LargePages.GiveBack(bytes);
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => Require();

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        byte[] bytes = Require();
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, bytes.Length);
        return bytes.AsMemory(elementIndex).Pin();
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
        // The handle of the array does that.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Close();

    private byte[] Require()
    {
        byte[]? bytes = Volatile.Read(ref _bytes);
        ObjectDisposedException.ThrowIf(bytes is null, this);
        return bytes;
    }
}
