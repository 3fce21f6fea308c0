using System.Collections.Generic;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Expressions that read and write the numbers of a structure, and turn them into the types of its properties.</summary>
internal sealed class NumberAccess(StructShape shape, Scope scope)
{
    private bool IsBigEndian(FieldModel field) => field.Type.IsBigEndian ?? shape.Model.IsBigEndian;

    /// <summary>The number that is stored in some bytes, of a field whose size is not that of a C# number.</summary>
    public string Unplain(FieldModel field, string bytes) => field.Type.Form == NumberForm.Leb128
        ? $"{KnownNames.FieldNumbers}.ReadLeb128({bytes})"
        : $"{KnownNames.FieldNumbers}.Read({bytes}, {CSharpText.Bool(IsBigEndian(field))})";

    /// <summary>Statements that store the variable <c>value</c> in bytes of that size.</summary>
    private string StoreUnplain(FieldModel field, string value) =>
        $"{KnownNames.FieldNumbers}.Write({shape.Place(field, scope)}, {value}, {CSharpText.Bool(IsBigEndian(field))}, {CSharpText.Quote(field.Name)});";

    /// <summary>The C# type of a field's property (of one element for an array).</summary>
    public static string PropertyType(FieldModel field) => field.Type.Kind switch
    {
        TypeKind.Unsigned or TypeKind.Address => IsBothSizes(field) ? "ulong" : field.Type.CSharpType,
        TypeKind.Signed => IsBothSizes(field) ? "long" : field.Type.CSharpType,
        _ => TypeOf(field.Type.Kind, field.Type.CSharpType),
    };

    /// <summary>The C# type of a value of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="declared">The type of the kinds that do not decide it alone.</param>
    public static string TypeOf(TypeKind kind, string declared) => kind switch
    {
        TypeKind.Version => KnownNames.Version,
        TypeKind.PhysicalAddress => "global::BootProtocol.Paddr",
        TypeKind.VirtualAddress => "global::BootProtocol.Vaddr",
        TypeKind.MachineAddress => "global::BootProtocol.Maddr",
        TypeKind.PhysicalFrame => "global::BootProtocol.Pfn",
        TypeKind.MachineFrame => "global::BootProtocol.Mfn",
        _ => declared,
    };

    /// <summary>The number that a field stores, not yet turned into its property's type.</summary>
    public string Raw(FieldModel field, bool forceUnsigned = false)
    {
        bool isSigned = field.Type.Kind == TypeKind.Signed && !forceUnsigned;
        if (field.Type.Digits > 0)
            return $"{KnownNames.FieldText}.Number({shape.Place(field, scope)})";
        if (field.Type.Form != NumberForm.Plain)
            return Unplain(field, shape.Place(field, scope));
        if (!HasTwoSizes(field))
        {
            string offset = shape.Pick(field, scope, slot => CSharpText.Hex(slot.Offset));
            return Read(scope.Bytes, offset, (field.Wide ?? field.Narrow)!.ElementSize, isSigned, IsBigEndian(field));
        }

        string wideType = Keyword(8, isSigned);
        return shape.Pick(field, scope, slot =>
        {
            string read = Read(scope.Bytes, CSharpText.Hex(slot.Offset), slot.ElementSize, isSigned, IsBigEndian(field));
            return slot.ElementSize == 8 ? read : $"({wideType}){read}";
        });
    }

    /// <summary>Reads a number.</summary>
    /// <param name="bytes">The span.</param>
    /// <param name="offset">The offset in it; null for its start.</param>
    /// <param name="size">1, 2, 4 or 8.</param>
    /// <param name="isSigned">Whether it has a sign.</param>
    /// <param name="isBigEndian">Whether its most significant byte comes first.</param>
    public static string Read(string bytes, string? offset, int size, bool isSigned, bool isBigEndian)
    {
        if (size == 1)
            return isSigned ? $"unchecked((sbyte){bytes}[{offset ?? "0"}])" : $"{bytes}[{offset ?? "0"}]";
        // With its size the slice is checked once, and the read that follows needs no check of its own.
        string place = offset is null ? bytes : $"{bytes}.Slice({offset}, {size})";
        return $"{KnownNames.Binary}.Read{(isSigned ? "" : "U")}Int{size * 8}{Order(isBigEndian)}({place})";
    }

    /// <summary>Some bits of a number that is a <c>ulong</c>; all of it where none are given.</summary>
    public static string Part(string number, BitsModel? bits) =>
        bits is null ? number : $"(({number} >> {bits.Low}) & {CSharpText.Hex(bits.Mask)}UL)";

    /// <summary>Turns a stored number into the property's type.</summary>
    public static string Wrap(FieldModel field, string raw, string rawType)
    {
        string type = PropertyType(field);
        return field.Type.Kind switch
        {
            TypeKind.Unsigned or TypeKind.Signed or TypeKind.Address => rawType == type ? raw : $"({type}){raw}",
            TypeKind.Version => $"{type}.FromRaw({(rawType == "ushort" ? raw : $"unchecked((ushort){raw})")})",
            TypeKind.Flags or TypeKind.Enumeration => $"({type}){raw}",
            _ => $"new {type}({raw})",
        };
    }

    /// <summary>The type of what <see cref="Raw"/> reads.</summary>
    public string RawType(FieldModel field)
    {
        bool isLong = HasTwoSizes(field) || field.Type.Digits > 0 || field.Type.Form != NumberForm.Plain;
        return Keyword(isLong ? sizeof(ulong) : (field.Wide ?? field.Narrow)!.ElementSize, field.Type.Kind == TypeKind.Signed);
    }

    /// <summary>A constant of the property's type.</summary>
    public static string Literal(FieldModel field, ulong value)
    {
        string number = CSharpText.Hex(value) + "UL";
        string type = PropertyType(field);
        return field.Type.Kind switch
        {
            TypeKind.Unsigned or TypeKind.Signed or TypeKind.Address or TypeKind.Flags or TypeKind.Enumeration => $"unchecked(({type}){number})",
            TypeKind.Version => $"{type}.FromRaw(unchecked((ushort){number}))",
            _ => $"new {type}({number})",
        };
    }

    /// <summary>Statements that store the variable <c>value</c>, of the property's type.</summary>
    /// <param name="field">Where to.</param>
    /// <param name="isIndexed">Whether it goes to the value <c>index</c> of an array.</param>
    public IEnumerable<string> Store(FieldModel field, bool isIndexed)
    {
        (string value, string type) = field.Type.Kind switch
        {
            TypeKind.Unsigned or TypeKind.Signed or TypeKind.Address => ("value", PropertyType(field)),
            TypeKind.Version => ("value.Raw", "ushort"),
            TypeKind.Flags or TypeKind.Enumeration => ($"({field.Type.UnderlyingType})value", field.Type.UnderlyingType),
            _ => ("value.Value", "ulong"),
        };
        bool isSigned = field.Type.Kind == TypeKind.Signed;
        string name = CSharpText.Quote(field.Name);
        if (field.Type.Digits > 0)
            return [$"{KnownNames.FieldText}.Write({shape.Place(field, scope)}, value, {name});"];
        if (field.Type.Form != NumberForm.Plain)
            return [StoreUnplain(field, "value")];
        string Statement(string offset, int size)
        {
            string place = isIndexed ? $"{offset} + (index * {size})" : offset;
            return Write(field, place, size, Fit(value, type, size, isSigned, name), isSigned);
        }

        if (!HasTwoSizes(field))
            return [Statement(shape.Pick(field, scope, slot => CSharpText.Hex(slot.Offset)), field.Type.ValueSize((field.Wide ?? field.Narrow)!.ElementSize))];
        SlotModel narrow = field.Narrow!;
        SlotModel wide = field.Wide!;
        return
        [
            $"if ({scope.Narrow})",
            "    " + Statement(CSharpText.Hex(narrow.Offset), field.Type.ValueSize(narrow.ElementSize)),
            "else",
            "    " + Statement(CSharpText.Hex(wide.Offset), field.Type.ValueSize(wide.ElementSize)),
        ];
    }

    /// <summary>Statements that store a plain number expression, which fits.</summary>
    /// <param name="field">Where to.</param>
    /// <param name="number">An expression of any integer type.</param>
    public IEnumerable<string> StoreRaw(FieldModel field, string number)
    {
        if (field.Type.Digits > 0)
            return [$"{KnownNames.FieldText}.Write({shape.Place(field, scope)}, (ulong){number}, {CSharpText.Quote(field.Name)});"];
        if (field.Type.Form != NumberForm.Plain)
            return [StoreUnplain(field, $"(ulong){number}")];
        string Statement(string offset, int size) => Write(field, offset, size, $"unchecked(({Keyword(size, false)}){number})", false);

        if (!HasTwoSizes(field))
            return [Statement(shape.Pick(field, scope, slot => CSharpText.Hex(slot.Offset)), (field.Wide ?? field.Narrow)!.ElementSize)];
        return
        [
            $"if ({scope.Narrow})",
            "    " + Statement(CSharpText.Hex(field.Narrow!.Offset), field.Narrow.ElementSize),
            "else",
            "    " + Statement(CSharpText.Hex(field.Wide!.Offset), field.Wide.ElementSize),
        ];
    }

    /// <summary>The C# keyword of a number.</summary>
    public static string Keyword(int size, bool isSigned) => size switch
    {
        1 => isSigned ? "sbyte" : "byte",
        2 => isSigned ? "short" : "ushort",
        4 => isSigned ? "int" : "uint",
        _ => isSigned ? "long" : "ulong",
    };

    private string Write(FieldModel field, string offset, int size, string value, bool isSigned) => size == 1
        ? $"{scope.Bytes}[{offset}] = {(isSigned ? $"unchecked((byte){value})" : value)};"
        : $"{KnownNames.Binary}.Write{(isSigned ? "" : "U")}Int{size * 8}{Order(IsBigEndian(field))}({scope.Bytes}.Slice({offset}, {size}), {value});";

    private static string Fit(string value, string type, int size, bool isSigned, string name)
    {
        if (SizeOf(type) <= size)
            return value;
        return $"{KnownNames.FieldNumbers}.Narrow{(isSigned ? "Signed" : "")}{size * 8}({value}, {name})";
    }

    private static int SizeOf(string keyword) => keyword switch
    {
        "byte" or "sbyte" => 1,
        "ushort" or "short" => 2,
        "uint" or "int" => 4,
        _ => 8,
    };

    private static string Order(bool isBigEndian) => isBigEndian ? "BigEndian" : "LittleEndian";

    private static bool IsBothSizes(FieldModel field) => field.Type.IsWordSized || HasDifferentSlots(field);

    private bool HasTwoSizes(FieldModel field) => shape.IsWord && HasDifferentSlots(field);

    private static bool HasDifferentSlots(FieldModel field) =>
        field.Narrow is { } narrow && field.Wide is { } wide && narrow.ElementSize != wide.ElementSize;
}
