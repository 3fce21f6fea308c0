using BootProtocol.Cli.Commands;
using BootProtocol.Xen.Devices;

namespace BootProtocol.Cli.DomainFiles;

/// <summary>Reads the disks and network cards of a domain's file.</summary>
/// <remarks>Source: Xen's docs/man/xl-disk-configuration.5.pod and xl-network-configuration.5.pod.</remarks>
internal static class FileDevices
{
    private const string Disk = "disk";
    private const string Nic = "vif";

    /// <summary>Prefixes of an old form, behind which no format stands.</summary>
    private static readonly string[] _prefixes = ["phy:", "file:", "raw:"];

    /// <summary>Reads <c>TARGET, FORMAT, NAME, ACCESS</c>, of which each may be given by its key; behind <c>target=</c>, all is the target.</summary>
    /// <exception cref="ToolException">It is no disk, or one that cannot be had here.</exception>
    public static XenDisk ReadDisk(FileValues values, string text)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        string[] order = ["target", "format", "vdev", "access"];
        string rest = text.Trim();
        foreach (string prefix in _prefixes)
        {
            if (!rest.StartsWith(prefix, StringComparison.Ordinal))
                continue;
            rest = rest[prefix.Length..];
            order = ["target", "vdev", "access"];
        }

        int place = 0;
        while (rest.Length > 0)
        {
            const string Target = "target=";
            int end = rest.StartsWith(Target, StringComparison.Ordinal) ? -1 : rest.IndexOf(',', StringComparison.Ordinal);
            string part = (end < 0 ? rest : rest[..end]).Trim();
            rest = end < 0 ? "" : rest[(end + 1)..].TrimStart();
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && part.AsSpan(0, equals).IndexOf('/') < 0)
                parts[part[..equals]] = part[(equals + 1)..];
            else if (place < order.Length)
                parts[order[place++]] = part;
            else
                throw values.Bad(Disk, $"'{part}' is too much in '{text}'");
        }

        string path = Take(parts, "target");
        string access = Take(parts, "access");
        string format = Take(parts, "format");
        string backend = Take(parts, "backendtype");
        string name = Take(parts, "vdev");
        if (path.Length == 0)
            throw values.Bad(Disk, $"'{text}' has no target");
        if (format is not ("" or "raw"))
            throw values.Bad(Disk, "the format raw", $"'{format}'");
        if (backend is not ("" or "phy"))
            throw values.Bad(Disk, "backendtype=phy", $"'{backend}'");
        if (access is not ("" or "r" or "ro" or "w" or "rw"))
            throw values.Bad(Disk, "the access r or w", $"'{access}'");
        foreach ((string key, _) in parts)
            throw values.Bad(Disk, $"'{key}' is not taken here");
        return new XenDisk
        {
            Path = Path.GetFullPath(path),
            IsReadOnly = access is "r" or "ro",
            Name = name.Length == 0 ? null : name,
        };
    }

    /// <summary>Reads <c>mac=M,bridge=B</c>, of which each may be left out.</summary>
    /// <exception cref="ToolException">It is no network card, or one that cannot be had here.</exception>
    public static XenNic ReadNic(FileValues values, string text)
    {
        var nic = new XenNic();
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] pair = part.Split('=', 2);
            string value = pair.Length > 1 ? pair[1] : "";
            nic = pair[0] switch
            {
                "mac" => nic with { Mac = DeviceOptions.ReadAddress(value) ?? throw values.Bad(Nic, "an address such as 00:16:3e:01:02:03", $"'{value}'") },
                "bridge" => nic with { Bridge = value },
                "type" when value is "vif" or "netfront" => nic,
                _ => throw values.Bad(Nic, $"'{part}' is not taken here"),
            };
        }

        return nic;
    }

    private static string Take(Dictionary<string, string> parts, string key) => parts.Remove(key, out string? value) ? value : "";
}
