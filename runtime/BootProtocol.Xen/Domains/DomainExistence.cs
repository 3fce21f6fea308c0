namespace BootProtocol.Xen.Domains;

/// <summary>Whether a domain is there, and which one it is: what Xen says from 4.21 on, in the same form whatever its domctl interface is.</summary>
/// <remarks>Source: XEN_DOMCTL_get_domain_state in Xen's public header domctl.h.</remarks>
/// <example><code>
/// DomainExistence? existence = domain.Domain.TryGetExistence();
/// Console.WriteLine(existence is null ? "a Xen before 4.21" : $"{existence.State}, domain {existence.UniqueId} since Xen was started");
/// </code></example>
public sealed record DomainExistence
{
    /// <summary>How it is.</summary>
    public required DomainExistenceState State { get; init; }

    /// <summary>What it may do beyond other domains.</summary>
    public required DomainCapabilities Capabilities { get; init; }

    /// <summary>A number that no other domain has had since Xen was started, whereas <see cref="XenDomain.Id"/> is given again.</summary>
    public required ulong UniqueId { get; init; }
}
