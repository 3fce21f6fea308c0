using System.Runtime.InteropServices;

namespace BootProtocol.Xen.Host;

/// <summary>Event channels through libxenevtchn.</summary>
/// <param name="handle">The library's handle; closed on disposal.</param>
internal sealed class NativeEventChannels(nint handle) : IEventChannels
{
    private const int Interrupted = 4;
    private nint _handle = handle;

    /// <inheritdoc/>
    public int Bind(ushort domain, uint remotePort) => Result(EventChannelLibrary.Bind(_handle, domain, remotePort));

    /// <inheritdoc/>
    public int Notify(uint port) => Result(EventChannelLibrary.Notify(_handle, port));

    /// <inheritdoc/>
    public int Wait(TimeSpan timeout)
    {
        int answer = Poll((int)Math.Min(timeout.TotalMilliseconds, int.MaxValue));
        if (answer <= 0)
            return answer;

        // Taking an event would wait if there were none: only what the poll has promised is taken. A port is unmasked before its ring
        // is looked at, so that whatever is put there later raises another event.
        do
        {
            int port = EventChannelLibrary.Pending(_handle);
            if (port < 0 || EventChannelLibrary.Unmask(_handle, (uint)port) < 0)
                return -Marshal.GetLastPInvokeError();
        }
        while (Poll(0) > 0);
        return 1;
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
        var entry = new PollEntry(EventChannelLibrary.File(_handle), SystemLibrary.Readable, 0);
        int answer = Result(SystemLibrary.Poll(ref entry, 1, milliseconds));
        return answer == -Interrupted ? 0 : answer;
    }

    private static int Result(int answer) => answer < 0 ? -Marshal.GetLastPInvokeError() : answer;
}
