namespace BootProtocol.Generators.Model;

/// <summary>A <c>flags</c>, <c>enum</c> or <c>const</c> block.</summary>
/// <param name="HintName">The name of the generated file.</param>
/// <param name="IsFlags">Whether rows are bits, and not values.</param>
/// <param name="IsConst">Whether the values are constants, and no type.</param>
/// <param name="UnderlyingType">The C# keyword of the stored number.</param>
/// <param name="Size">The size of the stored number in bytes.</param>
internal sealed record EnumModel(
    string Protocol,
    string Namespace,
    string Name,
    string CSharpName,
    string HintName,
    string Doc,
    bool IsFlags,
    bool IsConst,
    string UnderlyingType,
    int Size,
    EquatableArray<EnumRowModel> Rows);

/// <summary>A row of such a block.</summary>
/// <param name="Value">The enumerator's value; for flags the mask of its bit or bits.</param>
/// <param name="LowBit">For flags: the lowest bit. For an enumeration 0.</param>
/// <param name="HighBit">For flags: the highest bit; a field of bits if it is above <paramref name="LowBit"/>.</param>
/// <param name="FieldType">For a field of bits: the C# type of its value, an enumeration's name or a keyword.</param>
/// <param name="FieldTypeText">The enumeration's name as the spec spells it; empty if the field is a plain number.</param>
/// <param name="GateText">The gate as the spec writes it; empty if there is none.</param>
/// <param name="AccessText">The access words as the spec writes them; may be empty.</param>
internal sealed record EnumRowModel(
    string Name,
    string CSharpName,
    string Doc,
    ulong Value,
    int LowBit,
    int HighBit,
    string FieldType,
    string FieldTypeText,
    string GateText,
    string AccessText)
{
    public bool IsBitField => HighBit > LowBit;

    /// <summary>For flags: whether the bit or bits are 0.</summary>
    public bool IsZero { get; init; }
}
