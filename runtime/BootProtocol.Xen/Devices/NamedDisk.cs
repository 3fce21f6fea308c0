namespace BootProtocol.Xen.Devices;

/// <summary>A disk with its name in the guest.</summary>
/// <param name="Disk">The disk.</param>
/// <param name="Name">Its name.</param>
/// <param name="Number">The number that stands for the name.</param>
internal readonly record struct NamedDisk(XenDisk Disk, string Name, uint Number)
{
    /// <summary>What is to be done with it, for errors.</summary>
    public string Step => $"attach the disk {Name}";

    /// <summary>Names all disks.</summary>
    /// <exception cref="XenException">A name is wrong or is there twice, or there are too many disks.</exception>
    public static List<NamedDisk> Of(IReadOnlyList<XenDisk> disks)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (XenDisk disk in disks)
        {
            if (disk.Name is not { } name)
                continue;
            if (XenDisk.NumberOf(name) is null)
                throw new XenException($"attach the disk {disk.Path}", XenError.None, $"'{name}' is no name from xvda to xvdz, with up to 15 behind it");
            if (!taken.Add(name))
                throw new XenException($"attach the disk {disk.Path}", XenError.None, $"another one has the name {name}");
        }

        var named = new List<NamedDisk>();
        foreach (XenDisk disk in disks)
        {
            string name = disk.Name ?? FirstFree(taken)
                ?? throw new XenException($"attach the disk {disk.Path}", XenError.None, $"a domain has at most {XenDisk.MostNames} disks");
            taken.Add(name);
            named.Add(new NamedDisk(disk, name, XenDisk.NumberOf(name)!.Value));
        }

        return named;
    }

    /// <summary>The first whole disk of which nobody has a part.</summary>
    private static string? FirstFree(HashSet<string> taken) =>
        Enumerable.Range(0, XenDisk.MostNames).Select(XenDisk.NameOf).FirstOrDefault(
            name => !taken.Any(other => other.StartsWith(name, StringComparison.Ordinal)));
}
