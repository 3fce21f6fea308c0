using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Host;

namespace BootProtocol.Xen.Rings;

/// <summary>Finds the console of a domain that is there already, without xenstore.</summary>
/// <remarks>
/// The console page is granted by entry 0 of the grant table (GNTTAB_RESERVED_CONSOLE of grant_table.h). Which port belongs to it is
/// written down nowhere but in the guest, but domain builders make two ports for the control domain before the guest can make any:
/// first that of xenstore, then that of the console. For an HVM domain, which PVH ones are, two parameters say it.
/// </remarks>
/// <example><code>
/// if (ConsolePlaces.Find(domain.Domain) is { } place)
///     Console.WriteLine($"console ring in machine frame {place.Frame}, port {place.Port}");
/// </code></example>
public static class ConsolePlaces
{
    private const int PortsOfBuilder = 2;

    /// <summary>The ports of a new domain are low ones; a guest's own come behind them.</summary>
    private const uint HighestPort = 16;

    /// <summary>Finds the console.</summary>
    /// <exception cref="XenException">It has none that could be found.</exception>
    public static RingPlace Find(XenDomain domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        if (domain.GetInfo().State.HasFlag(DomainState.HvmGuest))
            return FindByParameters(domain);
        XenException.Check("map the grant table", domain.Host.MapGrantTable(domain.Id, out IHostMemory? memory));
        using IHostMemory table = memory!;
        GrantEntryV1 grant = GrantEntryV1.Parse(table.Memory.Span[((int)ReservedGrant.Console * GrantEntryV1.Layout.Size)..]);
        if (grant.Flags.GetKind() != GrantKind.PermitAccess)
            throw new XenException("find the console", XenError.NotFound, "grant table entry 0 grants nothing");
        return new RingPlace(grant.Frame, FindPort(domain));
    }

    private static RingPlace FindByParameters(XenDomain domain)
    {
        ulong frame = HvmCalls.GetParameter(domain, HvmParameter.ConsoleFrame);
        ulong port = HvmCalls.GetParameter(domain, HvmParameter.ConsolePort);
        return frame != 0 && port is > 0 and <= uint.MaxValue
            ? new RingPlace(new Mfn(frame), (uint)port)
            : throw new XenException("find the console", XenError.NotFound, "its parameters name none");
    }

    private static uint FindPort(XenDomain domain)
    {
        int found = 0;
        for (uint port = 1; port <= HighestPort; port++)
        {
            if (IsForControlDomain(domain, port) && ++found == PortsOfBuilder)
                return port;
        }

        throw new XenException("find the console", XenError.NotFound, "it has no second port for the control domain");
    }

    private static bool IsForControlDomain(XenDomain domain, uint port)
    {
        XenException.Check("allocate memory for a hypercall", domain.Host.Allocate(EvtchnStatus.Layout.Size, out IHostMemory? memory));
        using IHostMemory room = memory!;
        EvtchnStatus.Writer wanted = EvtchnStatus.Create(room.Memory.Span);
        wanted.Domain = domain.Id;
        wanted.Port = port;
        long answer = domain.Host.Call(Hypercall.EventChannelOp, (ulong)EventChannelCmd.Status, room.Address);
        if (answer == -(long)XenError.Invalid)
            return false;
        XenException.Check("read the state of a port", answer);
        EvtchnStatus status = EvtchnStatus.Parse(room.Memory.Span);
        return status.TryGetInterdomain(out EvtchnPeer peer) ? peer.Domain == 0 : status.UnboundDomain == 0;
    }
}
