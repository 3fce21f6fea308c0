using System.Collections.Immutable;

namespace BootProtocol.Specs;

/// <summary>Several values of one kind.</summary>
/// <param name="elements">The elements in use, in order.</param>
/// <example><code>
/// SpecRecord identification = SpecReader.Read(BootParams.Layout.Info, new byte[BootParams.Layout.Size]);
/// foreach (SpecRecordField field in identification.Fields)
/// {
///     if (field.Value is SpecArray array)
///         Console.WriteLine($"{field.Field.Name}: {array.Elements.Length} elements");
/// }
/// </code></example>
public sealed class SpecArray(ImmutableArray<SpecValue> elements) : SpecValue
{
    /// <summary>The elements in use, in order.</summary>
    public ImmutableArray<SpecValue> Elements { get; } = elements;

    /// <summary>The structures among its elements, and among those of arrays inside.</summary>
    internal IEnumerable<SpecRecord> Records => Elements.SelectMany(static element => element switch
    {
        SpecRecord record => [record],
        SpecArray inner => inner.Records,
        _ => Enumerable.Empty<SpecRecord>(),
    });

    /// <summary>The elements in brackets.</summary>
    public override string ToString() => $"[{string.Join(", ", Elements)}]";
}
