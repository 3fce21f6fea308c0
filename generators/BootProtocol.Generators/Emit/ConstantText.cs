using System.Globalization;
using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Constants as expressions: in numbers, in fields of bytes, and in messages.</summary>
internal static class ConstantText
{
    /// <summary>The constant of a field of text or bytes, as an array.</summary>
    public static string Bytes(StructShape shape, FieldModel field, ConstantModel constant)
    {
        if (constant.Text is { } text)
            return CSharpText.ByteArray(text);
        int size = (field.Wide ?? field.Narrow)!.Size;
        var bytes = Enumerable.Range(0, size)
            .Select(i => shape.Model.IsBigEndian ? size - 1 - i : i)
            .Select(i => i < 8 ? (constant.Number >> (8 * i)) & 0xff : 0);
        return $"new byte[] {{ {string.Join(", ", bytes.Select(CSharpText.Hex))} }}";
    }

    /// <summary>An expression that is true where a field does not hold its constant.</summary>
    public static string Differs(StructShape shape, FieldModel field, ConstantModel constant, Scope scope) =>
        field.Type.Kind is TypeKind.Text or TypeKind.Bytes
            ? $"!global::System.MemoryExtensions.SequenceEqual({shape.Place(field, scope)}, {Bytes(shape, field, constant)})"
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
