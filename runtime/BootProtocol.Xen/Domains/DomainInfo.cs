namespace BootProtocol.Xen.Domains;

/// <summary>What Xen reports of a domain at one moment.</summary>
/// <remarks>Source: xen_domctl_getdomaininfo in Xen's public header domctl.h.</remarks>
/// <example><code>
/// foreach (DomainInfo found in hypervisor.ListDomains())
///     Console.WriteLine($"{found.Id}: {found.Pages} pages, {found.State}, {found.ProcessorTime.TotalSeconds} s");
/// </code></example>
public sealed record DomainInfo
{
    /// <summary>Its number.</summary>
    public required ushort Id { get; init; }

    /// <summary>What it is and how it is.</summary>
    public required DomainState State { get; init; }

    /// <summary>Its memory, in pages of 4096 bytes; Xen's own pages for it are not counted.</summary>
    public required ulong Pages { get; init; }

    /// <summary>Most pages that it may have.</summary>
    public required ulong MaxPages { get; init; }

    /// <summary>The machine frame (for PV) of its shared_info page.</summary>
    public required Mfn SharedInfo { get; init; }

    /// <summary>Processor time that it has used.</summary>
    public required TimeSpan ProcessorTime { get; init; }

    /// <summary>Virtual CPUs that are online.</summary>
    public required uint OnlineVCpus { get; init; }

    /// <summary>The UUID that tools know it by.</summary>
    public required Guid Handle { get; init; }

    /// <summary>Why its guest has shut down; null while it has not.</summary>
    public ShutdownReason? ShutdownReason => State.HasFlag(DomainState.Shutdown) ? State.GetReason() : null;

    internal static DomainInfo Read(XenDomctlGetdomaininfo info) => new()
    {
        Id = info.Domain,
        State = States(info.Flags),
        Pages = info.TotalPages,
        MaxPages = info.MaxPages,
        SharedInfo = new Mfn(info.SharedInfoFrame),
        ProcessorTime = TimeSpan.FromTicks((long)(info.CpuTime / TimeSpan.NanosecondsPerTick)),
        OnlineVCpus = info.NrOnlineVCpus,
        Handle = new Guid(info.Handle, bigEndian: true),
    };

    /// <summary>While a guest has not shut down, Xen sets all bits from the reason's lowest upwards.</summary>
    private static DomainState States(DomainState flags)
    {
        const uint Reasons = ~((1u << 16) - 1);
        return (flags & DomainState.Shutdown) != 0
            ? flags & (DomainState)(~Reasons | (uint)DomainState.Reason)
            : flags & (DomainState)~Reasons;
    }
}
