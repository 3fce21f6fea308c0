using System.Globalization;
using BootProtocol.Xen.Host;
using BootProtocol.Xen.Store;

namespace BootProtocol.Xen.Devices;

/// <summary>Gives domains disks and network cards, by the drivers xen-blkback and xen-netback of the control domain's kernel.</summary>
/// <remarks>
/// The nodes in xenstore are those of Xen's own tool, so that it shows, saves and removes such devices. No script of it is needed: a file
/// becomes a block device, and an interface gets into its bridge, by calls of the kernel. A file's loop device is free again as soon as the
/// driver has closed it, whoever ends the domain. Source: Xen's docs/misc/xenstore-paths.pandoc and public headers io/xenbus.h, io/blkif.h
/// and io/netif.h.
/// </remarks>
/// <example><code>
/// using StoreClient? store = StoreClient.TryConnect();
/// XenDisk[] disks = [new XenDisk { Path = "/srv/web.img" }];
/// if (store is not null)
/// {
///     DeviceBackends.Machine.Check(store, disks, []);
///     DeviceBackends.Machine.Attach(store, domain.Domain.Id, disks, [new XenNic { Bridge = "br0" }]);
/// }
/// </code></example>
public sealed class DeviceBackends
{
    private readonly IDeviceHost _host;

    internal DeviceBackends(IDeviceHost host)
    {
        _host = host;
    }

    /// <summary>Those of this machine.</summary>
    public static DeviceBackends Machine { get; } = new(new NativeDeviceHost());

    /// <summary>Checks what can be checked before there is a domain: files, what else uses them, bridges, names and drivers.</summary>
    /// <param name="store">The xenstored that serves this machine's domains.</param>
    /// <param name="disks">The disks.</param>
    /// <param name="nics">The network cards.</param>
    /// <exception cref="XenException">Something is missing, or a name is wrong; nothing was changed.</exception>
    /// <remarks>
    /// A disk that a domain is to write to must not be in use elsewhere, nor one that it is to read be written to: by another domain, or where
    /// it is mounted. Source: tools/hotplug/Linux/block of Xen, which looks for the same.
    /// </remarks>
    public void Check(StoreClient store, IReadOnlyList<XenDisk> disks, IReadOnlyList<XenNic> nics)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(disks);
        ArgumentNullException.ThrowIfNull(nics);
        List<NamedDisk> named = NamedDisk.Of(disks);
        foreach (NamedDisk disk in named)
        {
            if (DiskAttachment.Look(_host, disk).Kind == FileKind.Regular && !_host.HasLoops)
                throw new XenException(disk.Step, XenError.None, "/dev/loop-control is missing: the module loop is not loaded");
        }

        DiskSharing.Check(_host, store, named);
        Require(disks.Count, "vbd", "disks", "xen-blkback");
        Require(nics.Count, "vif", "network cards", "xen-netback");
        foreach (XenNic nic in nics)
        {
            if (nic.Bridge.Length is 0 or > InterfaceRequest.LongestName || nic.Bridge.Contains('/', StringComparison.Ordinal) || !_host.HasBridge(nic.Bridge))
                throw new XenException("attach a network card", XenError.None, $"there is no bridge '{nic.Bridge}'");
            if (nic.Mac.GetAddressBytes() is not [var first, _, _, _, _, _] || (first & 1) != 0)
                throw new XenException("attach a network card", XenError.None, $"'{nic.MacText}' is no address of one card");
        }
    }

    /// <summary>Gives a domain devices. It must not have any, must be served by xenstored, and should not have run yet.</summary>
    /// <param name="store">The xenstored that serves the domain.</param>
    /// <param name="domain">The domain's number.</param>
    /// <param name="disks">The disks.</param>
    /// <param name="nics">The network cards, which are numbered from 0.</param>
    /// <param name="cancellation">Ends the wait for a driver.</param>
    /// <exception cref="XenException">A step was refused, or a driver did not answer in time; no device is left.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; no device is left.</exception>
    public void Attach(
        StoreClient store, ushort domain, IReadOnlyList<XenDisk> disks, IReadOnlyList<XenNic> nics, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        Check(store, disks, nics);
        try
        {
            foreach (NamedDisk disk in NamedDisk.Of(disks))
                DiskAttachment.Run(_host, store, domain, disk, cancellation);
            for (int i = 0; i < nics.Count; i++)
                NicAttachment.Run(_host, store, domain, (uint)i, nics[i], cancellation);
        }
        catch
        {
            try
            {
                Detach(store, domain);
            }
            catch (XenException)
            {
                // The first error is the one that is thrown.
            }

            throw;
        }
    }

    /// <summary>Takes all devices from a domain, whoever gave them; nothing happens if it has none. It should not run any more.</summary>
    /// <param name="store">The xenstored that serves, or served, the domain.</param>
    /// <param name="domain">The domain's number.</param>
    /// <exception cref="XenException">A step was refused.</exception>
    /// <remarks>A driver that does not close a device within ten seconds loses its nodes all the same, upon which it has to.</remarks>
    public void Detach(StoreClient store, ushort domain)
    {
        ArgumentNullException.ThrowIfNull(store);
        DeviceRemoval.Run(_host, store, domain);
    }

    private void Require(int count, string kind, string what, string module)
    {
        if (count > 0 && !_host.HasDriver(kind))
            throw new XenException($"attach {what}", XenError.None, string.Create(CultureInfo.InvariantCulture, $"the module {module} is not loaded"));
    }
}
