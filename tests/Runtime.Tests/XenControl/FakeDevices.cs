using System.Globalization;
using BootProtocol.Xen;
using BootProtocol.Xen.Devices;

namespace BootProtocol.Runtime.Tests.XenControl;

/// <summary>
/// The drivers behind devices in a pretended control domain: they see what a pretended xenstored has, each time that it is asked for something.
/// </summary>
internal sealed class FakeDevices : IDeviceHost
{
    private const string Backends = "/local/domain/0/backend/";
    private readonly FakeStore _store;
    private readonly HashSet<string> _served = [];

    public FakeDevices(FakeStore store)
    {
        _store = store;
        store.OnRequest = _ => Drive();
    }

    /// <summary>Files by path; those of loop devices come by themselves.</summary>
    public Dictionary<string, FileStatus> Files { get; } = new()
    {
        ["/srv/web.img"] = new FileStatus(FileKind.Regular, 0, 0, Home: 1, Inode: 100),
        ["/srv/link"] = new FileStatus(FileKind.Regular, 0, 0, Home: 1, Inode: 100),
        ["/srv/other.img"] = new FileStatus(FileKind.Regular, 0, 0, Home: 2, Inode: 100),
        ["/dev/vg/data"] = new FileStatus(FileKind.Block, 253, 17),
        ["/dev/null"] = default,
    };

    /// <summary>Files by the loop devices that they are.</summary>
    public Dictionary<string, string> Loops { get; } = [];

    /// <summary>What keeps devices from being a disk, by their paths.</summary>
    public Dictionary<string, string> Holders { get; } = [];

    public HashSet<string> Bridges { get; } = ["br0", XenNic.UsualBridge];

    public HashSet<string> Drivers { get; } = ["vbd", "vif"];

    public bool HasLoops { get; set; } = true;

    /// <summary>Whether the drivers do not see new devices.</summary>
    public bool IsBlind { get; set; }

    /// <summary>Whether the disks' driver does not open what it is told to.</summary>
    public bool OpensNothing { get; set; }

    /// <summary>What the disks' driver says instead of opening one.</summary>
    public string? Complaint { get; set; }

    /// <summary>Whether the drivers keep devices whose other end is gone.</summary>
    public bool KeepsDevices { get; set; }

    /// <summary>How often an interface is looked for in vain.</summary>
    public int MissingLooks { get; set; }

    /// <summary>The call to refuse.</summary>
    public string? Refused { get; set; }

    /// <summary>What was done to the machine, in order.</summary>
    public List<string> Log { get; } = [];

    /// <summary>Is called at each pause.</summary>
    public Action? OnPause { get; set; }

    /// <summary>Long, for drivers that do what they are told to; a test of one that does not makes it short.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromMinutes(5);

    public bool HasDriver(string kind) => Drivers.Contains(kind);

    public bool HasBridge(string name) => Bridges.Contains(name);

    /// <summary>The driver makes an interface some time after it has seen the device.</summary>
    public bool HasLink(string name) => MissingLooks-- <= 0;

    public int Look(string path, out FileStatus status) => Files.TryGetValue(path, out status) ? 0 : -(int)XenError.NotFound;

    public int OpenLoop(string path, bool isReadOnly, out LoopDevice? device)
    {
        device = null;
        if (Refused == "loop")
            return -(int)XenError.Busy;
        int number = Files.Keys.Count(static name => name.StartsWith("/dev/loop", StringComparison.Ordinal));
        device = new LoopDevice($"/dev/loop{number}", file: null);
        Files[device.Path] = new FileStatus(FileKind.Block, 7, (uint)number);
        Loops[device.Path] = path;
        Log.Add($"{device.Path} {path}{(isReadOnly ? " ro" : "")}");
        return 0;
    }

    public IReadOnlyList<string> LoopsOf(FileStatus file) => [.. Loops.Where(loop => Files[loop.Value].IsSame(file)).Select(static loop => loop.Key)];

    /// <summary>As the driver has them: those whose device it was told.</summary>
    public IReadOnlyList<OpenDisk> OpenDisks()
    {
        const string Node = "/physical-device";
        const NumberStyles Hex = NumberStyles.AllowHexSpecifier;
        var found = new List<OpenDisk>();
        foreach ((string path, string device) in _store.Values.Where(static pair => pair.Key.EndsWith(Node, StringComparison.Ordinal)))
        {
            string[] parts = path[Backends.Length..].Split('/');
            uint[] numbers = [.. device.Split(':').Select(static number => uint.Parse(number, Hex, null))];
            bool isReadOnly = _store.Values[path[..^Node.Length] + "/mode"] == "r";
            found.Add(new OpenDisk(ushort.Parse(parts[1], null), uint.Parse(parts[2], null), numbers[0], numbers[1], isReadOnly));
        }

        return found;
    }

    public string? FindHolder(string path, FileStatus device, bool isReadOnly) => isReadOnly ? null : Holders.GetValueOrDefault(path);

    public bool IsServed(string kind, ushort domain, string number)
    {
        Drive();
        return _served.Contains($"{kind}/{domain}/{number}");
    }

    public bool IsOpen(ushort domain, uint number)
    {
        if (Complaint is not null)
        {
            _store.Values[$"/local/domain/0/error/backend/vbd/{domain}/{number}/error"] = Complaint;
            _store.Values[$"{Backends}vbd/{domain}/{number}/state"] = "5";
        }

        return Complaint is null && !OpensNothing && _store.Values.ContainsKey($"{Backends}vbd/{domain}/{number}/physical-device");
    }

    public int Join(string link, string bridge)
    {
        if (Refused == "join")
            return -(int)XenError.NoDevice;
        Log.Add($"{link} {bridge}");
        return 0;
    }

    public void Pause() => OnPause?.Invoke();

    /// <summary>Sees new devices, and gives up those whose other end is gone.</summary>
    public void Drive()
    {
        foreach (string path in _store.Values.Keys.Where(IsState).ToList())
        {
            string device = path[Backends.Length..^"/state".Length];
            string[] parts = device.Split('/');
            if (_store.Values[path] == "1" && !IsBlind && Drivers.Contains(parts[0]))
            {
                _store.Values[path] = "2";
                _served.Add(device);
            }
        }

        if (!KeepsDevices)
            _served.RemoveWhere(device => !_store.Values.ContainsKey(State(device.Split('/'))));

        static string State(string[] parts) => $"/local/domain/{parts[1]}/device/{parts[0]}/{parts[2]}/state";
    }

    private static bool IsState(string path) =>
        path.StartsWith(Backends, StringComparison.Ordinal) && path.EndsWith("/state", StringComparison.Ordinal);
}
