using BootProtocol.Xen.Devices;
using BootProtocol.Xen.Store;

namespace BootProtocol.Cli.Control;

/// <summary>Where a control domain keeps what it says of its domains.</summary>
/// <param name="Connect">Connects to xenstored; null where none runs.</param>
/// <param name="UserData">The folder in which libxl keeps a domain's configuration.</param>
/// <param name="Devices">The drivers behind disks and network cards.</param>
internal sealed record ControlPlace(Func<StoreClient?> Connect, string UserData, DeviceBackends Devices)
{
    /// <summary>This machine's.</summary>
    public static ControlPlace Machine { get; } = new(StoreClient.TryConnect, "/var/lib/xen", DeviceBackends.Machine);
}
