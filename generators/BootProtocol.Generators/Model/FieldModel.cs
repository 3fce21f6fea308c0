namespace BootProtocol.Generators.Model;

/// <summary>A row of a structure.</summary>
/// <param name="Name">The field's own name; empty for a pad.</param>
/// <param name="CSharpName">The name of the generated property; empty for a pad.</param>
/// <param name="Doc">Documentation; may be empty.</param>
/// <param name="Type">What is stored.</param>
/// <param name="Narrow">Its place in the 32-bit variant; null if that variant lacks it.</param>
/// <param name="Wide">Its place in the 64-bit variant; null if that variant lacks it.</param>
/// <param name="Gate">The versions that have the field; null if every version has it.</param>
/// <param name="Access">Who may do what with it.</param>
/// <param name="Constant">The one value that the field must hold (bytes in memory order); null if any will do.</param>
/// <param name="Else">What the field counts as where it is absent; null if then it has no value.</param>
/// <param name="Zero">What a stored 0 stands for; null if it stands for itself.</param>
/// <param name="Pointee">What an address points at; null if that is not said.</param>
internal sealed record FieldModel(
    string Name,
    string CSharpName,
    string Doc,
    TypeModel Type,
    SlotModel? Narrow,
    SlotModel? Wide,
    GateModel? Gate,
    AccessModel Access,
    ConstantModel? Constant,
    ulong? Else,
    ulong? Zero,
    PointeeModel? Pointee)
{
    public bool IsPad => Type.Kind == TypeKind.Pad;

    /// <summary>What the value has to be.</summary>
    public EquatableArray<RuleModel> Rules { get; init; }

    /// <summary>What the value is the checksum of; null if it is none.</summary>
    public ChecksumModel? Checksum { get; init; }

    /// <summary>When the field is the member of its union that is meant; null where the spec does not say.</summary>
    public ConditionModel? When { get; init; }

    /// <summary>Whether the field holds a structure that has rules, or one that has such a structure.</summary>
    public bool StructureHasRules { get; init; }
}

/// <summary>The kind of a rule.</summary>
internal enum RuleKind
{
    /// <summary>From the first value to the last one.</summary>
    Range,

    /// <summary>One of the values.</summary>
    OneOf,

    /// <summary>A multiple of the value.</summary>
    Multiple,

    /// <summary>No bits but those of the value.</summary>
    Bits,

    /// <summary>Zero, or zeros.</summary>
    Zero,
}

/// <summary>What a value has to be.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Values">What the kind says.</param>
/// <param name="IsChecked">Whether a structure that breaks the rule cannot be read at all.</param>
/// <param name="Text">The rule as the spec writes it.</param>
/// <param name="Expected">The rule as an error message puts it.</param>
internal sealed record RuleModel(RuleKind Kind, EquatableArray<ulong> Values, bool IsChecked, string Text, string Expected);

/// <summary>What a value is the checksum of.</summary>
/// <param name="Function">The function, as the runtime names it.</param>
/// <param name="First">The first row; empty for the whole structure.</param>
/// <param name="Last">The last row.</param>
/// <param name="Shift">How many of the lowest bits are left out.</param>
/// <param name="Text">All of it as the spec writes it.</param>
internal sealed record ChecksumModel(string Function, string First, string Last, int Shift, string Text);

/// <summary>A place in one variant, in bytes from the structure's own start.</summary>
/// <param name="TypeText">The type there, as the spec writes it: rows of one name in two variants may differ in size.</param>
internal sealed record SlotModel(int Offset, int Size, int ElementSize, string TypeText);

/// <summary>A range of versions, as stored numbers; <paramref name="Highest"/> is null for "and later".</summary>
/// <param name="Lowest">The first version.</param>
/// <param name="Highest">The last version.</param>
/// <param name="Text">The gate as the spec writes it, for documentation.</param>
internal sealed record GateModel(uint Lowest, uint? Highest, string Text);

/// <summary>The access words of a row.</summary>
/// <param name="CanWrite">A boot loader may write the field.</param>
/// <param name="WriteGate">The versions from which on it may be written, where they differ from the row's gate.</param>
/// <param name="Text">The words as the spec writes them; empty if the row has none.</param>
internal sealed record AccessModel(bool CanWrite, GateModel? WriteGate, string Text);

/// <summary>A constant: a number, or a text stored as bytes.</summary>
/// <param name="Number">The number as it is stored in the field, in the field's own byte order; 0 for a text of more than 8 bytes.</param>
/// <param name="Text">The text that the spec writes, if it writes one: a character for each byte.</param>
internal sealed record ConstantModel(ulong Number, string? Text)
{
    /// <summary>Whether it is longer than a number.</summary>
    public bool IsLong => Text is { Length: > sizeof(ulong) };
}

/// <summary>What an address points at.</summary>
/// <param name="Type">Structure or primitive type, as the spec names it.</param>
/// <param name="CountField">The field with the number of elements; null for one.</param>
/// <param name="Text">The pointee as the spec writes it.</param>
internal sealed record PointeeModel(string Type, string? CountField, string Text)
{
    /// <summary>How it is read; null where the spec does not say enough for that.</summary>
    public TargetModel? Target { get; init; }
}

/// <summary>How what an address points at is read.</summary>
/// <param name="Kind">What an element is; a text ends with a NUL, bytes are counted.</param>
/// <param name="CSharpType">The C# type of an element.</param>
/// <param name="NarrowSize">Bytes of an element in the 32-bit variant.</param>
/// <param name="WideSize">Bytes of an element in the 64-bit variant.</param>
/// <param name="IsList">Whether a field says how many there are.</param>
/// <param name="IsWord">Whether an element has a 32-bit and a 64-bit variant.</param>
/// <param name="IsBigEndian">Whether numbers are stored most significant byte first; null if they are as in the structure that points.</param>
internal sealed record TargetModel(TypeKind Kind, string CSharpType, int NarrowSize, int WideSize, bool IsList, bool IsWord, bool? IsBigEndian);
