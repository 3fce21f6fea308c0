using System.Globalization;
using BootProtocol.Xen.Store;

namespace BootProtocol.Xen.Devices;

/// <summary>Gives a domain one disk.</summary>
internal static class DiskAttachment
{
    /// <summary>Xen's own script is found here when its tool ends a domain; for a block device it has nothing to do.</summary>
    private const string Script = "/etc/xen/scripts/block";

    /// <summary>Looks at what is to be the disk.</summary>
    /// <exception cref="XenException">It cannot be one.</exception>
    public static FileStatus Look(IDeviceHost host, NamedDisk disk)
    {
        int answer = host.Look(disk.Disk.Path, out FileStatus status);
        if (answer < 0)
            throw new XenException(disk.Step, (XenError)(-answer), disk.Disk.Path);
        return status.Kind != FileKind.Other
            ? status
            : throw new XenException(disk.Step, XenError.None, $"{disk.Disk.Path} is neither a block device nor an ordinary file");
    }

    /// <summary>Gives it.</summary>
    /// <exception cref="XenException">A step failed, or the driver did not answer in time.</exception>
    public static void Run(IDeviceHost host, StoreClient store, ushort domain, NamedDisk disk, CancellationToken cancellation)
    {
        FileStatus status = Look(host, disk);
        FileStatus given = status;
        string path = disk.Disk.Path;

        // Once the driver has opened the loop device, it alone keeps it in use.
        using LoopDevice? loop = status.Kind == FileKind.Regular ? OpenLoop(host, disk) : null;
        if (loop is not null)
        {
            path = loop.Path;
            status = Look(host, disk with { Disk = disk.Disk with { Path = path } });
        }

        string number = DeviceNodes.Text(disk.Number);
        var nodes = new DeviceNodes(host, store, domain, "vbd", disk.Number);
        nodes.Write(
            [("virtual-device", number), ("device-type", "disk"), ("trusted", "1")],
            [
                ("params", path), ("script", Script), ("removable", "0"), ("bootable", "1"), ("dev", disk.Name), ("type", "phy"),
                ("mode", disk.Disk.IsReadOnly ? "r" : "w"), ("device-type", "disk"), ("discard-enable", disk.Disk.IsReadOnly ? "0" : "1"),
                ("specification", "xen"),
            ]);
        nodes.WaitForDriver(disk.Step, cancellation);
        nodes.Tell("physical-device-path", path);
        nodes.Tell("physical-device", string.Create(CultureInfo.InvariantCulture, $"{status.Major:x}:{status.Minor:x}"));
        nodes.Wait(disk.Step, () => host.IsOpen(domain, disk.Number), cancellation);

        // Two that looked at the same time, and each saw nobody, see each other now.
        DiskSharing.CheckOpened(host, domain, disk, given);
        nodes.Tell("hotplug-status", "connected");
    }

    private static LoopDevice OpenLoop(IDeviceHost host, NamedDisk disk)
    {
        int answer = host.OpenLoop(disk.Disk.Path, disk.Disk.IsReadOnly, out LoopDevice? loop);
        return answer < 0 ? throw new XenException($"make a block device of {disk.Disk.Path}", (XenError)(-answer)) : loop!;
    }
}
