using BootProtocol.Elf;

namespace BootProtocol.Kernels;

/// <summary>The bytes of a kernel that somebody else has decoded, and owns.</summary>
/// <param name="owner">Who does.</param>
internal sealed class SharedKernelBytes(DecodedKernel owner) : KernelBytes
{
    private bool _isClosed;

    /// <inheritdoc/>
    public override long Length => All.Length;

    /// <summary>All of them.</summary>
    /// <exception cref="ObjectDisposedException">The owner is disposed, or the kernel that was opened.</exception>
    public ReadOnlyMemory<byte> All
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Kernel));
            owner.ThrowIfDisposed();
            return owner.Bytes;
        }
    }

    /// <summary>The kernel that was opened is disposed.</summary>
    public void Close() => _isClosed = true;

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> ReadChecked(long offset, int length) => All.Span.Slice((int)offset, length);
}
