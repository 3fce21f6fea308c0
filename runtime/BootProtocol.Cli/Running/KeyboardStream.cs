using System.Runtime.InteropServices;

namespace BootProtocol.Cli.Running;

/// <summary>
/// Standard input as the system has it, for a guest. The runtime's own would read a terminal line by line, and change its mode.
/// </summary>
/// <param name="filter">Looks for the tool's own keys; null where no person types.</param>
/// <param name="end">What happens when the guest is to end.</param>
internal sealed class KeyboardStream(KeyFilter? filter, Action end) : Stream
{
    private const int StandardInput = 0;
    private const int Interrupted = 4; // EINTR

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint count = Read(StandardInput, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length);
            if (count < 0 && Marshal.GetLastPInvokeError() == Interrupted)
                continue;
            if (count <= 0)
                return 0;
            int kept = filter?.Filter(buffer[..(int)count]) ?? (int)count;
            if (filter?.IsEnd == true)
                end();
            if (kept > 0 || filter?.IsEnd == true)
                return kept;
        }

        return 0;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
        // Nothing is written.
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    [DllImport("libc", EntryPoint = "read", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Read(int descriptor, ref byte buffer, nuint count);
}
