using BootProtocol.Xen.Devices;

namespace BootProtocol.Cli.DomainFiles;

/// <summary>Reads a disk of a domain's file: <c>TARGET, FORMAT, NAME, ACCESS</c>, of which each may be given by its key instead.</summary>
/// <remarks>Source: Xen's docs/man/xl-disk-configuration.5.pod, and tools/libs/util/libxlu_disk_l.l for the old forms.</remarks>
internal sealed class FileDisk
{
    private const string Disk = "disk";
    private const string Target = "target";
    private const string Format = "format";
    private const string Name = "vdev";
    private const string Access = "access";
    private const string Backend = "backendtype";
    private const string DiskType = ":disk";

    /// <summary>Prefixes of an old form, behind which no format stands; several may stand in a row.</summary>
    private static readonly string[] _prefixes = ["phy:", "file:", "raw:", "tap:", "tap2:", "tapdisk:", "aio:", "ioemu:"];

    /// <summary>Words that stand alone, at any place, and mean what cannot be had here.</summary>
    private static readonly string[] _words = ["cdrom", "direct-io-safe", "discard", "no-discard", "colo", "no-colo", "trusted", "untrusted"];

    /// <summary>The values of each key that can be had here; of those that are not named, any.</summary>
    private static readonly Dictionary<string, string[]> _possible = new()
    {
        [Format] = ["", "raw"],
        [Backend] = ["phy"],
        [Access] = ["", "r", "ro", "w", "rw"],
        ["devtype"] = ["disk"],
        ["specification"] = ["xen"],
    };

    private readonly Dictionary<string, string> _parts = new(StringComparer.Ordinal);
    private readonly FileValues _values;
    private readonly string _text;
    private bool _hasAccess;

    private FileDisk(FileValues values, string text)
    {
        _values = values;
        _text = text;
    }

    /// <summary>Reads one; behind <c>target=</c>, all is the target.</summary>
    /// <exception cref="ToolException">It is no disk, or one that cannot be had here.</exception>
    public static XenDisk Read(FileValues values, string text)
    {
        var disk = new FileDisk(values, text);
        string rest = text.Trim();
        for (string? prefix = Prefix(rest); prefix is not null; prefix = Prefix(rest))
        {
            rest = rest[prefix.Length..];
            disk._parts[Format] = "raw";
        }

        while (rest.Length > 0)
        {
            int end = rest.StartsWith($"{Target}=", StringComparison.Ordinal) ? -1 : rest.IndexOf(',', StringComparison.Ordinal);
            string part = (end < 0 ? rest : rest[..end]).Trim();
            rest = end < 0 ? "" : rest[(end + 1)..].TrimStart();
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && part.AsSpan(0, equals).IndexOf('/') < 0)
                disk.Add(part[..equals], part[(equals + 1)..]);
            else
                disk.Add(part);
        }

        return disk.Make();
    }

    private static string? Prefix(string text) => Array.Find(_prefixes, prefix => text.StartsWith(prefix, StringComparison.Ordinal));

    private void Add(string key, string value)
    {
        // Two targets or names are a mistake; of two kinds of access, the last counts.
        if (key is Target or Name && _parts.TryGetValue(key, out string? other) && other.Length > 0)
            throw _values.Bad(Disk, $"'{key}' is given twice in '{_text}'");
        _parts[key] = Possible(key, value);
    }

    /// <summary>Adds what stands without a key: it is the first one that has no value yet.</summary>
    private void Add(string part)
    {
        if (_words.Contains(part))
            throw _values.Bad(Disk, $"'{part}' is not taken here");
        if (!_parts.ContainsKey(Target))
            _parts[Target] = part;
        else if (!_parts.ContainsKey(Format))
            _parts[Format] = Possible(Format, part);
        else if (!_parts.ContainsKey(Name))
            _parts[Name] = part.EndsWith(DiskType, StringComparison.Ordinal) ? part[..^DiskType.Length] : part;
        else if (_hasAccess)
            throw _values.Bad(Disk, $"'{part}' is too much in '{_text}'");
        else
            (_hasAccess, _parts[Access]) = (true, Possible(Access, part));
    }

    private string Possible(string key, string value)
    {
        if (!_possible.TryGetValue(key, out string[]? possible))
            return key is Target or Name ? value : throw _values.Bad(Disk, $"'{key}' is not taken here");
        if (possible.Contains(value))
            return value;
        string expected = key switch { Format => "the format raw", Access => "the access r or w", _ => $"{key}={possible[0]}" };
        throw _values.Bad(Disk, expected, $"'{value}'");
    }

    private XenDisk Make()
    {
        string path = _parts.GetValueOrDefault(Target, "");
        string name = _parts.GetValueOrDefault(Name, "");
        if (path.Length == 0)
            throw _values.Bad(Disk, $"'{_text}' has no target");
        return new XenDisk
        {
            Path = Path.GetFullPath(path),
            IsReadOnly = _parts.GetValueOrDefault(Access) is "r" or "ro",
            Name = name.Length == 0 ? null : name,
        };
    }
}
