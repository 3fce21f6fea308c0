using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes the property that reads a field.</summary>
/// <param name="writer">Where it goes.</param>
/// <param name="shape">The structure.</param>
/// <param name="field">The field.</param>
/// <param name="scope">What the field's place counts from.</param>
/// <param name="presence">The condition that the field is there; null if it is there where its gate and the length say so.</param>
/// <param name="elements">The bytes of the elements, where their number varies; null where the field's type says how many bytes they are.</param>
internal sealed class PropertyEmitter(IndentedWriter writer, StructShape shape, FieldModel field, Scope scope, string? presence, string? elements = null)
{
    public PropertyEmitter(IndentedWriter writer, StructShape shape, FieldModel field)
        : this(writer, shape, field, ViewEmitter.ScopeOf(shape, field, "own"), null)
    {
    }

    public void Emit()
    {
        string? condition = presence ?? new Presence(shape, field, null, scope).Condition;
        string place = elements is not null
            ? elements
            : field.Type is { Kind: TypeKind.Text or TypeKind.Bytes, CountField: not null }
                ? shape.Pick(field, scope, UsedPlace)
                : shape.Place(field, scope);
        FieldDoc.Write(writer, shape, field);
        switch (field.Type.Kind)
        {
            case var _ when field.Type.Inner.Count > 0:
                Fetched(condition, NestedType(), NestedList());
                break;
            case TypeKind.Text:
                Plain(KnownNames.ReadOnlyBytes, Guard(condition, $"{KnownNames.FieldText}.Cut({place})", "default"));
                break;
            case TypeKind.Bytes:
                Plain(KnownNames.ReadOnlyBytes, Guard(condition, place, "default"));
                break;
            case TypeKind.Structure when field.Type.IsArray:
                Fetched(condition, $"{KnownNames.ViewList}<{field.Type.CSharpType}>", StructureList());
                break;
            case TypeKind.Structure:
                string type = field.Type.CSharpType;
                Fetched(condition, type, $"{KnownNames.ViewAccess}.View<{type}>({place}, {Word})");
                break;
            case var _ when field.Type.IsArray:
                Fetched(condition, $"{KnownNames.ValueList}<{NumberAccess.PropertyType(field)}>", ValueList());
                break;
            default:
                Number(condition);
                break;
        }
    }

    private string Word => shape.IsWord ? "_word" : $"{KnownNames.WordSize}.Bits64";

    private void Number(string? condition)
    {
        var numbers = new NumberAccess(shape, scope);
        string type = NumberAccess.PropertyType(field);
        string rawType = numbers.RawType(field);
        string raw = elements is null ? numbers.Raw(field) : numbers.Unplain(field, elements);
        string absent = field.Else is { } value ? NumberAccess.Literal(field, value) : "null";
        string property = condition is not null && field.Else is null ? type + "?" : type;
        if (field.Zero is not { } zero)
        {
            Plain(property, Guard(condition, NumberAccess.Wrap(field, raw, rawType), absent));
            return;
        }

        writer.Open($"public {property} {field.CSharpName}");
        writer.Line(KnownNames.Inline);
        writer.Open("get");
        if (condition is not null)
        {
            writer.Line($"if (!({condition}))");
            writer.Continuation($"return {absent};");
        }

        writer.Line($"{rawType} stored = {raw};");
        writer.Line($"return stored == 0 ? {NumberAccess.Literal(field, zero)} : {NumberAccess.Wrap(field, "stored", rawType)};");
        writer.Close();
        writer.CloseMember();
    }

    private void Plain(string type, string expression)
    {
        writer.Open($"public {type} {field.CSharpName}");
        writer.Line(KnownNames.Inline);
        writer.Line($"get => {expression};");
        writer.CloseMember();
    }

    // A ref struct cannot be nullable: one that may be absent is handed out by a method.
    private void Fetched(string? condition, string type, string expression)
    {
        if (condition is null)
        {
            Plain(type, expression);
            return;
        }

        writer.Line("/// <param name=\"value\">The field; empty if it is absent.</param>");
        writer.Line("/// <returns>Whether the field is there.</returns>");
        writer.Open($"public bool TryGet{field.CSharpName}(out {type} value)");
        writer.Open($"if (!({condition}))");
        writer.Line("value = default;");
        writer.Line("return false;");
        writer.CloseMember();
        writer.Line($"value = {expression};");
        writer.Line("return true;");
        writer.CloseMember();
    }

    private string StructureList()
    {
        string used = shape.Pick(field, scope, UsedPlace);
        return $"new {KnownNames.ViewList}<{field.Type.CSharpType}>({used}, {Word})";
    }

    private string ValueList() => shape.Pick(field, scope, slot => Values(UsedPlace(slot), slot.ElementSize));

    /// <summary>A list of numbers of some bytes each.</summary>
    private string Values(string place, int size)
    {
        bool isSigned = field.Type.Kind == TypeKind.Signed;
        string raw = NumberAccess.Read("bytes", null, size, isSigned, field.Type.IsBigEndian ?? shape.Model.IsBigEndian);
        string reader = $"static bytes => {NumberAccess.Wrap(field, raw, NumberAccess.Keyword(size, isSigned))}";
        return $"new {KnownNames.ValueList}<{NumberAccess.PropertyType(field)}>({place}, {size}, {reader})";
    }

    /// <summary>What the innermost of arrays in arrays are: lists, or texts and bytes.</summary>
    private string InnermostType() => field.Type.Kind switch
    {
        TypeKind.Text or TypeKind.Bytes => KnownNames.ReadOnlyBytes,
        TypeKind.Structure => $"{KnownNames.ViewList}<{field.Type.CSharpType}>",
        _ => $"{KnownNames.ValueList}<{NumberAccess.PropertyType(field)}>",
    };

    /// <summary>The type of the property of an array of arrays: a list of lists.</summary>
    private string NestedType() =>
        field.Type.Inner.Aggregate(InnermostType(), static (type, _) => $"{KnownNames.ValueList}<{type}>");

    private string NestedList() => shape.Pick(field, scope, slot =>
    {
        string word = shape.IsWord && ReferenceEquals(slot, field.Narrow) ? "Bits32" : "Bits64";
        int size = field.Type.ValueSize(slot.ElementSize);
        string list = field.Type.Kind switch
        {
            TypeKind.Text => $"{KnownNames.FieldText}.Cut(bytes)",
            TypeKind.Bytes => "bytes",
            TypeKind.Structure => $"new {KnownNames.ViewList}<{field.Type.CSharpType}>(bytes, {KnownNames.WordSize}.{word})",
            _ => Values("bytes", size),
        };
        string type = InnermostType();
        for (int level = field.Type.Inner.Count - 1; level >= 0; level--)
        {
            bool isText = field.Type.IsOfBytes && level == field.Type.Inner.Count - 1;
            size = isText ? size : size * field.Type.Inner[level];
            list = $"new {KnownNames.ValueList}<{type}>({(level == 0 ? UsedPlace(slot) : "bytes")}, {size}, static bytes => {list})";
            type = $"{KnownNames.ValueList}<{type}>";
        }

        return list;
    });

    private string UsedPlace(SlotModel slot)
    {
        if (elements is not null)
            return elements;
        int elementSize = field.Type.IsArray ? slot.ElementSize : 1;
        string size = field.Type.CountField is { } name && CountOf(shape, name) is { } count
            ? $"(int){KnownNames.Math}.Min({count}, {CSharpText.Hex(slot.Size / elementSize)}UL) * {CSharpText.Hex(elementSize)}"
            : CSharpText.Hex(slot.Size);
        return $"{scope.Bytes}.Slice({CSharpText.Hex(slot.Offset)}, {size})";
    }

    /// <summary>A number that says how many elements there are, as a <c>ulong</c>; null if there is no such number.</summary>
    /// <remarks>It is read raw: what it counts as where it is absent still holds.</remarks>
    public static string? CountOf(StructShape shape, string name)
    {
        if (shape.Find(name) is not { Type: { IsArray: false, Kind: TypeKind.Unsigned or TypeKind.Enumeration or TypeKind.Flags } } counter)
            return null;
        Scope scope = ViewEmitter.ScopeOf(shape, counter, "counted");
        string stored = $"unchecked((ulong){new NumberAccess(shape, scope).Raw(counter)})";
        string? condition = new Presence(shape, counter, null, scope).Condition;
        return condition is null ? stored : $"({condition} ? {stored} : {CSharpText.Hex(counter.Else ?? 0)}UL)";
    }

    private static string Guard(string? condition, string expression, string otherwise) =>
        condition is null ? expression : $"{condition} ? {expression} : {otherwise}";
}
