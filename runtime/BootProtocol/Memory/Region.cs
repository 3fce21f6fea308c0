namespace BootProtocol.Memory;

/// <summary>A named part of a domain's memory.</summary>
/// <param name="Name">What it is, in the protocol's word: <c>kernel</c>, <c>initrd</c>, <c>start info</c>.</param>
/// <param name="Start">Its first physical address.</param>
/// <param name="Length">Its bytes; more than 0.</param>
/// <param name="Reason">Why it lies where it lies.</param>
/// <example><code>
/// foreach (Region region in linux.Regions)
///     Console.WriteLine($"{region.Start} to {region.End}: {region.Name}, because {region.Reason}");
/// </code></example>
public sealed record Region(string Name, Paddr Start, ulong Length, string Reason)
{
    /// <summary>Where the guest sees it when it starts; null if that is no address of its own.</summary>
    public Vaddr? Virtual { get; init; }

    /// <summary>The address behind its last byte.</summary>
    public Paddr End => new(Start.Value + Length);

    /// <summary>Whether the two have a byte in common.</summary>
    public bool Overlaps(Region other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Start < other.End && other.Start < End;
    }

    /// <summary>The region as <c>0x1000000-0x4200000 kernel: its reason</c>.</summary>
    public override string ToString() => $"{Start}-{End} {Name}: {Reason}";
}
