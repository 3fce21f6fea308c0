using System.Collections.Immutable;

namespace BootProtocol.Specs;

/// <summary>What bytes can be, by a number that stands elsewhere, as data.</summary>
/// <example><code>
/// foreach (SpecChoice choice in SpecCatalog.Choices)
/// {
///     foreach (SpecAlternative row in choice.Alternatives)
///         Console.WriteLine($"{choice.Name} 0x{row.First:x}: {row.Type} {row.Name}");
/// }
/// </code></example>
public sealed class SpecChoice
{
    /// <summary>The name, as the protocol spells it.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the protocol.</summary>
    public required string Protocol { get; init; }

    /// <summary>What it is.</summary>
    public required string Doc { get; init; }

    /// <summary>The type of the number that chooses, as the spec writes it: u8, u16, u32, u64 or an enumeration.</summary>
    public required string TagType { get; init; }

    /// <summary>The size in bytes of the number that chooses.</summary>
    public required int TagSize { get; init; }

    /// <summary>What the number that chooses means; null if it is a plain number.</summary>
    public Func<SpecEnumeration>? Enumeration { get; init; }

    /// <summary>What can be chosen, in the spec's order. No two share a number.</summary>
    public required ImmutableArray<SpecAlternative> Alternatives { get; init; }

    /// <summary>What a number chooses; null if the spec does not say.</summary>
    /// <param name="tag">The number.</param>
    public SpecAlternative? Find(ulong tag)
    {
        foreach (SpecAlternative alternative in Alternatives)
        {
            if (alternative.First <= tag && tag <= alternative.Last)
                return alternative;
        }

        return null;
    }
}
