using BootProtocol.Xen.Store;

namespace BootProtocol.Xen.Devices;

/// <summary>Refuses disks that are in use elsewhere, unless all of their users only read them.</summary>
/// <remarks>Two that write to a file system, or one that does while another reads it, destroy it. Source: tools/hotplug/Linux/block of Xen.</remarks>
internal static class DiskSharing
{
    /// <summary>Where domains have disks that QEMU serves.</summary>
    private const string Emulated = $"{DeviceNodes.Backends}/qdisk";

    /// <summary>Checks the disks of a domain that is to be made.</summary>
    /// <exception cref="XenException">One is in use, or is there twice.</exception>
    public static void Check(IDeviceHost host, StoreClient store, IReadOnlyList<NamedDisk> disks)
    {
        if (disks.Count == 0)
            return;
        (NamedDisk Disk, FileStatus File)[] all = [.. disks.Select(disk => (disk, DiskAttachment.Look(host, disk)))];
        for (int i = 0; i < all.Length; i++)
        {
            foreach ((NamedDisk other, FileStatus file) in all[..i])
            {
                if (file.IsSame(all[i].File) && !(other.Disk.IsReadOnly && all[i].Disk.Disk.IsReadOnly))
                    throw Refuse(all[i].Disk, $"is the disk {other.Name} of the same domain");
            }
        }

        IReadOnlyList<OpenDisk> opened = host.OpenDisks();
        List<(string Domain, FileStatus File, bool IsReadOnly)> emulated = ReadEmulated(host, store);
        foreach ((NamedDisk disk, FileStatus file) in all)
        {
            foreach ((string path, FileStatus device) in DevicesOf(host, disk, file))
            {
                string via = path == disk.Disk.Path ? "" : $"is {path}, which ";
                if (FindUser(opened, device, disk.Disk.IsReadOnly) is { } user)
                    throw Refuse(disk, via + user);
                if (host.FindHolder(path, device, disk.Disk.IsReadOnly) is { } holder)
                    throw Refuse(disk, via + holder);
            }

            foreach ((string domain, FileStatus other, bool isReadOnly) in emulated)
            {
                if (other.IsSame(file) && !(isReadOnly && disk.Disk.IsReadOnly))
                    throw Refuse(disk, Used(domain, isReadOnly));
            }
        }
    }

    /// <summary>Checks a disk that the driver has just opened.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="domain">Whose it is.</param>
    /// <param name="disk">The disk.</param>
    /// <param name="file">What it was made of.</param>
    /// <exception cref="XenException">Another domain has opened it meanwhile.</exception>
    public static void CheckOpened(IDeviceHost host, ushort domain, NamedDisk disk, FileStatus file)
    {
        OpenDisk[] others = [.. host.OpenDisks().Where(open => (open.Domain, open.Number) != (domain, disk.Number))];
        foreach ((_, FileStatus device) in DevicesOf(host, disk, file))
        {
            if (FindUser(others, device, disk.Disk.IsReadOnly) is { } user)
                throw Refuse(disk, user);
        }
    }

    /// <summary>The block devices that stand for a disk: itself, or all loop devices of a file.</summary>
    private static IEnumerable<(string Path, FileStatus Device)> DevicesOf(IDeviceHost host, NamedDisk disk, FileStatus file)
    {
        if (file.Kind == FileKind.Block)
            return [(disk.Disk.Path, file)];
        return host.LoopsOf(file).Select(path => (path, host.Look(path, out FileStatus device) < 0 ? default : device))
            .Where(static loop => loop.Item2.Kind == FileKind.Block);
    }

    private static string? FindUser(IEnumerable<OpenDisk> opened, FileStatus device, bool isReadOnly)
    {
        foreach (OpenDisk open in opened)
        {
            if ((open.Major, open.Minor) == (device.Major, device.Minor) && !(isReadOnly && open.IsReadOnly))
                return Used(DeviceNodes.Text(open.Domain), open.IsReadOnly);
        }

        return null;
    }

    private static string Used(string domain, bool isReadOnly) => $"is in use: domain {domain} {(isReadOnly ? "reads" : "writes to")} it";

    /// <summary>Disks of files that QEMU serves: the file's name is behind that of its form.</summary>
    private static List<(string Domain, FileStatus File, bool IsReadOnly)> ReadEmulated(IDeviceHost host, StoreClient store)
    {
        var found = new List<(string Domain, FileStatus File, bool IsReadOnly)>();
        foreach (string domain in store.List(Emulated))
        {
            foreach (string device in store.List($"{Emulated}/{domain}"))
            {
                string? path = store.Read($"{Emulated}/{domain}/{device}/params");
                if (path is not null && host.Look(path[(path.IndexOf(':', StringComparison.Ordinal) + 1)..], out FileStatus file) == 0)
                    found.Add((domain, file, store.Read($"{Emulated}/{domain}/{device}/mode") == "r"));
            }
        }

        return found;
    }

    private static XenException Refuse(NamedDisk disk, string why) => new(disk.Step, XenError.None, $"{disk.Disk.Path} {why}");
}
