using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>
/// Finds out what addresses point at. That has to wait until all structures are laid out: what is pointed at may hold the structure that points,
/// or be it.
/// </summary>
internal static class PointeeBinder
{
    /// <summary>The same structure, with what its addresses point at.</summary>
    public static StructModel Bind(TypeTable types, StructModel structure) =>
        structure.Fields.All(field => field.Pointee is null)
            ? structure
            : structure with { Fields = new EquatableArray<FieldModel>(structure.Fields.Select(field => Bind(types, field))) };

    /// <summary>Whether a row can point, and points at a type; if not, that is reported.</summary>
    public static bool IsKnown(TypeTable types, Declaration owner, StructRow row, TypeModel pointer, PointeeSyntax pointee)
    {
        Located<string> type = pointee.Type;
        if (pointer.Kind is TypeKind.Pad or TypeKind.Text or TypeKind.Bytes or TypeKind.Structure or TypeKind.Choice)
        {
            owner.Problems.Add(SpecDescriptors.NotANumber, type.Range, row.Name.Value, pointer.Text, "->");
            return false;
        }

        if (types.Find(type.Value) is not null || PrimitiveType.All.ContainsKey(type.Value))
            return true;
        owner.Problems.AddNear(SpecDescriptors.UnknownType, type.Range, NearName.Find(type.Value, types.Names), type.Value, "");
        return false;
    }

    private static FieldModel Bind(TypeTable types, FieldModel field) =>
        field.Pointee is { } pointee && Target(types, pointee, field) is { } target ? field with { Pointee = pointee with { Target = target } } : field;

    private static TargetModel? Target(TypeTable types, PointeeModel pointee, FieldModel field)
    {
        bool isList = pointee.Text[pointee.Text.Length - 1] == ']';
        bool isCounted = pointee.CountField is not null;
        if (field.Type.IsArray)
            return null;
        if (PrimitiveType.All.TryGetValue(pointee.Type, out PrimitiveType? primitive))
            return Primitive(pointee, primitive, isList, isCounted);
        if (types.Find(pointee.Type) is not { IsGenerated: true } declaration || (isList && !isCounted))
            return null;
        if (types.Enumeration(declaration) is { IsConst: false } values)
        {
            TypeKind kind = values.IsFlags ? TypeKind.Flags : TypeKind.Enumeration;
            return new TargetModel(kind, declaration.FullCSharpName, values.Size, values.Size, isList, false, null);
        }

        // A list of structures that vary in size has no places for its elements.
        return declaration.Syntax is StructSyntax && types.Structure(declaration) is { } structure && !(isList && structure.IsVarying)
            ? new TargetModel(TypeKind.Structure, declaration.FullCSharpName, structure.Narrow.Size, structure.Wide.Size, isList, structure.IsWord, null)
            : null;
    }

    private static TargetModel? Primitive(PointeeModel pointee, PrimitiveType primitive, bool isList, bool isCounted)
    {
        bool isText = primitive.Kind is TypeKind.Text or TypeKind.Bytes || pointee.Type == "u8";
        if (primitive.IsDigits || primitive.Form != NumberForm.Plain || primitive.Kind == TypeKind.Pad)
            return null;
        if (isList && !isCounted)
            return primitive.Kind == TypeKind.Text ? new TargetModel(TypeKind.Text, "byte", 1, 1, false, false, null) : null;
        if (isText)
            return isList ? new TargetModel(TypeKind.Bytes, "byte", 1, 1, true, false, null) : null;
        int narrow = primitive.Size == 0 ? 4 : primitive.Size;
        int wide = primitive.Size == 0 ? 8 : primitive.Size;
        return new TargetModel(primitive.Kind, primitive.CSharpType, narrow, wide, isList, primitive.Size == 0, primitive.IsBigEndian);
    }
}
