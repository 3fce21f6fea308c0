using BootProtocol.Xen;
using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Store;

namespace BootProtocol.Cli.Control;

/// <summary>A hypervisor and its domains.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Capabilities">The kinds of guest that it runs.</param>
/// <param name="DomctlVersion">The version of its domctl interface.</param>
/// <param name="Domains">The domains, each with its name where xenstore has one.</param>
internal sealed record DomainList(
    string Version, IReadOnlyList<string> Capabilities, uint DomctlVersion, IReadOnlyList<(DomainInfo Info, string? Name)> Domains)
{
    /// <summary>Asks Xen, and xenstore for the names.</summary>
    public static DomainList Read(Hypervisor hypervisor, ControlPlace place)
    {
        IReadOnlyList<DomainInfo> domains = hypervisor.ListDomains();
        using StoreClient? store = place.Connect();
        return new DomainList(
            hypervisor.Version,
            hypervisor.Capabilities,
            hypervisor.DomctlVersion,
            [.. domains.Select(info => (info, store?.Read($"{StoreClient.PathOf(info.Id)}/name")))]);
    }

    /// <summary>What a domain does, in the protocol's words.</summary>
    public static IEnumerable<string> States(DomainInfo info)
    {
        foreach (DomainState state in Enum.GetValues<DomainState>())
        {
            if (state != DomainState.Reason && info.State.HasFlag(state))
                yield return state.ToString().ToLowerInvariant();
        }

        if (info.ShutdownReason is { } reason)
            yield return reason.ToString().ToLowerInvariant();
    }
}
