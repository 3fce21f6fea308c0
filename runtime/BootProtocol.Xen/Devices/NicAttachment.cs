using System.Globalization;
using BootProtocol.Xen.Store;

namespace BootProtocol.Xen.Devices;

/// <summary>Gives a domain one network card.</summary>
internal static class NicAttachment
{
    /// <summary>The driver gives a device up that has no script, although it does not call it; Xen's own tool does, when it ends a domain.</summary>
    private const string Script = "/etc/xen/scripts/vif-bridge";

    /// <summary>Gives it.</summary>
    /// <exception cref="XenException">A step failed, or the driver did not answer in time.</exception>
    public static void Run(IDeviceHost host, StoreClient store, ushort domain, uint number, XenNic nic, CancellationToken cancellation)
    {
        string link = string.Create(CultureInfo.InvariantCulture, $"vif{domain}.{number}");
        string step = $"attach the network card {link}";
        string handle = DeviceNodes.Text(number);
        var nodes = new DeviceNodes(host, store, domain, "vif", number);
        nodes.Write(
            [("handle", handle), ("mac", nic.MacText), ("trusted", "1")],
            [("script", Script), ("mac", nic.MacText), ("bridge", nic.Bridge), ("handle", handle), ("type", "vif"), ("hotplug-status", "")]);
        nodes.WaitForDriver(step, cancellation);

        // The driver says that it has seen the device before it makes the interface.
        nodes.Wait(step, () => host.HasLink(link), cancellation);
        int answer = host.Join(link, nic.Bridge);
        if (answer < 0)
            throw new XenException($"put {link} into the bridge {nic.Bridge}", (XenError)(-answer));
        nodes.Tell("hotplug-status", "connected");
    }
}
