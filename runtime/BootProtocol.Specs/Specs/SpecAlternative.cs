namespace BootProtocol.Specs;

/// <summary>What some numbers choose.</summary>
/// <example><code>
/// foreach (SpecAlternative row in SpecCatalog.Choices.SelectMany(choice =&gt; choice.Alternatives))
///     Console.WriteLine($"0x{row.First:x} to 0x{row.Last:x}: {row.Type} {row.Name}, {row.Doc}");
/// </code></example>
public sealed class SpecAlternative
{
    /// <summary>The first number.</summary>
    public required ulong First { get; init; }

    /// <summary>The last number; equal to <see cref="First"/> where it is one.</summary>
    public required ulong Last { get; init; }

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The type as the spec writes it: a structure, <c>bytes[..]</c>, <c>char[..]</c> or <c>nothing</c>.</summary>
    public required string Type { get; init; }

    /// <summary>A structure, text, bytes, or nothing (<see cref="SpecKind.Pad"/>).</summary>
    public required SpecKind Kind { get; init; }

    /// <summary>What it means.</summary>
    public required string Doc { get; init; }

    /// <summary>The structure; null for text and bytes.</summary>
    public Func<SpecStructure>? Structure { get; init; }
}
