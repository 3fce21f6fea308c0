namespace BootProtocol.Xen.Domains;

/// <summary>What a new PVH domain is to be.</summary>
/// <example><code>
/// var request = new PvhDomainRequest { MemorySize = 256 &lt;&lt; 20, Limits = new DomainLimits { VCpus = 2 } };
/// Console.WriteLine($"{request.MemorySize >> 20} MiB, {request.Limits.VCpus} virtual CPUs");
/// </code></example>
public sealed record PvhDomainRequest
{
    /// <summary>Its memory, in bytes: whole pages, more than 1 MiB. Xen's pages for it and its ACPI tables are not counted.</summary>
    public required ulong MemorySize { get; init; }

    /// <summary>What it may have of Xen's other resources.</summary>
    public DomainLimits Limits { get; init; } = new();
}
