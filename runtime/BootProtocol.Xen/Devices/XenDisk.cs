namespace BootProtocol.Xen.Devices;

/// <summary>A disk for a domain: a block device of the control domain, or a file of it, whose length is a multiple of 512 bytes.</summary>
/// <example><code>
/// var disk = new XenDisk { Path = "/srv/web.img", Name = "xvda1", IsReadOnly = true };
/// Console.WriteLine($"{disk.Path} is {disk.Name} in the guest");
/// </code></example>
public sealed record XenDisk
{
    /// <summary>The path of the block device or the file.</summary>
    public required string Path { get; init; }

    /// <summary>Whether the domain may only read it.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>
    /// The name in the guest: <c>xvda</c> to <c>xvdz</c> for a whole disk, with a number from 1 to 15 behind it for one that is to look like
    /// a partition. Null for the first whole one that no other disk has.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>Gives names to the disks that have none.</summary>
    /// <param name="disks">All disks of a domain.</param>
    /// <returns>The same disks in the same order, each with a name.</returns>
    /// <exception cref="XenException">A name is wrong or is there twice, or there are too many disks.</exception>
    public static IReadOnlyList<XenDisk> NameAll(IReadOnlyList<XenDisk> disks)
    {
        ArgumentNullException.ThrowIfNull(disks);
        return [.. NamedDisk.Of(disks).Select(static named => named.Disk with { Name = named.Name })];
    }

    /// <summary>The name for a place, counted from 0: <c>xvda</c>, <c>xvdb</c> and so on.</summary>
    internal static string NameOf(int place) => $"xvd{(char)('a' + place)}";

    /// <summary>Names that whole disks can have.</summary>
    internal const int MostNames = 26;

    /// <summary>The number by which a guest is given a name; null for a name that it cannot have.</summary>
    /// <remarks>Source: Xen's docs/man/xen-vbd-interface.7.pandoc: below 1 &lt;&lt; 28, 202 is Linux's number of the driver.</remarks>
    internal static uint? NumberOf(string name)
    {
        const uint Driver = 202 << 8;
        const uint Extended = 1 << 28;
        const uint MostClassic = 16;
        const uint MostPartitions = 15;
        if (name.Length is < 4 or > 6 || !name.StartsWith("xvd", StringComparison.Ordinal) || name[3] is < 'a' or > 'z')
            return null;
        uint disk = (uint)(name[3] - 'a');
        uint part = 0;
        bool isPart = name.Length == 4
            || (name[4] != '0' && uint.TryParse(name.AsSpan(4), System.Globalization.NumberStyles.None, null, out part) && part <= MostPartitions);
        if (!isPart)
            return null;
        return disk < MostClassic ? Driver | (disk << 4) | part : Extended | (disk << 8) | part;
    }
}
