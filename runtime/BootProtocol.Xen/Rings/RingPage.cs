using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Host;

namespace BootProtocol.Xen.Rings;

/// <summary>The control domain's end of a ring page: the page mapped, and the event channel bound.</summary>
internal sealed class RingPage : IDisposable
{
    private readonly IHostMemory _page;
    private readonly IEventChannels _events;
    private readonly uint _port;
    private readonly string _name;

    private RingPage(string name, IHostMemory page, IEventChannels events, uint port)
    {
        _name = name;
        _page = page;
        _events = events;
        _port = port;
    }

    /// <summary>The page.</summary>
    public Memory<byte> Memory => _page.Memory;

    /// <summary>Opens a ring page.</summary>
    /// <param name="domain">Whose.</param>
    /// <param name="name">What it is: <c>console</c>.</param>
    /// <param name="frame">Its machine frame.</param>
    /// <param name="port">The domain's port for it.</param>
    /// <exception cref="XenException">It cannot be mapped, or somebody else is at the port already.</exception>
    public static RingPage Open(XenDomain domain, string name, Mfn frame, uint port)
    {
        IHostMemory page = domain.Map(frame, $"map the {name} ring page");
        IEventChannels? events = null;
        try
        {
            XenException.Check("open event channels", domain.Host.OpenEvents(out events));
            int own = events!.Bind(domain.Id, port);
            string? holder = own == -(int)XenError.Invalid ? "no port that waits for this domain; another program may be at it" : null;
            if (own < 0)
                throw new XenException($"bind the event channel of the {name}", (XenError)(-own), holder);
            return new RingPage(name, page, events, (uint)own);
        }
        catch
        {
            events?.Dispose();
            page.Dispose();
            throw;
        }
    }

    /// <summary>Raises an event at the domain: something in the page has changed.</summary>
    /// <exception cref="XenException">The event channel is gone.</exception>
    public void Notify() => XenException.Check($"notify the domain of its {_name}", _events.Notify(_port));

    /// <summary>Waits for an event of the domain.</summary>
    /// <returns>Whether one came in time.</returns>
    /// <exception cref="XenException">The event channel is gone.</exception>
    public bool Wait(TimeSpan timeout) => XenException.Check($"wait for the domain's {_name}", _events.Wait(timeout)) > 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        _events.Dispose();
        _page.Dispose();
    }
}
