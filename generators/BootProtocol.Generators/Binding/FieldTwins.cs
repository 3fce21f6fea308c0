using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Binding;

/// <summary>Compares two rows of one name, of which the 32-bit variant has one and the 64-bit variant the other.</summary>
internal static class FieldTwins
{
    /// <summary>What one property cannot say of both of its rows; null if they differ in places and sizes alone.</summary>
    public static string? Difference(FieldModel first, FieldModel second)
        => first.Constant != second.Constant ? "their constants"
            : first.Gate != second.Gate ? "their gates"
            : first.Access != second.Access ? "their access words"
            : first.Else != second.Else ? "'else'"
            : first.Zero != second.Zero ? "'zero'"
            : first.Pointee != second.Pointee ? "'->'"
            : first.When != second.When ? "'when'"
            : !first.Rules.Equals(second.Rules) || first.Checksum != second.Checksum ? "their rules"
            : null;

    /// <summary>Two variants may store one value in numbers, or arrays, of different sizes: one property serves both.</summary>
    public static bool IsSameButForSize(TypeModel first, TypeModel second)
        => first with { Text = "", CSharpType = "" } == second with { Text = "", CSharpType = "" }
            && (first.CSharpType == second.CSharpType || first.Kind is TypeKind.Unsigned or TypeKind.Signed or TypeKind.Address);
}
