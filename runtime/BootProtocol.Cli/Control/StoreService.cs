using BootProtocol.Xen;
using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Rings;
using BootProtocol.Xen.Store;

namespace BootProtocol.Cli.Control;

/// <summary>Answers a domain's xenstore requests beside everything else, where no xenstored does.</summary>
internal sealed class StoreService : IDisposable
{
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(100);

    private readonly StoreResponder _responder;
    private readonly Thread _thread;
    private volatile bool _isOver;

    private StoreService(StoreResponder responder)
    {
        _responder = responder;
        _thread = new Thread(Serve) { IsBackground = true };
    }

    /// <summary>Why the domain is no longer answered; null while it is.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Starts to answer.</summary>
    public static StoreService Start(XenDomain domain, RingPlace place, string name)
    {
        var service = new StoreService(StoreResponder.Open(domain, place.Frame, place.Port, name));
        service._thread.Start();
        return service;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isOver = true;
        _thread.Join();
        _responder.Dispose();
    }

    private void Serve()
    {
        try
        {
            bool hasMore = false;
            while (!_isOver)
            {
                if (!hasMore)
                    _responder.Wait(_tick);
                hasMore = _responder.Serve();
            }
        }
        catch (Exception failure) when (failure is XenException or BootFormatException)
        {
            Failure = failure;
        }
    }
}
