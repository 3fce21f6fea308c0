namespace BootProtocol.Specs;

/// <summary>A row whose size, or place, depends on what is stored: it stands behind the fixed part of a structure.</summary>
/// <example><code>
/// foreach (SpecTail row in ElfNote.Layout.Info.Variant(WordSize.Bits64).Tail)
///     Console.WriteLine($"{row.Field.Type} {row.Field.Name}, aligned to {row.Alignment}");
/// </code></example>
public sealed class SpecTail
{
    /// <summary>The row. Its offset is 0, and its size that of one element; 0 where that varies, too.</summary>
    public required SpecField Field { get; init; }

    /// <summary>What the row's size depends on.</summary>
    public required SpecExtent Extent { get; init; }

    /// <summary>
    /// The field, the computed number, the field of a structure inside (<c>header.count</c>) or the number in digits that says how many elements
    /// there are; null if none does.
    /// </summary>
    public string? CountName { get; init; }

    /// <summary>The field or the computed number that says how many bytes the row has room for; null if it has all that the structure has.</summary>
    public string? BytesName { get; init; }

    /// <summary>
    /// The field of an element by which the last one is found; empty for text and bytes, which end with a byte; null if the row ends otherwise.
    /// </summary>
    public string? UntilField { get; init; }

    /// <summary>What that field holds in the last element, or the last byte.</summary>
    public ulong UntilValue { get; init; }

    /// <summary>The number that chooses what the row is, as <see cref="CountName"/> names numbers; null if the row is no choice.</summary>
    public string? TagName { get; init; }

    /// <summary>When the row is there; null if it always is.</summary>
    public SpecCondition? Condition { get; init; }

    /// <summary>Whether a choice is as large as what is chosen.</summary>
    public bool IsSized { get; init; }

    /// <summary>Whether an element is a structure of varying size.</summary>
    public bool HasVaryingElements { get; init; }

    /// <summary>What the row's place is a multiple of, in bytes from the structure's start.</summary>
    public required int Alignment { get; init; }
}
