using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>Finds out what the type of a structure's row is, and how large.</summary>
internal sealed class TypeResolver(TypeTable types, Declaration owner, StructHead head)
{
    /// <summary>The largest row: no boot structure comes near it, and sums of such sizes cannot overflow.</summary>
    private const long LargestRow = 1 << 24;

    /// <summary>The most digits of a number of 64 bits.</summary>
    private const int MostDigits = 16;

    private static readonly string TooDeep = $"at most {TypeTable.MostNested} structures stand inside of each other";

    /// <summary>Whether the size of a row depends on what is stored.</summary>
    public bool IsVarying(StructRow row) => row.When is not null || IsVaryingWithoutWhen(row);

    /// <summary>The same of a row that is always there.</summary>
    private bool IsVaryingWithoutWhen(StructRow row) =>
        row.Type.IsUncounted || row.Bytes is not null || row.Type.Name.Value == "leb128" || IsChoice(row)
        || VaryingElement(row) is not null;

    /// <summary>Whether <c>when</c> is all that makes a row vary, and it says which of the rows that share a place is meant.</summary>
    public bool IsMemberOfUnion(List<StructRow?> rows, StructRow row)
    {
        if (row.When is null || IsVaryingWithoutWhen(row))
            return false;
        // A broken row below may be a member, too.
        int below = rows.IndexOf(row) + 1;
        while (below < rows.Count && rows[below] is null)
            below++;
        return row.Position.Kind == PositionKind.Same || (below < rows.Count && rows[below]!.Position.Kind == PositionKind.Same);
    }

    /// <summary>Whether a row is what a number chooses.</summary>
    public bool IsChoice(StructRow row) => types.Find(row.Type.Name.Value) is { Syntax: ChoiceSyntax };

    /// <summary>The structure of varying size that a row holds; null if it holds none.</summary>
    public StructModel? VaryingElement(StructRow row) =>
        types.Find(row.Type.Name.Value) is { Syntax: StructSyntax, IsInProgress: false } declaration
            && types.Structure(declaration) is { IsVarying: true } structure
            ? structure
            : null;

    /// <summary>Finds out what one element is, of a row with a number of them that is not fixed.</summary>
    public ResolvedType? ResolveElement(StructRow row)
    {
        if (row.Type.Inner.Count > 0)
            return Nested(row, 1);
        if (row.Type.Name.Value == "hex")
            return Resolve(row);
        bool isUnitless = row.Type.Name.Value is "char" or "bytes" or "uint";
        Located<ulong>? size = isUnitless ? new Located<ulong>(1, row.Type.Range) : null;
        TypeSyntax one = row.Type with { Count = size, CountField = null, HasBrackets = isUnitless, IsOpen = false };
        return Resolve(row with { Type = one }) is { } resolved
            ? resolved with { Model = resolved.Model with { Text = row.Type.Text, IsArray = !isUnitless && row.Type.HasBrackets } }
            : null;
    }

    public ResolvedType? Resolve(StructRow row)
    {
        TypeSyntax type = row.Type;
        long count = (long)System.Math.Min(type.Count?.Value ?? 1, (ulong)LargestRow + 1);
        if (type.Inner.Count > 0)
            return Nested(row, count);
        ResolvedType? resolved = PrimitiveType.All.TryGetValue(type.Name.Value, out PrimitiveType? primitive)
            ? Primitive(row, primitive, count)
            : Named(row, count);
        if (resolved is null || type.PadTo is not null || resolved.Model.Kind == TypeKind.Choice || VaryingElement(row) is not null)
            return resolved;
        if (resolved.Wide.Size is >= 1 and <= LargestRow && resolved.Narrow.Size >= 1 && !(type.HasBrackets && type.Count is null))
            return resolved;
        string bytes = type.Count is { } many ? $"{many.Value * (BigInteger)(resolved.Wide.Size / System.Math.Max(count, 1))}" : "an unknown number of";
        owner.Problems.Add(SpecDescriptors.BadCount, type.Range, type.Text, Label(row), bytes, $"{LargestRow}");
        return null;
    }

    /// <summary>What a message calls a row: a pad has no name, and goes by its structure's.</summary>
    private string Label(StructRow row) => row.Name.Value.Length > 0 ? row.Name.Value : owner.Name;

    /// <summary>An array of arrays of fixed sizes: what is in the innermost of them, as often as there are such.</summary>
    private ResolvedType? Nested(StructRow row, long count)
    {
        TypeSyntax type = row.Type;
        if (type.Name.Value is "pad" or "hex" or "uint" or "leb128" || IsChoice(row) || VaryingElement(row) is not null)
        {
            string name = row.Name.Value.Length > 0 ? row.Name.Value : type.Text;
            const string Reason = "only numbers, texts, bytes and structures of one size are in arrays of arrays";
            owner.Problems.Add(SpecDescriptors.Misplaced, type.Range, name, type.Text, Reason);
            return null;
        }

        BigInteger values = type.Inner.Aggregate(BigInteger.One, (product, length) => product * length);
        TypeSyntax element = type with { Count = new Located<ulong>(1, type.Range), CountField = null, IsOpen = false, Inner = new([]) };
        if (Resolve(row with { Type = element }) is not { } one)
            return null;
        BigInteger bytes = (type.Count?.Value ?? 1) * values * one.Wide.Size;
        if (bytes < 1 || bytes > LargestRow)
        {
            owner.Problems.Add(SpecDescriptors.BadCount, type.Range, type.Text, row.Name.Value, $"{bytes}", $"{LargestRow}");
            return null;
        }

        long inner = (long)values;

        TypeModel model = one.Model with
        {
            Text = type.Text,
            IsArray = true,
            CountField = type.CountField?.Value,
            Inner = new EquatableArray<int>(type.Inner.Select(length => (int)length)),
        };
        return new ResolvedType(model, Of(one.Narrow), Of(one.Wide));

        Measure Of(Measure measure) => new((int)(measure.Size * inner), measure.Alignment, measure.Size * inner * count);
    }

    private ResolvedType? Primitive(StructRow row, PrimitiveType primitive, long count)
    {
        bool isWord = primitive.Size == 0;
        if (isWord && !head.IsWord)
        {
            string name = row.Type.Name.Value;
            string instead = PrimitiveType.All.ContainsKey(name + "64") ? $", or write {name}32 or {name}64" : "";
            owner.Problems.Add(SpecDescriptors.WordOutsideVariants, row.Type.Name.Range, name, owner.Name, instead);
            return null;
        }

        if (primitive.IsDigits)
            return Digits(row, primitive);
        if (primitive.Form != NumberForm.Plain)
            return Unplain(row, primitive);
        bool isArray = row.Type.HasBrackets && primitive.Kind is not (TypeKind.Pad or TypeKind.Text or TypeKind.Bytes);
        bool isVersion = IsDottedVersion(row) && primitive is { Kind: TypeKind.Unsigned, Size: 2 } && !isArray;
        TypeKind kind = isVersion ? TypeKind.Version : primitive.Kind;
        string csharpType = isVersion ? "global::BootProtocol.ProtocolVersion" : primitive.CSharpType;
        var model = new TypeModel(kind, row.Type.Text, csharpType, isArray, row.Type.CountField?.Value, isWord, "") { IsBigEndian = primitive.IsBigEndian };
        (Measure narrow, Measure wide) = ResolvedType.OfNumber(primitive.Size, count);
        return new ResolvedType(model, narrow, wide);
    }

    /// <summary>A choice is bytes, as many as there is room for.</summary>
    private ResolvedType? Choice(StructRow row, Declaration declaration, ChoiceSyntax choice)
    {
        if (!declaration.IsGenerated)
            return null;
        if (ChoiceBinder.IsWord(types, choice) && !head.IsWord)
        {
            owner.Problems.Add(SpecDescriptors.WordOutsideVariants, row.Type.Name.Range, row.Type.Name.Value, owner.Name, "");
            return null;
        }

        if (row.Sized is not null && ChoiceBinder.Recursion(types, choice) is { } inner)
        {
            owner.Problems.Add(SpecDescriptors.Recursion, row.Type.Name.Range, inner, row.Name.Value);
            return null;
        }

        string tag = ChoiceBinder.Tag(types, choice).CSharpType;
        var model = new TypeModel(TypeKind.Choice, row.Type.Text, declaration.FullCSharpName, false, null, ChoiceBinder.IsWord(types, choice), tag);
        return new ResolvedType(model, new Measure(1, 1, 1), new Measure(1, 1, 1));
    }

    /// <summary>A number that is stored as digits has no alignment, and as many bytes as digits.</summary>
    private ResolvedType? Digits(StructRow row, PrimitiveType primitive)
    {
        if (row.Type is { Count: { Value: >= 1 and <= MostDigits } count, CountField: null })
        {
            int digits = (int)count.Value;
            var model = new TypeModel(TypeKind.Unsigned, row.Type.Text, primitive.CSharpType, false, null, false, "") { Digits = digits };
            return new ResolvedType(model, new Measure(digits, 1, digits), new Measure(digits, 1, digits));
        }

        string bytes = row.Type is { Count: { } many, CountField: null } ? $"{many.Value}" : "an unknown number of";
        owner.Problems.Add(SpecDescriptors.BadCount, row.Type.Range, row.Type.Text, row.Name.Value, bytes, $"{MostDigits}");
        return null;
    }

    /// <summary>A number of as many bytes as its type says, or as are stored, has no alignment.</summary>
    private ResolvedType? Unplain(StructRow row, PrimitiveType primitive)
    {
        if (primitive.Form == NumberForm.Leb128 || row.Type is { Count: { Value: >= 1 and <= sizeof(ulong) }, CountField: null })
        {
            int size = (int)(row.Type.Count?.Value ?? 1);
            var model = new TypeModel(TypeKind.Unsigned, row.Type.Text, primitive.CSharpType, false, null, false, "") { Form = primitive.Form };
            return new ResolvedType(model, new Measure(size, 1, size), new Measure(size, 1, size));
        }

        string bytes = row.Type is { Count: { } many, CountField: null } ? $"{many.Value}" : "an unknown number of";
        owner.Problems.Add(SpecDescriptors.BadCount, row.Type.Range, row.Type.Text, row.Name.Value, bytes, "8");
        return null;
    }

    private bool IsDottedVersion(StructRow row)
        => head.GateField?.Value == row.Name.Value && owner.Versions is { IsDotted: true };

    private ResolvedType? Named(StructRow row, long count)
    {
        TypeSyntax type = row.Type;
        if (types.Find(type.Name.Value) is not { IsType: true } declaration)
        {
            owner.Problems.AddNear(SpecDescriptors.UnknownType, type.Name.Range, NearName.Find(type.Name.Value, types.Names), type.Name.Value, "");
            return null;
        }

        if (types.Enumeration(declaration) is { } enumeration)
        {
            TypeKind kind = enumeration.IsFlags ? TypeKind.Flags : TypeKind.Enumeration;
            (Measure narrowNumber, Measure wideNumber) = ResolvedType.OfNumber(enumeration.Size, count);
            return new ResolvedType(Model(kind, enumeration.UnderlyingType), narrowNumber, wideNumber);
        }

        if (declaration.Syntax is ChoiceSyntax choice)
            return Choice(row, declaration, choice);

        bool containsItself = declaration.IsInProgress;
        bool isTooDeep = types.IsTooDeep(declaration);
        if (types.Structure(declaration) is not { } structure)
        {
            if (containsItself)
                owner.Problems.Add(SpecDescriptors.Recursion, type.Name.Range, declaration.Name, row.Name.Value);
            else if (isTooDeep)
                owner.Problems.Add(SpecDescriptors.Misplaced, type.Range, row.Name.Value, type.Text, TooDeep);
            return null;
        }

        if (structure.IsWord && !head.IsWord)
        {
            owner.Problems.Add(SpecDescriptors.WordOutsideVariants, type.Name.Range, type.Name.Value, owner.Name, "");
            return null;
        }

        return new ResolvedType(Model(TypeKind.Structure, "") with { StructureHasAuthor = structure.HasAuthor }, Of(structure.Narrow), Of(structure.Wide));

        Measure Of(VariantModel variant) => new(variant.Size, variant.Alignment, variant.Size * count);

        TypeModel Model(TypeKind kind, string underlying)
            => new(kind, type.Text, declaration.FullCSharpName, type.HasBrackets, type.CountField?.Value, false, underlying);
    }
}
