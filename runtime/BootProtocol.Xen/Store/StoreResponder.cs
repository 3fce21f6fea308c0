using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Rings;

namespace BootProtocol.Xen.Store;

/// <summary>Answers a domain's xenstore requests where no xenstored runs: a guest that gets no answer does not start.</summary>
/// <remarks>Source: Xen's docs/misc/xenstore.txt and xenstore-ring.txt.</remarks>
/// <example><code>
/// using StoreResponder store = StoreResponder.Open(domain.Domain, domain.Store.Frame, domain.Store.Port, "guest");
/// while (store.Wait(TimeSpan.FromMilliseconds(1)) &amp;&amp; store.Serve())
///     Console.WriteLine("a request was answered");
/// </code></example>
public sealed class StoreResponder : IDisposable
{
    /// <summary>After as many moves a caller gets to look at other things, whatever the guest does.</summary>
    private const int MostMoves = 32;

    private readonly RingPage _page;
    private readonly ByteRing _requests;
    private readonly ByteRing _responses;
    private readonly StoreTree _tree;
    private readonly byte[] _request = new byte[StoreMessage.Layout.Size + StoreClient.MostBytes];
    private readonly Queue<byte> _toSend = new();
    private int _received;
    private int _isDisposed;

    private StoreResponder(RingPage page, StoreTree tree)
    {
        _page = page;
        _requests = new ByteRing(page.Memory, ByteRingLayout.StoreRequests);
        _responses = new ByteRing(page.Memory, ByteRingLayout.StoreResponses);
        _tree = tree;
    }

    /// <summary>Opens the xenstore ring of a domain.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="frame">The machine frame of its xenstore ring page.</param>
    /// <param name="port">The domain's event channel port for it.</param>
    /// <param name="name">The domain's name, which the guest may read.</param>
    /// <exception cref="XenException">The page cannot be mapped, or another program is at the port already.</exception>
    public static StoreResponder Open(XenDomain domain, Mfn frame, uint port, string name)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return new StoreResponder(RingPage.Open(domain, "xenstore", frame, port), new StoreTree(domain.Id, name));
    }

    /// <summary>Waits until the guest asks.</summary>
    /// <param name="timeout">The longest wait.</param>
    /// <returns>
    /// Whether it did, in time. <see cref="Serve"/> is to be called in both cases: a guest raises no event where
    /// it takes this side for awake.
    /// </returns>
    /// <exception cref="XenException">The event channel is gone.</exception>
    public bool Wait(TimeSpan timeout)
    {
        ThrowIfDisposed();
        return _page.Wait(timeout);
    }

    /// <summary>Answers what the guest has asked, as far as it takes the answers.</summary>
    /// <returns>Whether there may be more to do at once: then it is to be called again without a wait.</returns>
    /// <exception cref="BootFormatException">The guest does not keep to the protocol.</exception>
    /// <exception cref="XenException">The event channel is gone.</exception>
    public bool Serve()
    {
        ThrowIfDisposed();
        int moves = 0;
        while (moves < MostMoves && (Send() | Receive()))
            moves++;
        if (moves > 0)
            _page.Notify();
        return moves == MostMoves;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            _page.Dispose();
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);

    private bool Send()
    {
        bool hasSent = false;
        while (_toSend.TryPeek(out byte next) && _responses.Write([next]) == 1)
        {
            _toSend.Dequeue();
            hasSent = true;
        }

        return hasSent;
    }

    private bool Receive()
    {
        // What it asks next waits until it has taken the answers: otherwise it could make them grow without end.
        if (_toSend.Count > 0)
            return false;
        int head = StoreMessage.Layout.Size;
        int wanted = _received < head ? head : head + Length();
        int got = _requests.Read(_request.AsSpan(_received, wanted - _received));
        _received += got;
        if (_received < head || _received < head + Length())
            return got > 0;
        StoreMessage request = StoreMessage.Parse(_request);
        foreach ((StoreMessageType kind, byte[] payload) in _tree.Answer(request.Kind, _request.AsSpan(head, (int)request.Length)))
            Put(request, kind, payload);
        _received = 0;
        return true;
    }

    /// <summary>Bytes behind the head of the request that is being received, which has come.</summary>
    /// <exception cref="BootFormatException">They are more than a message may have.</exception>
    private int Length()
    {
        uint length = StoreMessage.Parse(_request).Length;
        return length <= StoreClient.MostBytes
            ? (int)length
            : throw new BootFormatException(
                BootErrorCode.TooLarge,
                "xsd_sockmsg",
                "len",
                StoreMessage.Layout.Offset.Length,
                "at most 4096 bytes",
                string.Create(null, $"{length}"));
    }

    private void Put(StoreMessage request, StoreMessageType kind, byte[] payload)
    {
        byte[] message = new byte[StoreMessage.Layout.Size + payload.Length];
        StoreMessage.Writer head = StoreMessage.Create(message);
        head.Kind = kind;
        head.RequestId = kind == StoreMessageType.WatchEvent ? 0 : request.RequestId;
        head.TransactionId = kind == StoreMessageType.WatchEvent ? 0 : request.TransactionId;
        head.Length = (uint)payload.Length;
        payload.CopyTo(message.AsSpan(StoreMessage.Layout.Size));
        foreach (byte part in message)
            _toSend.Enqueue(part);
    }
}
