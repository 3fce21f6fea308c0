namespace BootProtocol.Specs;

/// <summary>What the size of a row depends on that stands behind the fixed part of a structure.</summary>
/// <example><code>
/// foreach (SpecTail row in ElfNote.Layout.Info.Variant(WordSize.Bits64).Tail)
///     Console.WriteLine($"{row.Field.Name}: {row.Extent}, {row.CountName}");
/// </code></example>
public enum SpecExtent
{
    /// <summary>The row is one value, or a fixed number of them.</summary>
    One,

    /// <summary>A number says how many elements there are.</summary>
    Counted,

    /// <summary>There are as many elements as there is room for.</summary>
    Open,
}
