using System.Collections.Immutable;

namespace BootProtocol.Specs;

/// <summary>A stored structure, decoded: the fields that are there, with their values.</summary>
/// <example><code>
/// SpecRecord header = image.DescribeSetupHeader();
/// Console.WriteLine($"{header.Length} of {header.Variant.Size} bytes, {header.Fields.Length} fields");
/// Console.WriteLine(header.Find("cmdline_size"));
/// </code></example>
public sealed class SpecRecord : SpecValue
{
    internal SpecRecord(
        SpecStructure structure,
        SpecVariant variant,
        uint? version,
        int length,
        ImmutableArray<SpecRecordField> fields,
        ImmutableArray<SpecRecordComputed> computed)
    {
        Structure = structure;
        Variant = variant;
        Version = version;
        Length = length;
        Fields = fields;
        Computed = computed;
    }

    /// <summary>The structure that was read.</summary>
    public SpecStructure Structure { get; }

    /// <summary>The layout that was read.</summary>
    public SpecVariant Variant { get; }

    /// <summary>The version that decided which fields are there, as a stored number; null if the structure has no versions.</summary>
    public uint? Version { get; }

    /// <summary>The bytes that belong to the structure: at most its size, less where it or its bytes end early; what fills it up does not count.</summary>
    public int Length { get; }

    /// <summary>The fields that are there, in the spec's order; no pads.</summary>
    public ImmutableArray<SpecRecordField> Fields { get; }

    /// <summary>The numbers that are computed of these fields: those of the version, of whose fields none is missing.</summary>
    public ImmutableArray<SpecRecordComputed> Computed { get; }

    /// <summary>Where it starts, in bytes from the start of the field that it is an element of; 0 for one alone.</summary>
    public int Start { get; internal init; }

    /// <summary>Why rows of varying size, or elements of them, are missing; no error if none is. The offset counts as the protocol's document does.</summary>
    public ParseError Fault { get; internal init; }

    /// <summary>A field by its name; null if it is not there.</summary>
    /// <param name="name">The name, as the protocol spells it.</param>
    public SpecRecordField? Find(string name)
    {
        foreach (SpecRecordField field in Fields)
        {
            if (field.Field.Name == name)
                return field;
        }

        return null;
    }

    /// <summary>Whether rows are missing because one before them cannot be found; elements that only fill what they are in do not count.</summary>
    internal bool IsCut { get; init; }

    /// <summary>The pads behind the fixed part that have rules.</summary>
    internal ImmutableArray<SpecRecordField> Pads { get; init; } = [];

    internal SpecRecord StartingAt(int start) => start == Start
        ? this
        : new SpecRecord(Structure, Variant, Version, Length, Fields, Computed) { Start = start, Fault = Fault, IsCut = IsCut, Pads = Pads };

    /// <summary>The fields in braces.</summary>
    public override string ToString() => $"{{ {string.Join(", ", Fields)} }}";
}
