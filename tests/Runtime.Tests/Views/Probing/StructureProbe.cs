using System.Collections.Immutable;
using System.Reflection;
using BootProtocol.Specs;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Everything that the generated type of one structure can do, to be called with any bytes.</summary>
internal abstract class StructureProbe
{
    /// <summary>All structures of the library, and those of the tests' own specs.</summary>
    public static ImmutableArray<StructureProbe> All { get; } =
    [
        .. new[] { typeof(WordSize).Assembly, typeof(StructureProbe).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsByRefLike && type.GetInterfaces().Any(IsView))
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .Select(type => typeof(StructureProbe<>).MakeGenericType(type).GetProperty(nameof(StructureProbe<>.Instance))!.GetValue(null)!)
            .Cast<StructureProbe>(),
    ];

    /// <summary>All structures with all their variants: the type's name and the word size.</summary>
    public static TheoryData<string, WordSize> Cases
    {
        get
        {
            var cases = new TheoryData<string, WordSize>();
            foreach (StructureProbe probe in All)
            {
                foreach (SpecVariant variant in probe.Info.Variants)
                    cases.Add(probe.Type.FullName!, variant.Bits == 32 ? WordSize.Bits32 : WordSize.Bits64);
            }

            return cases;
        }
    }

    public abstract Type Type { get; }

    public abstract SpecStructure Info { get; }

    /// <summary>The writers of the structure: <c>Writer</c>, and <c>Author</c> if it has one.</summary>
    public abstract IEnumerable<WriterProbe> Writers { get; }

    public static StructureProbe Find(string name) => All.Single(probe => probe.Type.FullName == name);

    /// <summary>Parses, and reads every property.</summary>
    /// <returns>The properties as text, as <see cref="Oracle.Describe"/> writes them; null if the bytes are no such structure.</returns>
    public abstract string? Describe(ReadOnlySpan<byte> bytes, WordSize word, out ParseError error);

    /// <summary>The C# names of the fields, by their own names.</summary>
    public static ImmutableDictionary<string, string> CSharpNames(Type type, SpecStructure info)
    {
        Type layout = type.GetNestedType("Layout")!;
        var names = ImmutableDictionary.CreateBuilder<string, string>();
        foreach (SpecVariant variant in info.Variants)
        {
            // Constants stand in the order of rows, and fields in that of places; both orders keep the rows of a union.
            var constants = layout.GetNestedType(variant.Bits == 0 ? "Offset" : $"Offset{variant.Bits}")!
                .GetFields(BindingFlags.Public | BindingFlags.Static)
                .OrderBy(field => field.MetadataToken)
                .Select(field => (Name: PropertyName(field), Offset: (int)field.GetRawConstantValue()!))
                .OrderBy(constant => constant.Offset)
                .ToList();
            List<SpecField> fields = [.. Oracle.Named(variant)];
            Assert.Equal(fields.Select(field => info.BaseOffset + field.Offset), constants.Select(constant => constant.Offset));
            foreach ((SpecField field, string name) in fields.Zip(constants.Select(constant => constant.Name)))
            {
                Assert.Equal(name, names.GetValueOrDefault(field.Name, name));
                names[field.Name] = name;
            }
        }

        return names.ToImmutable();
    }

    private static bool IsView(Type face) => face.IsConstructedGenericType && face.GetGenericTypeDefinition() == typeof(IView<>);

    // A constant cannot have the name of the class that it is in.
    private static string PropertyName(FieldInfo constant) =>
        constant.Name == constant.DeclaringType!.Name + "Field" ? constant.DeclaringType.Name : constant.Name;
}
