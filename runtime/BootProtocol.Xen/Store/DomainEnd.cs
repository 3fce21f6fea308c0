using BootProtocol.Xen.Domains;

namespace BootProtocol.Xen.Store;

/// <summary>Waits for the end of a domain: that its guest has shut down for good, or that it is no longer there.</summary>
/// <remarks>
/// Xen raises an event for it at xenstored alone, which passes it on to those who watch <c>@releaseDomain</c>. Where no xenstored serves the
/// domain, Xen is asked every 100 ms. Another domain that gets the number is not taken for this one: from Xen 4.21 on by the number that is
/// never given again, before by the UUID. Source: Xen's docs/misc/xenstore.txt.
/// </remarks>
/// <example><code>
/// domain.Domain.Unpause();
/// using DomainEnd end = DomainEnd.Open(domain.Domain);
/// using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
/// Console.WriteLine(end.Wait(patience.Token) ? $"{domain.Domain.GetInfo().ShutdownReason}" : "it still runs");
/// </code></example>
public sealed class DomainEnd : IDisposable
{
    /// <summary>How soon a cancellation is noticed, and an end where there is no event.</summary>
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(100);

    private readonly DomainIdentity _domain;
    private readonly StoreClient? _store;
    private bool _isOver;
    private int _isDisposed;

    private DomainEnd(DomainIdentity domain, StoreClient? store)
    {
        _domain = domain;
        _store = store;
    }

    /// <summary>Begins to watch a domain.</summary>
    /// <param name="domain">The domain.</param>
    /// <exception cref="XenException">xenstored refused.</exception>
    public static DomainEnd Open(XenDomain domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return Open(domain, StoreClient.TryConnect());
    }

    /// <summary>Begins to watch a domain through a xenstored of the caller's, if that serves it; the connection is this object's then.</summary>
    internal static DomainEnd Open(XenDomain domain, StoreClient? store)
    {
        try
        {
            if (store?.IsServed(domain.Id) == true)
            {
                store.Watch("@releaseDomain");
                return new DomainEnd(DomainIdentity.Of(domain), store);
            }
        }
        catch
        {
            store?.Dispose();
            throw;
        }

        store?.Dispose();
        return new DomainEnd(DomainIdentity.Of(domain), null);
    }

    /// <summary>Whether the domain has ended. Where a xenstored serves it, Xen is asked only after the end of any domain.</summary>
    /// <exception cref="XenException">Xen refused, or the connection to xenstored is gone.</exception>
    public bool HasCome()
    {
        ThrowIfDisposed();
        bool isTold = _store is null;
        while (_store?.WaitForEvent(TimeSpan.Zero) == true)
            isTold = true;
        return Look(isTold);
    }

    /// <summary>Waits until the domain has ended, or until the token is cancelled.</summary>
    /// <returns>Whether it has ended.</returns>
    /// <exception cref="XenException">Xen refused, or the connection to xenstored is gone.</exception>
    public bool Wait(CancellationToken cancellation = default)
    {
        ThrowIfDisposed();
        bool isOver = HasCome();
        while (!isOver && !cancellation.IsCancellationRequested)
        {
            if (_store is not null)
                isOver = Look(_store.WaitForEvent(_tick));
            else
                isOver = !cancellation.WaitHandle.WaitOne(_tick) && Look(isTold: true);
        }

        return isOver;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            _store?.Dispose();
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);

    private bool Look(bool isTold)
    {
        _isOver = _isOver || (isTold && _domain.HasEnded());
        return _isOver;
    }
}
