using System.Globalization;
using System.Text;

namespace BootProtocol.Xen.Store;

/// <summary>Paths and values for one domain: as much of xenstore as a guest without devices needs.</summary>
/// <remarks>Source: Xen's docs/misc/xenstore.txt.</remarks>
internal sealed class StoreTree
{
    /// <summary>A guest may ask for no more; what it stores is the control domain's memory.</summary>
    private const int MostPaths = 1000;

    /// <summary>XENSTORE_ABS_PATH_MAX.</summary>
    private const int LongestPath = 3072;

    /// <summary>With the longest path, an event for it is no longer than a message may be.</summary>
    private const int LongestToken = 1000;

    private readonly SortedDictionary<string, byte[]> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Path, string Token), string> _watches = [];
    private readonly string _home;
    private uint _lastTransaction;

    /// <summary>Starts with what a domain builder writes for a guest.</summary>
    public StoreTree(ushort domain, string name)
    {
        _home = string.Create(CultureInfo.InvariantCulture, $"/local/domain/{domain}");
        _values[_home] = [];
        _values[$"{_home}/name"] = Encoding.UTF8.GetBytes(name);
        _values[$"{_home}/domid"] = Encoding.UTF8.GetBytes(domain.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Answers a request, and tells which watches it sets off.</summary>
    /// <returns>The answers: that to the request first, then watch events.</returns>
    public List<(StoreMessageType Kind, byte[] Payload)> Answer(StoreMessageType kind, ReadOnlySpan<byte> payload)
    {
        string[] texts = StoreText.Split(payload);
        string path = texts.Length == 0 ? "" : Absolute(texts[0]);
        byte[] done = StoreText.Join("OK");
        if (path.Length > LongestPath || (kind == StoreMessageType.Watch && texts.Length > 1 && texts[1].Length > LongestToken))
            return [Error("EINVAL")];
        switch (kind)
        {
            case StoreMessageType.Read:
                return [_values.TryGetValue(path, out byte[]? value) ? (kind, value) : Error("ENOENT")];
            case StoreMessageType.Directory:
                return [List(path)];
            case StoreMessageType.GetPermissions:
                return [IsThere(path) ? (kind, StoreText.Join("n0")) : Error("ENOENT")];
            case StoreMessageType.GetDomainPath when texts.Length > 0:
                return [(kind, StoreText.Join($"/local/domain/{texts[0]}"))];
            case StoreMessageType.TransactionStart:
                return [(kind, StoreText.Join((++_lastTransaction).ToString(CultureInfo.InvariantCulture)))];
            case StoreMessageType.Write when texts.Length > 0:
                return Set(kind, path, payload[(payload.IndexOf((byte)0) + 1)..].ToArray());
            case StoreMessageType.MakeDirectory when texts.Length > 0:
                return IsThere(path) ? [(kind, done)] : Set(kind, path, []);
            case StoreMessageType.Remove when texts.Length > 0:
                foreach (string gone in _values.Keys.Where(key => IsUnder(key, path)).ToList())
                    _values.Remove(gone);
                return [(kind, done), .. Events(path)];
            case StoreMessageType.Watch when texts.Length > 1 && _watches.Count < MostPaths:
                // A new watch is set off at once.
                _watches[(texts[0], texts[1])] = path;
                return [(kind, done), (StoreMessageType.WatchEvent, StoreText.Join(texts[0], texts[1]))];
            case StoreMessageType.Unwatch when texts.Length > 1:
                return [_watches.Remove((texts[0], texts[1])) ? (kind, done) : Error("ENOENT")];
            case StoreMessageType.ResetWatches:
                _watches.Clear();
                return [(kind, done)];
            case StoreMessageType.TransactionEnd or StoreMessageType.SetPermissions:
                return [(kind, done)];
            default:
                return [Error("EINVAL")];
        }
    }

    private List<(StoreMessageType Kind, byte[] Payload)> Set(StoreMessageType kind, string path, byte[] value)
    {
        if (_values.Count >= MostPaths && !_values.ContainsKey(path))
            return [Error("ENOSPC")];
        _values[path] = value;
        return [(kind, StoreText.Join("OK")), .. Events(path)];
    }

    private IEnumerable<(StoreMessageType Kind, byte[] Payload)> Events(string changed) =>
        from watch in _watches
        where IsUnder(changed, watch.Value)
        let told = watch.Key.Path.StartsWith('/') ? changed : changed[(_home.Length + 1)..]
        select (StoreMessageType.WatchEvent, StoreText.Join(told, watch.Key.Token));

    private (StoreMessageType Kind, byte[] Payload) List(string path)
    {
        byte[] names = StoreText.Join(Children(path));
        if (!IsThere(path))
            return Error("ENOENT");
        return names.Length > StoreClient.MostBytes ? Error("E2BIG") : (StoreMessageType.Directory, names);
    }

    private static (StoreMessageType Kind, byte[] Payload) Error(string name) => (StoreMessageType.Error, StoreText.Join(name));

    private string Absolute(string path) => path.StartsWith('/') || path.StartsWith('@') ? path : $"{_home}/{path}";

    private bool IsThere(string path) => _values.Keys.Any(key => IsUnder(key, path));

    private string[] Children(string path) =>
    [
        .. _values.Keys.Where(key => key.Length > path.Length && IsUnder(key, path))
            .Select(key => key[(path.Length + 1)..].Split('/')[0])
            .Distinct(StringComparer.Ordinal),
    ];

    private static bool IsUnder(string path, string above) =>
        path.StartsWith(above, StringComparison.Ordinal) && (path.Length == above.Length || path[above.Length] == '/');
}
