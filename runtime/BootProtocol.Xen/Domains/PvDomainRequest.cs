namespace BootProtocol.Xen.Domains;

/// <summary>What a new PV domain is to be.</summary>
public sealed record PvDomainRequest
{
    /// <summary>The width of its addresses; 32 bits stand for PAE.</summary>
    public WordSize Word { get; init; } = WordSize.Bits64;

    /// <summary>Its memory, in pages of 4096 bytes: more than 0.</summary>
    public required int Pages { get; init; }

    /// <summary>What it may have of Xen's other resources.</summary>
    public DomainLimits Limits { get; init; } = new();
}
