using System.Collections.Immutable;

namespace BootProtocol.Specs;

/// <summary>Flags, an enumeration or constants of a spec, as data.</summary>
/// <example><code>
/// SpecEnumeration types = SpecCatalog.FindEnumeration("e820_type")!;
/// Console.WriteLine($"{types.Protocol} {types.Name}: {types.Enumerators.Length} values of {types.Size} bytes");
/// </code></example>
public sealed class SpecEnumeration
{
    /// <summary>The name, as the protocol spells it.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the protocol.</summary>
    public required string Protocol { get; init; }

    /// <summary>What it is.</summary>
    public required string Doc { get; init; }

    /// <summary>Whether values combine bit by bit.</summary>
    public required bool IsFlags { get; init; }

    /// <summary>Whether the values are constants, and not the values of a type.</summary>
    public bool IsConst { get; init; }

    /// <summary>The word that opens the block in the spec: <c>flags</c>, <c>enum</c> or <c>const</c>.</summary>
    public string Word => IsFlags ? "flags" : IsConst ? "const" : "enum";

    /// <summary>The size in bytes of the stored number.</summary>
    public required int Size { get; init; }

    /// <summary>The enumerators, flags and fields of bits, in the spec's order.</summary>
    public required ImmutableArray<SpecEnumerator> Enumerators { get; init; }

    /// <summary>An enumerator by its name; null if there is none.</summary>
    internal SpecEnumerator? Find(string name)
    {
        foreach (SpecEnumerator enumerator in Enumerators)
        {
            if (enumerator.Name == name)
                return enumerator;
        }

        return null;
    }
}
