using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.Cli.Control;
using BootProtocol.Rules;
using BootProtocol.Xen;
using BootProtocol.Xen.Devices;

namespace BootProtocol.Cli.DomainFiles;

/// <summary>A domain as a file of Xen's own tool describes it, as far as it is taken here.</summary>
/// <remarks>Source: Xen's docs/man/xl.cfg.5.pod.</remarks>
internal sealed record DomainFile
{
    /// <summary>Keys that say what is so here in any case, if they have this value.</summary>
    private static readonly Dictionary<string, string[]> _fixed = new()
    {
        ["builder"] = ["generic", "linux"],
    };

    /// <summary>The way to start it, by its type; null where there is no such key.</summary>
    public BootWay? Way { get; private init; }

    /// <summary>The kernel's image; null where there is no such key.</summary>
    public string? Kernel { get; private init; }

    /// <summary>The initial ramdisk.</summary>
    public string? Ramdisk { get; private init; }

    /// <summary>The command line: <c>cmdline</c>, or else <c>root</c> and <c>extra</c>.</summary>
    public string? CommandLine { get; private init; }

    /// <summary>Bytes of memory.</summary>
    public ulong? MemorySize { get; private init; }

    /// <summary>Bytes of memory that it may be given later.</summary>
    public ulong? MaximumMemory { get; private init; }

    /// <summary>Virtual CPUs.</summary>
    public uint? VCpus { get; private init; }

    /// <summary>The name.</summary>
    public string? Name { get; private init; }

    /// <summary>The UUID.</summary>
    public Guid? Handle { get; private init; }

    /// <summary>The disks, each with its name.</summary>
    public ImmutableArray<XenDisk> Disks { get; private init; } = [];

    /// <summary>The network cards.</summary>
    public ImmutableArray<XenNic> Nics { get; private init; } = [];

    /// <summary>What is done when the guest ends.</summary>
    public EndActions Ends { get; private init; } = EndActions.None;

    /// <summary>Keys that are not taken, in their order.</summary>
    public ImmutableArray<string> Others { get; private init; } = [];

    /// <summary>Reads one.</summary>
    /// <param name="name">The file's name, for errors.</param>
    /// <param name="text">What is in it.</param>
    /// <exception cref="ToolException">It is no such file, or something of it is not possible here.</exception>
    public static DomainFile Read(string name, string text)
    {
        var settings = new Dictionary<string, FileSetting>(StringComparer.Ordinal);
        foreach (FileSetting setting in FileSyntax.Read(name, text))
        {
            settings[setting.Key] = !settings.TryGetValue(setting.Key, out FileSetting? other)
                ? setting
                : setting.Behind(other) ?? throw FileValues.Bad(name, setting, "a list and a single value are not added to each other");
        }

        var values = new FileValues(name, settings);
        foreach ((string key, string[] allowed) in _fixed)
        {
            if (values.Text(key) is { } value && !allowed.Contains(value))
                throw values.Bad(key, $"'{allowed[0]}'", $"'{value}'");
        }

        // The most memory alone is all of it, as for xl.
        ulong? memory = values.Number("memory");
        ulong? most = values.Number("maxmem");
        if (most < memory)
            throw values.Bad("maxmem", string.Create(CultureInfo.InvariantCulture, $"at least {memory}, as memory says"), $"{most}");
        string? root = values.Text("root") is { } device ? $"root={device}" : null;
        string? extra = values.Text("extra");
        return new DomainFile
        {
            Way = ReadWay(values),
            Kernel = values.Text("kernel"),
            Ramdisk = values.Text("ramdisk"),
            CommandLine = values.Text("cmdline") ?? (root is null || extra is null ? root ?? extra : $"{root} {extra}"),
            MemorySize = (memory ?? most) << 20,
            MaximumMemory = most << 20,
            VCpus = (uint?)values.Number("vcpus"),
            Name = values.Text("name"),
            Handle = values.Text("uuid") is { } uuid ? ReadHandle(values, uuid) : null,
            Disks = ReadDisks(values),
            Nics = [.. values.List("vif").Select(text => FileNic.Read(values, text))],
            Ends = new EndActions(ReadAction(values, "on_poweroff"), ReadAction(values, "on_reboot"), ReadAction(values, "on_crash")),
            Others = values.Others,
        };
    }

    private static BootWay? ReadWay(FileValues values) => values.Text("type") switch
    {
        null => null,
        "pv" => BootWay.XenPv,
        "pvh" => BootWay.Pvh,
        { } other => throw values.Bad("type", "pv or pvh", $"'{other}'"),
    };

    private static EndAction ReadAction(FileValues values, string key) => values.Text(key) switch
    {
        null => EndAction.None,
        "destroy" => EndAction.Destroy,
        "restart" => EndAction.Restart,
        "preserve" => EndAction.Preserve,
        { } other => throw values.Bad(key, "destroy, restart or preserve", $"'{other}'"),
    };

    private static Guid ReadHandle(FileValues values, string text) => Guid.TryParseExact(text, "D", out Guid handle)
        ? handle
        : throw values.Bad("uuid", "a UUID", $"'{text}'");

    private static ImmutableArray<XenDisk> ReadDisks(FileValues values)
    {
        try
        {
            return [.. XenDisk.NameAll([.. values.List("disk").Select(text => FileDisk.Read(values, text))])];
        }
        catch (XenException wrong)
        {
            throw values.Bad("disk", wrong.Message);
        }
    }
}
