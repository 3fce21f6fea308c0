using System.Buffers;
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

    /// <summary>XENSTORE_REL_PATH_MAX.</summary>
    private const int LongestRelativePath = 2048;

    /// <summary>With the longest path, an event for it is no longer than a message may be.</summary>
    private const int LongestToken = 1000;

    private const string Root = "/";

    private static readonly SearchValues<char> _pathCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-/_@");

    /// <summary>Events that no path has; here they never come.</summary>
    private static readonly string[] _specialWatches = ["@introduceDomain", "@releaseDomain"];

    private readonly SortedDictionary<string, byte[]> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Path, string Token), string> _watches = [];
    private readonly string _home;
    private uint _lastTransaction;

    /// <summary>Starts with what a domain builder writes for a guest.</summary>
    public StoreTree(ushort domain, string name)
    {
        _home = StoreClient.PathOf(domain);
        _values[_home] = [];
        _values[$"{_home}/name"] = Encoding.UTF8.GetBytes(name);
        _values[$"{_home}/domid"] = Encoding.UTF8.GetBytes(domain.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Answers a request, and sets off watches.</summary>
    /// <returns>The answers: that to the request first, then watch events.</returns>
    public List<(StoreMessageType Kind, byte[] Payload)> Answer(StoreMessageType kind, ReadOnlySpan<byte> payload)
    {
        string[] texts = StoreText.Split(payload);
        byte[] done = StoreText.Join("OK");
        switch (kind)
        {
            case StoreMessageType.GetDomainPath when texts.Length > 0 && ushort.TryParse(texts[0], CultureInfo.InvariantCulture, out ushort domain):
                return [(kind, StoreText.Join(StoreClient.PathOf(domain)))];
            case StoreMessageType.TransactionStart:
                return [(kind, StoreText.Join((++_lastTransaction).ToString(CultureInfo.InvariantCulture)))];
            case StoreMessageType.Watch when texts.Length > 1:
                return Watch(texts[0], texts[1]);
            case StoreMessageType.Unwatch when texts.Length > 1:
                return [_watches.Remove((texts[0], texts[1])) ? (kind, done) : Error("ENOENT")];
            case StoreMessageType.ResetWatches:
                _watches.Clear();
                return [(kind, done)];
            case StoreMessageType.TransactionEnd:
                return [(kind, done)];
        }

        if (texts.Length == 0 || Absolute(texts[0]) is not { } path)
            return [Error("EINVAL")];
        switch (kind)
        {
            case StoreMessageType.Read:
                return [_values.TryGetValue(path, out byte[]? value) ? (kind, value) : Error("ENOENT")];
            case StoreMessageType.Directory:
                return [List(path)];
            case StoreMessageType.GetPermissions:
                return [IsThere(path) ? (kind, StoreText.Join("n0")) : Error("ENOENT")];
            case StoreMessageType.SetPermissions:
                return [(kind, done)];
            case StoreMessageType.Write when payload.Contains((byte)0):
                return Set(kind, path, payload[(payload.IndexOf((byte)0) + 1)..].ToArray());
            case StoreMessageType.MakeDirectory:
                return IsThere(path) ? [(kind, done)] : Set(kind, path, []);
            case StoreMessageType.Remove when path != Root:
                foreach (string gone in _values.Keys.Where(key => IsUnder(key, path)).ToList())
                    _values.Remove(gone);
                return [(kind, done), .. Events(path)];
            default:
                return [Error("EINVAL")];
        }
    }

    private List<(StoreMessageType Kind, byte[] Payload)> Watch(string text, string token)
    {
        string? path = Array.IndexOf(_specialWatches, text) >= 0 ? text : Absolute(text);
        if (path is null || token.Length > LongestToken || !Ascii.IsValid(token))
            return [Error("EINVAL")];
        if (_watches.Count >= MostPaths)
            return [Error("E2BIG")];

        // A new watch is set off at once.
        return _watches.TryAdd((text, token), path)
            ? [(StoreMessageType.Watch, StoreText.Join("OK")), (StoreMessageType.WatchEvent, StoreText.Join(text, token))]
            : [Error("EEXIST")];
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
        let told = IsAbsolute(watch.Key.Path) ? changed : changed[(_home.Length + 1)..]
        select (StoreMessageType.WatchEvent, StoreText.Join(told, watch.Key.Token));

    private (StoreMessageType Kind, byte[] Payload) List(string path)
    {
        byte[] names = StoreText.Join(Children(path));
        if (!IsThere(path))
            return Error("ENOENT");
        return names.Length > StoreClient.MostBytes ? Error("E2BIG") : (StoreMessageType.Directory, names);
    }

    private static (StoreMessageType Kind, byte[] Payload) Error(string name) => (StoreMessageType.Error, StoreText.Join(name));

    private static bool IsAbsolute(string path) => path.StartsWith('/');

    /// <summary>The whole path for a text that a guest sent; null if it is none.</summary>
    private string? Absolute(string text)
    {
        if (text.Length > (IsAbsolute(text) ? LongestPath : LongestRelativePath) || text.AsSpan().ContainsAnyExcept(_pathCharacters))
            return null;
        string path = IsAbsolute(text) ? text : $"{_home}/{text}";
        return path == Root || !(path.EndsWith('/') || path.Contains("//", StringComparison.Ordinal)) ? path : null;
    }

    private bool IsThere(string path) => _values.Keys.Any(key => IsUnder(key, path));

    private string[] Children(string path) =>
    [
        .. _values.Keys.Where(key => key.Length > path.Length && IsUnder(key, path))
            .Select(key => key[(path == Root ? path.Length : path.Length + 1)..].Split('/')[0])
            .Distinct(StringComparer.Ordinal),
    ];

    private static bool IsUnder(string path, string above) =>
        above == Root || (path.StartsWith(above, StringComparison.Ordinal) && (path.Length == above.Length || path[above.Length] == '/'));
}
