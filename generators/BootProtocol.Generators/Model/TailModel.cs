namespace BootProtocol.Generators.Model;

/// <summary>A row whose size, or place, depends on what is stored: it and all rows below it stand behind the fixed part of a structure.</summary>
/// <param name="Field">The row. Its slots start at 0, and have the size of one element; 0 where that varies, too.</param>
/// <param name="Extent">What the row's size depends on.</param>
/// <param name="CountName">The number that says how many elements there are.</param>
/// <param name="BytesName">The number that says how many bytes the row has room for; null if it has what the structure has.</param>
/// <param name="Until">How the last element is found; null if it is not found by a field of its own.</param>
/// <param name="TagName">The number that chooses what the row is; null if it is no choice.</param>
/// <param name="Condition">When the row is there; null if it always is.</param>
/// <param name="IsSized">Of a choice: whether it is as large as what is chosen.</param>
/// <param name="HasVaryingElements">Whether an element is a structure of varying size.</param>
/// <param name="NarrowAlignment">What the row's place in the 32-bit variant is a multiple of, in bytes from the structure's start.</param>
/// <param name="WideAlignment">The same of the 64-bit variant.</param>
internal sealed record TailModel(
    FieldModel Field,
    TailExtent Extent,
    NumberName? CountName,
    NumberName? BytesName,
    UntilModel? Until,
    NumberName? TagName,
    ConditionModel? Condition,
    bool IsSized,
    bool HasVaryingElements,
    int NarrowAlignment,
    int WideAlignment)
{
    /// <summary>Whether the row has as many bytes in each stored structure.</summary>
    public bool HasFixedSize => HasKnownSize && Condition is null;

    /// <summary>Whether the row has as many bytes in each stored structure that has it.</summary>
    public bool HasKnownSize => Extent == TailExtent.One && !HasVaryingElements && BytesName is null && Field.Type.Form != NumberForm.Leb128;

    /// <summary>Whether the row is one number: those below it can name it, and where it is left out it has the value of its <c>else</c>, or 0.</summary>
    public bool IsNumber =>
        Field.Type is { IsArray: false, Kind: TypeKind.Unsigned or TypeKind.Enumeration or TypeKind.Flags }
        && (HasKnownSize || Field.Type.Form != NumberForm.Plain);
}

/// <summary>The name of a number that a size depends on.</summary>
/// <param name="Name">A field of the structure, a number that it computes, a field of a structure inside of it, or a number in digits.</param>
/// <param name="Path">For a field of a structure inside: the properties that lead there. Else null.</param>
/// <param name="Stored">
/// For a field of a structure inside of the fixed part, in its byte order, that is no more than what is stored: the field, with places from the
/// start of the outer structure. Else null.
/// </param>
internal sealed record NumberName(string Name, string? Path, FieldModel? Stored = null)
{
    /// <summary>The bits of the number that are meant, where it is a set of flags; null if all are.</summary>
    public BitsModel? Bits { get; init; }

    /// <summary>The name of the number that the bits are of.</summary>
    public string Whole => Bits is null ? Name : Name.Substring(0, Name.LastIndexOf('.'));
}

/// <summary>Some bits of a number, which are a number of their own.</summary>
/// <param name="Low">The lowest.</param>
/// <param name="High">The highest.</param>
internal sealed record BitsModel(int Low, int High)
{
    /// <summary>The bits, shifted down to bit 0.</summary>
    public ulong Mask => ulong.MaxValue >> (63 - (High - Low));
}

/// <summary>What has to hold for a row to be there.</summary>
/// <param name="Number">A number above the row.</param>
/// <param name="First">The lowest value of it that goes with the row.</param>
/// <param name="Last">The highest.</param>
/// <param name="Text">The condition as the spec writes it.</param>
internal sealed record ConditionModel(NumberName Number, ulong First, ulong Last, string Text);

/// <summary>What the size of a row depends on.</summary>
internal enum TailExtent
{
    /// <summary>The row is one value, or a fixed number of them.</summary>
    One,

    /// <summary>A stored number says how many elements there are.</summary>
    Counted,

    /// <summary>There are as many elements as there is room for.</summary>
    Open,
}

/// <summary>The last element of a sequence has a value in a field.</summary>
/// <param name="Field">The field, as the spec spells it; empty where the last byte of text or bytes is meant.</param>
/// <param name="CSharpName">The field's property.</param>
/// <param name="Value">The value.</param>
internal sealed record UntilModel(string Field, string CSharpName, ulong Value)
{
    /// <summary>Whether the last byte of text or bytes is meant.</summary>
    public bool IsByte => Field.Length == 0;
}
