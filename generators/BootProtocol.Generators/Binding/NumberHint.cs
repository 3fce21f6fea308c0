using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Binding;

/// <summary>Says why a field that is there cannot be the number that another part of the spec refers to.</summary>
internal static class NumberHint
{
    /// <summary>A clause for the end of a message.</summary>
    public static string Of(FieldModel field) => field switch
    {
        { Type.IsArray: true } => "; it is an array",
        { Type.Kind: TypeKind.Signed } => "; it has a sign",
        { Type.Kind: TypeKind.Unsigned or TypeKind.Version or TypeKind.Enumeration or TypeKind.Flags } => "; it is not always there",
        _ => $"; its type is {field.Type.Text}",
    };
}
