using System.Globalization;
using BootProtocol.Xen.Store;

namespace BootProtocol.Xen.Devices;

/// <summary>What xenstore has of one device: the guest's end, the driver's end, and what Xen's own tool keeps of it.</summary>
internal sealed class DeviceNodes
{
    /// <summary>Where the control domain's drivers find what they serve.</summary>
    public const string Backends = "/local/domain/0/backend";

    /// <summary>Where these drivers put what went wrong.</summary>
    public const string Errors = "/local/domain/0/error/backend";

    private readonly IDeviceHost _host;
    private readonly StoreClient _store;
    private readonly string _kind;
    private readonly string _number;
    private readonly ushort _domain;

    /// <summary>Names the device.</summary>
    public DeviceNodes(IDeviceHost host, StoreClient store, ushort domain, string kind, uint number)
    {
        _host = host;
        _store = store;
        _domain = domain;
        _kind = kind;
        _number = Text(number);
    }

    private string Frontend => FrontendOf(_domain, _kind, _number);

    private string Backend => $"{Backends}/{_kind}/{Text(_domain)}/{_number}";

    /// <summary>The guest's end of a device.</summary>
    public static string FrontendOf(ushort domain, string kind, string number) => $"{StoreClient.PathOf(domain)}/device/{kind}/{number}";

    /// <summary>What Xen's own tool keeps of a domain's devices.</summary>
    public static string KeptOf(ushort domain) => $"/libxl/{Text(domain)}/device";

    /// <summary>A number as xenstore has it.</summary>
    public static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Writes it. The driver begins when it finds the state, which comes last.</summary>
    /// <param name="front">What the guest reads.</param>
    /// <param name="back">What the driver reads.</param>
    public void Write(IReadOnlyList<(string Key, string Value)> front, IReadOnlyList<(string Key, string Value)> back)
    {
        string initial = Text((uint)BackendState.Initialising);
        (string Key, string Value)[] driver =
        [
            ("frontend", Frontend), ("frontend-id", Text(_domain)), ("online", "1"), .. back, ("state", initial),
        ];
        string kept = $"{KeptOf(_domain)}/{_kind}/{_number}";
        _store.Write($"{kept}/backend", Backend);
        foreach ((string key, string value) in driver)
            _store.Write($"{kept}/{key}", value);
        _store.Write(Frontend, "");
        _store.Give(Frontend, _domain, reader: 0);
        (string Key, string Value)[] guest = [("backend", Backend), ("backend-id", "0"), .. front, ("state", initial)];
        foreach ((string key, string value) in guest)
            _store.Write($"{Frontend}/{key}", value);
        _store.Write(Backend, "");
        _store.LetRead(Backend, _domain);
        foreach ((string key, string value) in driver)
            _store.Write($"{Backend}/{key}", value);
    }

    /// <summary>Writes more for the driver.</summary>
    public void Tell(string key, string value) => _store.Write($"{Backend}/{key}", value);

    /// <summary>Waits until the driver has seen the device.</summary>
    /// <param name="step">What is done, for the error.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="XenException">It failed, or did not answer in time.</exception>
    public void WaitForDriver(string step, CancellationToken cancellation)
    {
        _store.Watch($"{Backend}/state");
        Wait(step, () => State >= BackendState.InitialisingWait, timeout => _store.WaitForEvent(timeout), cancellation);
    }

    /// <summary>Waits for something that the driver is to do.</summary>
    /// <param name="step">What is done, for the error.</param>
    /// <param name="isDone">Whether it has done so.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="XenException">It failed, or did not do so in time.</exception>
    public void Wait(string step, Func<bool> isDone, CancellationToken cancellation) => Wait(step, isDone, _ => _host.Pause(), cancellation);

    private BackendState State => int.TryParse(_store.Read($"{Backend}/state"), CultureInfo.InvariantCulture, out int state)
        ? (BackendState)state
        : BackendState.Unknown;

    private void Wait(string step, Func<bool> isDone, Action<TimeSpan> pause, CancellationToken cancellation)
    {
        var limit = new TimeLimit(_host.Patience);
        while (!isDone())
        {
            ThrowIfFailed(step);
            cancellation.ThrowIfCancellationRequested();
            if (limit.IsOver)
            {
                string waited = string.Create(CultureInfo.InvariantCulture, $"its driver is at state {(int)State} after {_host.Patience.TotalSeconds} s");
                throw new XenException(step, XenError.None, waited);
            }

            pause(TimeLimit.Tick);
        }

        ThrowIfFailed(step);
    }

    /// <summary>A driver that fails says why, and gives the device up.</summary>
    private void ThrowIfFailed(string step)
    {
        if (State < BackendState.Closing)
            return;
        string? reason = _store.Read($"{Errors}/{_kind}/{Text(_domain)}/{_number}/error");
        throw new XenException(step, XenError.None, reason is null ? "its driver has given it up" : $"its driver says: {reason}");
    }
}
