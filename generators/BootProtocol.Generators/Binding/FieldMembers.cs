using System.Collections.Generic;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>The members that a field of a structure becomes.</summary>
internal static class FieldMembers
{
    /// <summary>The names of the members, each with the generated type that has it.</summary>
    public static IEnumerable<(MemberOwner Owner, string Name)> Of(FieldModel field, StructHead head)
    {
        string name = field.CSharpName;
        yield return (MemberOwner.View, name);
        bool isHandedOut = field.Type.IsArray || field.Type.Kind == TypeKind.Structure;
        bool hasAnEnd = head.Ends is not null || head.LengthField is not null;
        bool canBeAbsent = field.Gate is not null || field.When is not null || field.Narrow is null || field.Wide is null || hasAnEnd;
        if (isHandedOut && canBeAbsent)
            yield return (MemberOwner.View, $"TryGet{name}");
        if (field.Pointee is not null)
            yield return (MemberOwner.View, $"TryFollow{name}");
        if (field.Constant is null)
            yield return (MemberOwner.Writer, WriterName(field));
        bool isOfClass = head.IsWord ? name is "Offset32" or "Offset64" : name == "Offset";
        yield return (MemberOwner.Offsets, isOfClass ? $"{name}Field" : name);
    }

    /// <summary>The same of a row behind the fixed part.</summary>
    public static IEnumerable<(MemberOwner Owner, string Name)> Of(TailModel model)
    {
        yield return (MemberOwner.View, model.Field.CSharpName);
        if (model.Condition is not null && (model.Field.Type.IsArray || model.Field.Type.Kind is TypeKind.Structure or TypeKind.Choice))
            yield return (MemberOwner.View, $"TryGet{model.Field.CSharpName}");
    }

    /// <summary>The same of a computed number.</summary>
    public static IEnumerable<(MemberOwner Owner, string Name)> Of(LetModel model)
    {
        yield return (MemberOwner.View, model.CSharpName);
        if (!model.IsSafe)
            yield return (MemberOwner.View, $"TryGet{model.CSharpName}");
    }

    private static string WriterName(FieldModel field) => field.Type.Kind switch
    {
        TypeKind.Structure => field.Type.IsArray ? $"Get{field.CSharpName}" : field.CSharpName,
        TypeKind.Bytes when field.Type.IsArray => $"Get{field.CSharpName}",
        TypeKind.Text => $"Set{field.CSharpName}",
        _ => field.Type.IsArray ? $"Set{field.CSharpName}" : field.CSharpName,
    };
}

/// <summary>A generated type that has members for the fields of a structure.</summary>
internal enum MemberOwner
{
    /// <summary>The structure's own type.</summary>
    View,

    /// <summary>Its writers.</summary>
    Writer,

    /// <summary>The offsets in its layout.</summary>
    Offsets,
}
