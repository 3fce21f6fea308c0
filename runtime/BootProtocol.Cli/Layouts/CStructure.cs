using BootProtocol.Specs;

namespace BootProtocol.Cli.Layouts;

/// <summary>Writes one structure as C, with assertions behind it.</summary>
internal static class CStructure
{
    /// <summary>Writes the structure; one with two variants as the one of the machine that is compiled for.</summary>
    public static void Write(SpecStructure structure, TextWriter output)
    {
        output.Write($"\n/* {structure.Name}: {CName.Comment(structure.Doc)} */\n");
        if (structure.IsBigEndian)
            output.Write("/* Numbers are stored most significant byte first. */\n");
        if (structure.Variants.Length == 1)
        {
            WriteVariant(structure, structure.Variants[0], output);
            return;
        }

        output.Write("#if __SIZEOF_POINTER__ == 4\n");
        WriteVariant(structure, structure.Variants[0], output);
        output.Write("#else\n");
        WriteVariant(structure, structure.Variants[1], output);
        output.Write("#endif\n");
    }

    private static void WriteVariant(SpecStructure structure, SpecVariant variant, TextWriter output)
    {
        bool isVarying = !variant.Tail.IsEmpty;
        bool isPacked = structure.IsPacked || isVarying;
        if (isVarying && variant.Fields.IsEmpty)
        {
            output.Write("/* It has no fixed part. */\n");
            WriteTail(variant, output);
            return;
        }

        output.Write($"struct {structure.Name} {{\n");
        int position = 0;
        bool hasOddUnion = false;
        foreach (SpecField[] place in Places(variant))
        {
            int start = place[0].Offset;
            int size = place.Max(field => field.Size);
            int alignment = isPacked ? 1 : place.Max(field => Alignment(field, variant));

            // A compiler rounds a union up to its alignment; one of another size must not be aligned at all.
            bool isOdd = place.Length > 1 && AlignUp(size, alignment) != size;
            alignment = isOdd ? 1 : alignment;
            hasOddUnion |= isOdd;
            if (AlignUp(position, alignment) != start)
                output.Write($"    uint8_t _gap_{position:x}[{start - position}];\n");
            if (place.Length == 1)
                output.Write(Declare(place[0], "    "));
            else
                WriteUnion(place, isOdd, output);
            position = start + size;
        }

        int whole = AlignUp(position, isPacked ? 1 : variant.Alignment);
        if (whole < variant.Size)
            output.Write($"    uint8_t _gap_{position:x}[{variant.Size - position}];\n");
        string attribute = isPacked ? " __attribute__((packed))"
            : hasOddUnion ? $" __attribute__((aligned({variant.Alignment})))"
            : "";
        output.Write($"}}{attribute};\n");

        output.Write($"BOOTPROTO_ASSERT(sizeof(struct {structure.Name}) == {variant.Size}, \"{structure.Name}: size\");\n");
        foreach (SpecField field in variant.Fields)
        {
            if (field.Name.Length > 0)
                output.Write($"BOOTPROTO_PLACE(struct {structure.Name}, {CName.Field(field.Name)}, {field.Offset}, {field.Size});\n");
        }

        WriteTail(variant, output);
    }

    /// <summary>Names what follows, which C cannot declare.</summary>
    private static void WriteTail(SpecVariant variant, TextWriter output)
    {
        foreach (SpecTail row in variant.Tail)
        {
            if (row.Field.Name.Length > 0)
                output.Write($"/* Then {row.Field.Type} {row.Field.Name}: {CName.Comment(row.Field.Doc)} */\n");
        }
    }

    /// <summary>The fields, those that share a place together.</summary>
    private static IEnumerable<SpecField[]> Places(SpecVariant variant)
    {
        var place = new List<SpecField>();
        foreach (SpecField field in variant.Fields)
        {
            if (place.Count > 0 && place[0].Offset != field.Offset)
            {
                yield return [.. place];
                place.Clear();
            }

            place.Add(field);
        }

        if (place.Count > 0)
            yield return [.. place];
    }

    private static void WriteUnion(SpecField[] place, bool isPacked, TextWriter output)
    {
        output.Write("    union {\n");
        foreach (SpecField field in place)
            output.Write(Declare(field, "        "));
        output.Write(isPacked ? "    } __attribute__((packed));\n" : "    };\n");
    }

    private static string Declare(SpecField field, string indent)
    {
        string name = field.Name.Length > 0 ? CName.Field(field.Name) : $"_pad_{field.Offset:x}";
        bool isOfBytes = field.IsDigits || IsSized(field) || field.Kind is SpecKind.Text or SpecKind.Bytes or SpecKind.Pad;
        string array = field.IsArray ? $"[{field.Size / field.ElementSize}]" : isOfBytes ? $"[{field.Size}]" : "";
        array += string.Concat(field.Inner.Select(static length => $"[{length}]"));
        string comment = field.Doc.Length > 0 ? $" /* {Remark(field)} */" : "";
        return $"{indent}{Type(field)} {name}{array};{comment}\n";
    }

    private static string Remark(SpecField field)
    {
        string order = field.IsBigEndian is { } isBig ? isBig ? "big-endian" : "little-endian" : "";
        string rules = string.Join(' ', new[] { order, field.Gate?.Text ?? "", field.Access }.Where(text => text.Length > 0));
        return CName.Comment(rules.Length > 0 ? $"{rules}: {field.Doc}" : field.Doc);
    }

    /// <summary>Whether a number has a size that no number of C has.</summary>
    private static bool IsSized(SpecField field) => field.Type.StartsWith("uint[", StringComparison.Ordinal);

    private static string Type(SpecField field) => field.Kind switch
    {
        SpecKind.Structure when field.Structure is { } nested => $"struct {nested().Name}",
        _ when field.IsDigits => "char",
        SpecKind.Text => "char",
        SpecKind.Bytes or SpecKind.Pad => "uint8_t",
        _ when IsSized(field) => "uint8_t",
        SpecKind.Signed => $"int{field.ValueSize * 8}_t",
        _ => $"uint{field.ValueSize * 8}_t",
    };

    private static int Alignment(SpecField field, SpecVariant variant) => field.Kind switch
    {
        SpecKind.Structure when field.Structure is { } nested =>
            nested().Variant(variant.Bits == 32 ? WordSize.Bits32 : WordSize.Bits64).Alignment,
        SpecKind.Text or SpecKind.Bytes or SpecKind.Pad => 1,
        _ when field.IsDigits || IsSized(field) => 1,
        _ => variant.Bits == 32 ? Math.Min(field.ValueSize, 4) : field.ValueSize,
    };

    private static int AlignUp(int position, int alignment) => (position + alignment - 1) / alignment * alignment;
}
