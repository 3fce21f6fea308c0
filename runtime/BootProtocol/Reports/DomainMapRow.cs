namespace BootProtocol.Reports;

/// <summary>A part of a domain's physical addresses.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The region's name; for a reserved range the name of its type; otherwise a word for what it is.</param>
/// <param name="Start">Its first address.</param>
/// <param name="Length">Its bytes; more than 0.</param>
/// <param name="Reason">Why a region lies there; empty for everything else.</param>
/// <example><code>
/// foreach (DomainMapRow row in DomainMap.Of(pv))
///     Console.WriteLine($"{row.Start} to {row.End} {row.Kind}: {row.Name} {row.Virtual} {row.Reason}");
/// </code></example>
public sealed record DomainMapRow(DomainMapKind Kind, string Name, Paddr Start, ulong Length, string Reason)
{
    /// <summary>Where the guest sees a region when it starts; null if that is no address of its own.</summary>
    public Vaddr? Virtual { get; init; }

    /// <summary>The address behind its last byte.</summary>
    public Paddr End => new(Start.Value + Length);
}
