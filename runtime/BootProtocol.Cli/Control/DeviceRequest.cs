using System.Collections.Immutable;
using BootProtocol.Xen.Devices;
using BootProtocol.Xen.Store;

namespace BootProtocol.Cli.Control;

/// <summary>Disks and network cards that a person wants a domain to have.</summary>
/// <param name="Disks">The disks, each with its name in the guest and the whole path of what it is.</param>
/// <param name="Nics">The network cards.</param>
internal sealed record DeviceRequest(ImmutableArray<XenDisk> Disks, ImmutableArray<XenNic> Nics)
{
    /// <summary>No devices.</summary>
    public static DeviceRequest None { get; } = new([], []);

    /// <summary>Checks what can be checked before there is a domain.</summary>
    /// <exception cref="ToolException">No xenstored runs here.</exception>
    /// <exception cref="BootProtocol.Xen.XenException">A file, a bridge or a driver is missing, or a disk is in use elsewhere.</exception>
    public void Check(ControlPlace place)
    {
        if (Disks.IsEmpty && Nics.IsEmpty)
            return;
        using StoreClient store = place.Connect()
            ?? throw new ToolException(ExitCode.Missing, "no xenstored runs here, through which a domain could have disks and network cards");
        place.Devices.Check(store, Disks, Nics);
    }
}
