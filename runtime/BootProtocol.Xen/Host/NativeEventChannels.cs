using System.Runtime.InteropServices;

namespace BootProtocol.Xen.Host;

/// <summary>Event channels through libxenevtchn.</summary>
/// <param name="handle">The library's handle; closed on disposal.</param>
internal sealed class NativeEventChannels(nint handle) : IEventChannels
{
    private const int Interrupted = 4;
    private nint _handle = handle;

    private nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle == 0, this);
            return _handle;
        }
    }

    /// <inheritdoc/>
    public int Bind(ushort domain, uint remotePort) => Result(EventChannelLibrary.Bind(Handle, domain, remotePort));

    /// <inheritdoc/>
    public int Notify(uint port) => Result(EventChannelLibrary.Notify(Handle, port));

    /// <inheritdoc/>
    public int Wait(TimeSpan timeout)
    {
        int answer = Poll((int)Math.Min(timeout.TotalMilliseconds, int.MaxValue));
        if (answer <= 0)
            return answer;

        // Taking an event would wait if there were none: only what the poll has promised is taken, and no more than one, for a domain may
        // raise them without end. A port is unmasked before its ring is looked at, so that whatever is put there later raises another.
        int port = EventChannelLibrary.Pending(Handle);
        return port < 0 || EventChannelLibrary.Unmask(Handle, (uint)port) < 0 ? -Marshal.GetLastPInvokeError() : 1;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        nint taken = Interlocked.Exchange(ref _handle, 0);
        if (taken != 0)
            _ = EventChannelLibrary.Close(taken);
    }

    private int Poll(int milliseconds)
    {
        var entry = new PollEntry(EventChannelLibrary.File(Handle), SystemLibrary.Readable, 0);
        int answer = Result(SystemLibrary.Poll(ref entry, 1, milliseconds));
        return answer == -Interrupted ? 0 : answer;
    }

    private static int Result(int answer) => answer < 0 ? -Marshal.GetLastPInvokeError() : answer;
}
