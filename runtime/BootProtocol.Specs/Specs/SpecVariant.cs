using System.Collections.Immutable;

namespace BootProtocol.Specs;

/// <summary>The layout of a structure for one word size.</summary>
/// <example><code>
/// SpecVariant wide = StartInfo.Layout.Info.Variant(WordSize.Bits64);
/// Console.WriteLine($"{wide.Bits} bits: {wide.Size} bytes, aligned to {wide.Alignment}, {wide.Fields.Length} fields");
/// </code></example>
public sealed class SpecVariant
{
    /// <summary>32 or 64, or 0 for a structure that is the same for both.</summary>
    public required int Bits { get; init; }

    /// <summary>The whole size in bytes, trailing alignment included; of a structure of varying size that of its fixed part, nothing behind it.</summary>
    public required int Size { get; init; }

    /// <summary>The alignment in bytes that a C compiler gives the structure; for one that is the same for both word sizes that of x86-64.</summary>
    public required int Alignment { get; init; }

    /// <summary>The shortest acceptable length in bytes: the end of the last field that the lowest version has.</summary>
    public required int FloorLength { get; init; }

    /// <summary>The fields of this variant in order, pads included.</summary>
    public required ImmutableArray<SpecField> Fields { get; init; }

    /// <summary>The rows behind the fixed part, in order; empty where all structures have one size.</summary>
    public ImmutableArray<SpecTail> Tail { get; init; } = [];

    /// <summary>What the size of a structure of varying size is rounded up to, in bytes.</summary>
    public int Step { get; init; } = 1;
}
