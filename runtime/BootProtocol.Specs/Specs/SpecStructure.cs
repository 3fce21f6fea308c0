using System.Collections.Immutable;

namespace BootProtocol.Specs;

/// <summary>A structure of a spec as data: what stands where, since which version, who may write it, what it means.</summary>
/// <example><code>
/// SpecStructure structure = SpecCatalog.FindStructure("start_info")!;
/// foreach (SpecVariant variant in structure.Variants)
///     Console.WriteLine($"{structure.Protocol} {structure.Name}, {variant.Bits} bits: {variant.Size} bytes");
/// </code></example>
public sealed class SpecStructure
{
    /// <summary>The structure's own name, as the protocol spells it.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the protocol that the structure belongs to.</summary>
    public required string Protocol { get; init; }

    /// <summary>What the structure is; lines are separated by <c>\n</c>.</summary>
    public required string Doc { get; init; }

    /// <summary>Whether fields follow each other without alignment.</summary>
    public bool IsPacked { get; init; }

    /// <summary>Whether numbers are stored most significant byte first.</summary>
    public bool IsBigEndian { get; init; }

    /// <summary>The file offset, in bytes, that the protocol's own document counts from; 0 if it counts from the structure's start.</summary>
    public int BaseOffset { get; init; }

    /// <summary>What decides which version a stored structure has; null if it has no versions.</summary>
    public SpecVersions? Versions { get; init; }

    /// <summary>Own offset of the byte that says how many bytes of the structure follow it; null if there is none.</summary>
    public int? EndByte { get; init; }

    /// <summary>The field that holds the structure's whole length in bytes; null if there is none.</summary>
    public string? LengthField { get; init; }

    /// <summary>One variant with <see cref="SpecVariant.Bits"/> 0, or the 32-bit one and the 64-bit one.</summary>
    public required ImmutableArray<SpecVariant> Variants { get; init; }

    /// <summary>The numbers that are computed of the fields, in the spec's order; empty if there are none.</summary>
    public ImmutableArray<SpecComputed> Computed { get; init; } = [];

    /// <summary>The variant for a word size; the only one where the structure is the same for both.</summary>
    public SpecVariant Variant(WordSize word) => Variants.Length == 1 || word == WordSize.Bits32 ? Variants[0] : Variants[1];
}
