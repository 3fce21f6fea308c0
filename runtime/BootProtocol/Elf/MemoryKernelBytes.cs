namespace BootProtocol.Elf;

/// <summary>Bytes of a kernel that are in memory.</summary>
internal sealed class MemoryKernelBytes(ReadOnlyMemory<byte> memory) : KernelBytes
{
    private bool _isClosed;

    /// <inheritdoc/>
    public override long Length
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(KernelBytes));
            return memory.Length;
        }
    }

    /// <summary>The kernel that they are of is disposed.</summary>
    public void Close() => _isClosed = true;

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> ReadChecked(long offset, int length) => memory.Span.Slice((int)offset, length);
}
