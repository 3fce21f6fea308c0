using System;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Binding;

/// <summary>A row's type with its measures: for each word size the bytes and the alignment of one element, and the bytes of all.</summary>
internal sealed record ResolvedType(TypeModel Model, Measure Narrow, Measure Wide)
{
    /// <summary>Whether the row holds one number: only then can it have a constant, or stand for a count or a version.</summary>
    public bool IsNumber => !Model.IsArray && Model.Kind is not (TypeKind.Pad or TypeKind.Text or TypeKind.Bytes or TypeKind.Structure or TypeKind.Choice);

    /// <summary>The measures of a number: an 8-byte one is aligned to 4 on i386, to 8 on x86-64 (System V ABI of each).</summary>
    public static (Measure Narrow, Measure Wide) OfNumber(int size, long count)
    {
        int narrow = size == 0 ? 4 : size;
        int wide = size == 0 ? 8 : size;
        return (new Measure(narrow, Math.Min(narrow, 4), narrow * count), new Measure(wide, wide, wide * count));
    }
}

/// <summary>Bytes of one element, its alignment, and bytes of all elements.</summary>
internal readonly record struct Measure(int ElementSize, int Alignment, long Size);
