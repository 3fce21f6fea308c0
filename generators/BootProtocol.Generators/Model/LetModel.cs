namespace BootProtocol.Generators.Model;

/// <summary>A number that is computed of a structure's fields.</summary>
/// <param name="Text">The formula as the spec writes it, blanks folded.</param>
/// <param name="Steps">Decimal numbers, names of fields and of earlier computed numbers, and operators behind their operands.</param>
/// <param name="Bits">Those of the names that are bits of a field: <c>flags.KIND</c>.</param>
/// <param name="Gate">The versions that have it; null if every version has it.</param>
/// <param name="IsSafe">Whether no values of the fields lead out of 64 bits, to a division by 0 or to a shift by more than 63 bits.</param>
internal sealed record LetModel(
    string Name,
    string CSharpName,
    string Doc,
    string Text,
    EquatableArray<string> Steps,
    EquatableArray<FieldBits> Bits,
    GateModel? Gate,
    bool IsSafe);

/// <summary>A name for bits of a field.</summary>
/// <param name="Name">The name: that of the field, a point, and that of the bits.</param>
/// <param name="Field">The field.</param>
/// <param name="Bits">The bits.</param>
internal sealed record FieldBits(string Name, string Field, BitsModel Bits);
