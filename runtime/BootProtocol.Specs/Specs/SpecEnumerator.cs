namespace BootProtocol.Specs;

/// <summary>An enumerator, a flag, or a field of several bits.</summary>
/// <example><code>
/// foreach (SpecEnumerator flag in XloadFlagsLayout.Info.Enumerators)
///     Console.WriteLine($"bit {flag.LowBit} {flag.Name} {flag.Gate}: {flag.Doc}");
/// </code></example>
public sealed class SpecEnumerator
{
    /// <summary>The name, as the protocol spells it.</summary>
    public required string Name { get; init; }

    /// <summary>The value; for flags the mask of the bit or bits.</summary>
    public required ulong Value { get; init; }

    /// <summary>For flags: the lowest bit.</summary>
    public int LowBit { get; init; }

    /// <summary>For flags: the highest bit; above <see cref="LowBit"/> for a field of bits.</summary>
    public int HighBit { get; init; }

    /// <summary>The versions that have it, as the spec writes them; empty if all do.</summary>
    public string Gate { get; init; } = "";

    /// <summary>The protocol's access words; empty if it has none.</summary>
    public string Access { get; init; } = "";

    /// <summary>What it means.</summary>
    public required string Doc { get; init; }

    /// <summary>For a field of bits that holds an enumeration: that enumeration.</summary>
    public Func<SpecEnumeration>? Enumeration { get; init; }

    /// <summary>Whether this is a field of several bits.</summary>
    public bool IsBitField => HighBit > LowBit;
}
