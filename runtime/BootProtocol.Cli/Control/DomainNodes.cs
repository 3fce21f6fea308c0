using System.Globalization;
using BootProtocol.Xen.Store;

namespace BootProtocol.Cli.Control;

/// <summary>What xenstore has of a domain, where guests and Xen's own tools look for it.</summary>
/// <remarks>Source: Xen's docs/misc/xenstore-paths.pandoc.</remarks>
internal static class DomainNodes
{
    /// <summary>Who is at the console: anything but xenconsoled, which would bind the port before this tool can.</summary>
    private const string ConsoleKind = "bootproto";

    /// <summary>What the guest itself writes; all else it may read alone.</summary>
    private static readonly string[] _guests =
    [
        "control/shutdown", "control/feature-poweroff", "control/feature-reboot", "control/feature-suspend", "control/sysrq",
        "device/suspend/event-channel", "data", "drivers", "feature", "attr", "error",
    ];

    /// <summary>Writes it, and has xenstored serve the domain.</summary>
    public static void Write(StoreClient store, DomainFacts facts)
    {
        // What is under a path gets the permissions of the path. All is there before xenstored announces the domain.
        string path = StoreClient.PathOf(facts.Id);
        string machine = PathOf(facts.Handle);
        foreach (string readable in new[] { path, machine })
        {
            store.Write(readable, "");
            store.LetRead(readable, facts.Id);
        }

        store.Write($"{machine}/uuid", Text(facts.Handle));
        store.Write($"{machine}/name", facts.Name);
        (string Key, string Value)[] entries =
        [
            ("name", facts.Name),
            ("domid", Text(facts.Id)),
            ("vm", machine),
            ("console/type", ConsoleKind),
            ("console/ring-ref", Text(facts.Built.Console.Frame.Value)),
            ("console/port", Text(facts.Built.Console.Port)),
            ("store/ring-ref", Text(facts.Built.Store.Frame.Value)),
            ("store/port", Text(facts.Built.Store.Port)),
            ("memory/static-max", Text(facts.MaximumKibibytes)),
            ("memory/target", Text(facts.Kibibytes)),
            ("control/platform-feature-multiprocessor-suspend", "1"),
            ("control/platform-feature-xs_reset_watches", "1"),
        ];
        foreach ((string key, string value) in entries)
            store.Write($"{path}/{key}", value);
        store.Write($"/libxl/{Text(facts.Id)}/type", facts.Type);
        for (uint cpu = 0; cpu < facts.VCpus; cpu++)
            store.Write($"{path}/cpu/{Text(cpu)}/availability", "online");
        foreach (string own in _guests)
        {
            store.Write($"{path}/{own}", "");
            store.Give($"{path}/{own}", facts.Id);
        }

        store.Introduce(facts.Id, facts.Built.Store.Frame, facts.Built.Store.Port);
    }

    /// <summary>Removes what there is of a domain but its devices, whoever wrote it.</summary>
    public static void Remove(StoreClient store, ushort id, Guid handle)
    {
        store.Remove(StoreClient.PathOf(id));
        store.Remove($"/libxl/{Text(id)}");
        store.Remove(PathOf(handle));
    }

    /// <summary>Asks a domain's guest for something: <c>poweroff</c> or <c>reboot</c>.</summary>
    public static void Ask(StoreClient store, ushort id, string wish) => store.Write($"{StoreClient.PathOf(id)}/control/shutdown", wish);

    private static string PathOf(Guid handle) => $"/vm/{Text(handle)}";

    private static string Text(Guid handle) => handle.ToString("D", CultureInfo.InvariantCulture);

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
