using BootProtocol.Xen.Store;

namespace BootProtocol.Xen.Devices;

/// <summary>Takes all devices from a domain.</summary>
internal static class DeviceRemoval
{
    /// <summary>Takes them.</summary>
    /// <exception cref="XenException">xenstored refused.</exception>
    public static void Run(IDeviceHost host, StoreClient store, ushort domain)
    {
        string number = DeviceNodes.Text(domain);
        string[] kinds = [.. store.List(DeviceNodes.Backends).Where(kind => store.List($"{DeviceNodes.Backends}/{kind}").Contains(number))];
        (string Kind, string Device)[] all = [.. kinds.SelectMany(
            kind => store.List($"{DeviceNodes.Backends}/{kind}/{number}").Select(device => (kind, device)))];

        // A driver gives a device up when the guest's end is gone. It does not always say so: xenstored itself removes that end together with
        // the domain, and a driver that sees this first has nobody to answer. So its list of devices is looked at, not the state.
        foreach ((string kind, string device) in all)
        {
            store.Write($"{DeviceNodes.Backends}/{kind}/{number}/{device}/online", "0");
            store.Write($"{DeviceNodes.Backends}/{kind}/{number}/{device}/state", DeviceNodes.Text((uint)BackendState.Closing));
            store.Remove(DeviceNodes.FrontendOf(domain, kind, device));
        }

        var limit = new TimeLimit(host.Patience);
        while (all.Any(device => host.IsServed(device.Kind, domain, device.Device)) && !limit.IsOver)
            host.Pause();
        foreach (string kind in kinds)
        {
            store.Remove($"{DeviceNodes.Backends}/{kind}/{number}");
            store.Remove($"{DeviceNodes.Errors}/{kind}/{number}");
        }

        // One whose attachment failed half-way may have no other end yet.
        foreach (string kind in store.List(DeviceNodes.KeptOf(domain)))
        {
            foreach (string device in store.List($"{DeviceNodes.KeptOf(domain)}/{kind}"))
                store.Remove(DeviceNodes.FrontendOf(domain, kind, device));
        }

        store.Remove(DeviceNodes.KeptOf(domain));
    }
}
