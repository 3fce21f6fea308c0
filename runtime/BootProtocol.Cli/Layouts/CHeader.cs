using BootProtocol.Specs;

namespace BootProtocol.Cli.Layouts;

/// <summary>Writes a C header of structures. It includes nothing, and checks every size and offset while it compiles.</summary>
internal static class CHeader
{
    private const string Preamble =
        """
        #if !defined(__GNUC__)
        #error "the types and assertions here need gcc or clang"
        #endif

        typedef __UINT8_TYPE__ uint8_t;
        typedef __UINT16_TYPE__ uint16_t;
        typedef __UINT32_TYPE__ uint32_t;
        typedef __UINT64_TYPE__ uint64_t;
        typedef __INT8_TYPE__ int8_t;
        typedef __INT16_TYPE__ int16_t;
        typedef __INT32_TYPE__ int32_t;
        typedef __INT64_TYPE__ int64_t;

        #ifndef BOOTPROTO_ASSERT
        #ifdef __cplusplus
        #define BOOTPROTO_ASSERT(condition, text) static_assert(condition, text)
        #else
        #define BOOTPROTO_ASSERT(condition, text) _Static_assert(condition, text)
        #endif
        #define BOOTPROTO_PLACE(type, field, offset, size) \
            BOOTPROTO_ASSERT(__builtin_offsetof(type, field) == (offset), #type "." #field ": offset"); \
            BOOTPROTO_ASSERT(sizeof(((type *)0)->field) == (size), #type "." #field ": size")
        #endif

        """;

    /// <summary>Writes the header: the structures, and all that they need before them.</summary>
    public static void Write(IReadOnlyList<SpecStructure> structures, TextWriter output)
    {
        string title = structures.Count == 1 ? structures[0].Name : "all";
        string guard = $"BOOTPROTO_{CName.Macro(title)}_H";
        output.Write($"/* Written by bootproto layout --c: {title}. */\n#ifndef {guard}\n#define {guard}\n\n");
        output.Write(Preamble.ReplaceLineEndings("\n"));

        var order = new List<SpecStructure>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (SpecStructure structure in structures)
            Order(structure, seen, order);

        var enumerations = new HashSet<string>(StringComparer.Ordinal);
        foreach (SpecStructure structure in order)
        {
            foreach (SpecField field in structure.Variants.SelectMany(variant => variant.Fields))
            {
                if (field.Enumeration is { } enumeration)
                    CEnumeration.Write(enumeration(), enumerations, output);
            }

            CStructure.Write(structure, output);
        }

        output.Write($"\n#endif /* {guard} */\n");
    }

    /// <summary>Puts nested structures before those that hold them.</summary>
    private static void Order(SpecStructure structure, HashSet<string> seen, List<SpecStructure> order)
    {
        if (!seen.Add(structure.Name))
            return;
        foreach (SpecField field in structure.Variants.SelectMany(variant => variant.Fields))
        {
            if (field.Structure is { } nested)
                Order(nested(), seen, order);
        }

        order.Add(structure);
    }
}
