using System.Globalization;
using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Constants as expressions: in numbers, in fields of bytes, and in messages.</summary>
internal static class ConstantText
{
    /// <summary>The constant of a field of text or bytes, which is a text, as an array.</summary>
    public static string Bytes(ConstantModel constant) => CSharpText.ByteArray(constant.Text!);

    /// <summary>An expression that is true where a field does not hold its constant.</summary>
    public static string Differs(StructShape shape, FieldModel field, ConstantModel constant, Scope scope) =>
        field.Type.Kind is TypeKind.Text or TypeKind.Bytes
            ? $"!global::System.MemoryExtensions.SequenceEqual({shape.Place(field, scope)}, {Bytes(constant)})"
            : $"{new NumberAccess(shape, scope).Raw(field, forceUnsigned: true)} != {CSharpText.Hex(constant.Number)}";

    /// <summary>The constant as an error message names it.</summary>
    public static string Expected(ConstantModel constant)
    {
        if (constant.Text is not { } text)
            return CSharpText.Hex(constant.Number);
        if (text.All(c => c is >= ' ' and <= '~'))
            return $"\"{text}\"";
        if (!constant.IsLong)
            return CSharpText.Hex(constant.Number);
        return $"bytes {string.Concat(text.Select(c => ((int)c).ToString("x2", CultureInfo.InvariantCulture)))}";
    }
}
