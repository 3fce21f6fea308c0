using BootProtocol.Generators.Model;
using BootProtocol.Specs;

namespace BootProtocol.Cli.OwnSpecs;

/// <summary>Makes the runtime's tables of a spec's models, as the generator writes them for shipped specs.</summary>
/// <param name="library">Where the types of fields are looked up, once they are asked for.</param>
internal sealed class TableMaker(SpecLibrary library)
{
    /// <summary>Makes the table of a structure.</summary>
    public SpecStructure Structure(StructModel model) => new()
    {
        Name = model.Name,
        Protocol = model.Protocol,
        Doc = model.Doc,
        IsPacked = model.IsPacked,
        IsBigEndian = model.IsBigEndian,
        BaseOffset = model.BaseOffset,
        Versions = model.Gate is { } gate ? new SpecVersions(gate.Field, gate.IsDotted, gate.Lowest, gate.Highest) : null,
        EndByte = model.EndByte,
        LengthField = model.LengthField,
        Variants = model.IsWord
            ?
            [
                Variant(model, 32, model.Narrow, static field => field.Narrow),
                Variant(model, 64, model.Wide, static field => field.Wide),
            ]
            : [Variant(model, 0, model.Wide, static field => field.Wide ?? field.Narrow)],
        Computed = [.. model.Lets.Select(Computed)],
    };

    /// <summary>Makes the table of a choice.</summary>
    public SpecChoice Choice(ChoiceModel model) => new()
    {
        Name = model.Name,
        Protocol = model.Protocol,
        Doc = model.Doc,
        TagType = model.TagTypeText,
        TagSize = model.TagSize,
        Enumeration = model.TagIsEnumeration ? EnumerationOf(TypeKind.Enumeration, model.TagTypeText) : null,
        Alternatives =
        [
            .. model.Alternatives.Select(row => new SpecAlternative
            {
                First = row.First,
                Last = row.Last,
                Name = row.Name,
                Type = row.TypeText,
                Kind = Kind(row.Kind),
                Doc = row.Doc,
                Structure = StructureOf(row.Kind, row.TypeText),
            }),
        ],
    };

    /// <summary>Makes the table of flags or of an enumeration.</summary>
    public SpecEnumeration Enumeration(EnumModel model) => new()
    {
        Name = model.Name,
        Protocol = model.Protocol,
        Doc = model.Doc,
        IsFlags = model.IsFlags,
        IsConst = model.IsConst,
        Size = model.Size,
        Enumerators =
        [
            .. model.Rows.Select(row => new SpecEnumerator
            {
                Name = row.Name,
                Value = row.Value,
                LowBit = model.IsFlags ? row.LowBit : 0,
                HighBit = model.IsFlags ? row.HighBit : 0,
                Gate = row.GateText,
                Access = row.AccessText,
                Doc = row.Doc,
                Enumeration = row.FieldTypeText.Length > 0 ? EnumerationOf(TypeKind.Enumeration, row.FieldTypeText) : null,
            }),
        ],
    };

    /// <summary>Makes the table of notes.</summary>
    public SpecNotes Notes(NotesModel model) => new()
    {
        Name = model.Name,
        Protocol = model.Protocol,
        Doc = model.Doc,
        Owner = model.Owner,
        Notes =
        [
            .. model.Rows.Select(row => new SpecNote
            {
                Number = row.Type,
                Name = row.Name,
                Type = row.TypeText,
                Kind = Enum.Parse<SpecNoteKind>(row.Kind.ToString()),
                ValueKind = Kind(row.ValueKind),
                ElementSize = row.Kind == NoteKind.Numbers ? row.ElementSize : 0,
                IsBigEndian = model.IsBigEndian,
                Else = row.Else,
                Doc = row.Doc,
                Structure = StructureOf(row.ValueKind, row.TypeText),
                Enumeration = EnumerationOf(row.ValueKind, row.TypeText),
            }),
        ],
    };

    private SpecVariant Variant(StructModel model, int bits, VariantModel variant, Func<FieldModel, SlotModel?> slotOf) => new()
    {
        Bits = bits,
        Size = variant.Size,
        Alignment = variant.Alignment,
        FloorLength = variant.FloorLength,
        Fields =
        [
            .. model.Fields.Where(field => slotOf(field) is not null)
                .OrderBy(field => slotOf(field)!.Offset)
                .Select(field => Field(field, slotOf(field)!)),
        ],
        Tail = [.. model.Tail.Select(row => Tail(row, slotOf(row.Field)!, bits == 32 ? row.NarrowAlignment : row.WideAlignment))],
        Step = variant.Step,
    };

    private SpecTail Tail(TailModel row, SlotModel slot, int alignment) => new()
    {
        Field = Field(row.Field, slot),
        Extent = Enum.Parse<SpecExtent>(row.Extent.ToString()),
        CountName = row.CountName?.Name,
        BytesName = row.BytesName?.Name,
        UntilField = row.Until?.Field,
        UntilValue = row.Until?.Value ?? 0,
        TagName = row.TagName?.Name,
        Condition = Condition(row.Condition),
        IsSized = row.IsSized,
        HasVaryingElements = row.HasVaryingElements,
        Alignment = alignment,
    };

    private SpecField Field(FieldModel field, SlotModel slot) => new()
    {
        Name = field.Name,
        Type = slot.TypeText,
        Kind = Kind(field.Type.Kind),
        Offset = slot.Offset,
        Size = slot.Size,
        ElementSize = slot.ElementSize,
        IsArray = field.Type.IsArray,
        Inner = [.. field.Type.Inner],
        IsBigEndian = field.Type.IsBigEndian,
        IsDigits = field.Type.Digits > 0,
        IsLeb128 = field.Type.Form == NumberForm.Leb128,
        CountField = field.Type.CountField,
        Gate = Gate(field.Gate),
        Condition = Condition(field.When),
        Access = field.Access.Text,
        IsWritable = field.Access.CanWrite && !field.IsPad,
        Constant = field.Constant is { IsLong: false } constant ? constant.Number : null,
        ConstantBytes = field.Constant is { IsLong: true, Text: { } text } ? [.. text.Select(static c => (byte)c)] : [],
        Else = field.Else,
        Zero = field.Zero,
        Pointee = field.Pointee?.Text,
        Rules = [.. field.Rules.Select(Rule)],
        Checksum = field.Checksum is { } sum
            ? new SpecChecksum(Enum.Parse<SpecChecksumFunction>(sum.Function), sum.First, sum.Last, sum.Shift, sum.Text)
            : null,
        Doc = field.Doc,
        Structure = StructureOf(field.Type.Kind, slot.TypeText),
        Choice = field.Type.Kind == TypeKind.Choice ? () => library.FindChoice(slot.TypeText)! : null,
        Enumeration = EnumerationOf(field.Type.Kind, slot.TypeText),
    };

    private static SpecCondition? Condition(ConditionModel? when) =>
        when is null ? null : new SpecCondition(when.Number.Name, when.First, when.Last, when.Text);

    private static SpecRule Rule(RuleModel rule) =>
        new(Enum.Parse<SpecRuleKind>(rule.Kind.ToString()), [.. rule.Values], rule.IsChecked, rule.Text, rule.Expected);

    private static SpecComputed Computed(LetModel let) => new()
    {
        Name = let.Name,
        Formula = new SpecFormula(let.Text, [.. let.Steps]),
        Gate = Gate(let.Gate),
        Doc = let.Doc,
    };

    private static SpecGate? Gate(GateModel? gate) => gate is null ? null : new SpecGate(gate.Lowest, gate.Highest, gate.Text);

    /// <summary>The runtime names the kinds as the models do.</summary>
    private static SpecKind Kind(TypeKind kind) => Enum.Parse<SpecKind>(kind.ToString());

    private Func<SpecStructure>? StructureOf(TypeKind kind, string type) =>
        kind == TypeKind.Structure ? () => library.FindStructure(Name(type))! : null;

    private Func<SpecEnumeration>? EnumerationOf(TypeKind kind, string type) =>
        kind is TypeKind.Flags or TypeKind.Enumeration ? () => library.FindEnumeration(Name(type))! : null;

    /// <summary>The name in a type, without the brackets of an array.</summary>
    private static string Name(string type) => type.Split('[')[0];
}
