namespace BootProtocol.Elf;

/// <summary>Bytes of a kernel that are in memory.</summary>
internal sealed class MemoryKernelBytes(ReadOnlyMemory<byte> memory) : KernelBytes
{
    /// <inheritdoc/>
    public override long Length => memory.Length;

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> ReadChecked(long offset, int length) => memory.Span.Slice((int)offset, length);
}
