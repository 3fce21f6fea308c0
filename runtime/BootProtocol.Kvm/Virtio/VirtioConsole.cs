using BootProtocol.Virtio;

namespace BootProtocol.Kvm.Virtio;

/// <summary>A console of a guest, with one port: hvc0 in Linux.</summary>
/// <remarks>
/// What it receives waits until the guest offers room for it, and has written something: Linux's driver offers room before it has a console, and
/// throws away what comes then. Source: VIRTIO 1.2, 5.3 "Console Device".
/// </remarks>
/// <param name="output">Where what the guest writes goes; null for nowhere.</param>
internal sealed class VirtioConsole(Stream? output) : VirtioDevice
{
    /// <summary>Bytes that wait for the guest before a sender has to wait, too.</summary>
    public const int Capacity = 4096;

    private const int ReceiveQueue = 0, TransmitQueue = 1;
    private const int Piece = 64 << 10;

    private readonly byte[] _configuration = new byte[VirtioConsoleConfig.Layout.Size];
    private readonly Queue<byte> _received = new();
    private bool _isClosed;
    private bool _isInUse;

    /// <inheritdoc/>
    public override VirtioKind Kind => VirtioKind.Console;

    /// <inheritdoc/>
    public override ulong Features => 0;

    /// <inheritdoc/>
    public override int Queues => 2;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Configuration => _configuration;

    /// <inheritdoc/>
    public override bool CanHandle(int queue) => queue != ReceiveQueue || (_isInUse && _received.Count > 0);

    /// <summary>Receives as many bytes as there is room for.</summary>
    /// <param name="transport">The registers of this device, which the guest sees.</param>
    /// <param name="bytes">The bytes.</param>
    /// <returns>How many.</returns>
    public int Receive(VirtioTransport transport, ReadOnlySpan<byte> bytes)
    {
        lock (transport)
        {
            int count = _isClosed ? 0 : Math.Min(bytes.Length, Capacity - _received.Count);
            foreach (byte value in bytes[..count])
                _received.Enqueue(value);
            if (count > 0)
                transport.Serve(ReceiveQueue);
            return count;
        }
    }

    /// <summary>Receives nothing more: the guest's memory may go.</summary>
    /// <param name="transport">The registers of this device.</param>
    public void Close(VirtioTransport transport)
    {
        lock (transport)
            _isClosed = true;
    }

    /// <inheritdoc/>
    public override void HasHandled(VirtioTransport transport, int queue)
    {
        if (queue == TransmitQueue && CanHandle(ReceiveQueue))
            transport.Serve(ReceiveQueue);
    }

    /// <inheritdoc/>
    public override uint Handle(int queue, VirtioRequest request)
    {
        uint written = 0;
        long sent = 0;
        for (int i = 0; i < request.Count; i++)
        {
            if (queue == TransmitQueue && !request.IsWritten(i))
                Send(request, i, ref sent);
            else if (queue == ReceiveQueue && request.IsWritten(i))
                written += Fill(request.Bytes(i));
        }

        if (queue == TransmitQueue)
        {
            output?.Flush();
            _isInUse = true;
        }

        return written;
    }

    private uint Fill(Span<byte> place)
    {
        int count = 0;
        while (count < place.Length && _received.TryDequeue(out byte value))
            place[count++] = value;
        return (uint)count;
    }

    // The guest may change the bytes meanwhile: a stream gets a copy. The buffers of a request may come to 256 times the guest's memory: once
    // the machine has ended, no more than what is usual of them goes out.
    private void Send(VirtioRequest request, int index, ref long sent)
    {
        Span<byte> bytes = request.Bytes(index);
        for (int at = 0; at < bytes.Length && output is not null && (sent < Piece || !request.HasEnded); at += Piece)
        {
            byte[] piece = bytes.Slice(at, Math.Min(Piece, bytes.Length - at)).ToArray();
            output.Write(piece);
            sent += piece.Length;
        }
    }
}
