using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Rules for the value of a field, as expressions.</summary>
internal static class RuleText
{
    /// <summary>An expression that is true where a field breaks a rule.</summary>
    public static string Breaks(StructShape shape, FieldModel field, RuleModel rule, Scope scope)
    {
        if (rule.Kind == RuleKind.Zero && field.Type.Kind is TypeKind.Text or TypeKind.Bytes or TypeKind.Pad)
            return $"global::System.MemoryExtensions.ContainsAnyExcept({shape.Place(field, scope)}, (byte)0)";
        string number = new NumberAccess(shape, scope).Raw(field, forceUnsigned: true);
        string first = rule.Values.Count > 0 ? CSharpText.Hex(rule.Values[0]) : "0";
        return rule.Kind switch
        {
            RuleKind.Range => $"(ulong){number} is not (>= {first}UL and <= {CSharpText.Hex(rule.Values[1])}UL)",
            RuleKind.OneOf when rule.Values.Count == 0 => "true",
            RuleKind.OneOf => $"(ulong){number} is not ({string.Join(" or ", rule.Values.Distinct().Select(value => CSharpText.Hex(value) + "UL"))})",
            RuleKind.Multiple => $"(ulong){number} % {first}UL != 0",
            RuleKind.Bits => $"((ulong){number} & ~{first}UL) != 0",
            _ => $"{number} != 0",
        };
    }
}
