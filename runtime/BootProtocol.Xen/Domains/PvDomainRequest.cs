namespace BootProtocol.Xen.Domains;

/// <summary>What a new PV domain is to be.</summary>
/// <example><code>
/// var request = new PvDomainRequest { Word = WordSize.Bits64, Pages = 65536, Limits = new DomainLimits { Handle = Guid.NewGuid() } };
/// Console.WriteLine($"{request.Pages * 4L / 1024} MiB, {hypervisor.CanRun(request.Word)}");
/// </code></example>
public sealed record PvDomainRequest
{
    /// <summary>The width of its addresses; 32 bits stand for PAE.</summary>
    public WordSize Word { get; init; } = WordSize.Bits64;

    /// <summary>Its memory, in pages of 4096 bytes: more than 0.</summary>
    public required int Pages { get; init; }

    /// <summary>
    /// Pages that it may be given later: at least <see cref="Pages"/>, which is meant by 0. Its memory map ends there, so that its guest keeps
    /// room for them; whoever gives them raises Xen's limit, as <c>xl mem-set</c> does.
    /// </summary>
    public int MaximumPages { get; init; }

    /// <summary>What it may have of Xen's other resources.</summary>
    public DomainLimits Limits { get; init; } = new();
}
