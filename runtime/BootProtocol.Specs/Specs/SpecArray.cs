using System.Collections.Immutable;

namespace BootProtocol.Specs;

/// <summary>Several values of one kind.</summary>
/// <param name="elements">The elements in use, in order.</param>
public sealed class SpecArray(ImmutableArray<SpecValue> elements) : SpecValue
{
    /// <summary>The elements in use, in order.</summary>
    public ImmutableArray<SpecValue> Elements { get; } = elements;

    /// <summary>The elements in brackets.</summary>
    public override string ToString() => $"[{string.Join(", ", Elements)}]";
}
