namespace BootProtocol.Xen.Domains;

/// <summary>What a new domain may have of Xen's resources.</summary>
/// <remarks>Source: xen_domctl_createdomain in Xen's public header domctl.h.</remarks>
/// <example><code>
/// var limits = new DomainLimits { Handle = Guid.NewGuid(), VCpus = 1 };
/// var created = XenDomain.Create(hypervisor, limits);
/// Console.WriteLine(created.Id);
/// created.Destroy();
/// </code></example>
public sealed record DomainLimits
{
    /// <summary>Virtual CPUs: at least 1.</summary>
    public uint VCpus { get; init; } = 1;

    /// <summary>The highest event channel port.</summary>
    public uint HighestPort { get; init; } = 1023;

    /// <summary>Frames of its grant table.</summary>
    public int GrantFrames { get; init; } = 64;

    /// <summary>Frames in which Xen keeps track of the grants that it maps.</summary>
    public int MapTrackFrames { get; init; } = 1024;

    /// <summary>The highest version of grant tables: 1 or 2.</summary>
    public int GrantVersion { get; init; } = 2;

    /// <summary>The UUID that tools know it by.</summary>
    public Guid Handle { get; init; } = Guid.NewGuid();
}
