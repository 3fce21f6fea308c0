using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes the example in the documentation of each type that is no part of another one: few lines, which run as they stand.</summary>
internal static class ExampleEmitter
{
    /// <summary>A structure that is made, and read back.</summary>
    public static void OfStructure(IndentedWriter writer, StructShape shape)
    {
        string type = shape.Model.CSharpName;
        string size = shape.IsWord ? "Size64" : "Size";
        string word = shape.IsWord ? ", WordSize.Bits64" : "";
        if (shape.Model.IsVarying)
        {
            CSharpText.Example(
                writer,
                [
                    $"byte[] bytes = new byte[{type}.Layout.{size}];",
                    $"bool isWhole = {type}.TryParse(bytes{word}, out {type} view, out ParseError error);",
                    "Console.WriteLine(isWhole ? $\"{view.AsSpan().Length} bytes\" : error.ToString());",
                ]);
            return;
        }

        string made = $"{type}.Create(bytes{word})";
        string read = $"{type}.Parse(bytes{word})";
        string[] use = shape.Fields.FirstOrDefault(field => IsPlain(shape, field)) is { } number
            ? [$"{made}.{number.CSharpName} = 1;", $"Console.WriteLine({read}.{number.CSharpName});"]
            : [$"{made};", $"Console.WriteLine({read}.AsSpan().Length);"];
        CSharpText.Example(writer, [$"byte[] bytes = new byte[{type}.Layout.{size}];", .. use]);
    }

    /// <summary>Bytes of which a number says what they are.</summary>
    public static void OfChoice(IndentedWriter writer, ChoiceModel model)
    {
        string word = model.IsWord ? ", WordSize.Bits64" : "";
        string[] use = model.Alternatives.FirstOrDefault(row => row.Kind == TypeKind.Structure) is { } row
            ?
            [
                $"if (chosen.TryGet{row.CSharpName}(out var value, out ParseError error))",
                "    Console.WriteLine(value.AsSpan().Length);",
                "else if (error.IsError)",
                "    Console.WriteLine(error);",
            ]
            : ["Console.WriteLine(chosen.AsSpan().Length);"];
        CSharpText.Example(writer, [$"var chosen = new {model.CSharpName}(bytes, {Tag(model)}{word});", "Console.WriteLine(chosen.Kind);", .. use]);
    }

    /// <summary>What some number chooses.</summary>
    public static void OfChoiceKind(IndentedWriter writer, ChoiceModel model)
    {
        string word = model.IsWord ? ", WordSize.Bits64" : "";
        string kind = model.Alternatives.Count == 0 ? "Unknown" : model.Alternatives[0].CSharpName;
        CSharpText.Example(
            writer,
            [
                $"var chosen = new {model.CSharpName}(bytes, {Tag(model)}{word});",
                $"Console.WriteLine(chosen.Kind == {model.CSharpName}Kind.{kind});",
            ]);
    }

    private static string Tag(ChoiceModel model) => CSharpText.Hex(model.Alternatives.Count == 0 ? 0 : model.Alternatives[0].First);

    /// <summary>A set of flags, or a value of an enumeration.</summary>
    public static void OfEnumeration(IndentedWriter writer, EnumModel model)
    {
        string type = model.CSharpName;

        // One without rows is refused, and made all the same, so that what uses it compiles.
        string first = model.Rows.Count == 0 ? "default" : $"{type}.{model.Rows[0].CSharpName}";
        string last = model.Rows.Count == 0 ? first : $"{type}.{model.Rows[model.Rows.Count - 1].CSharpName}";
        string[] lines = model.IsFlags
            ? [$"{type} flags = {(first == last ? first : $"{first} | {last}")};", $"Console.WriteLine(flags.HasFlag({first}));"]
            : [$"{type} value = {first};", $"Console.WriteLine($\"{{value}} is stored as 0x{{value:x}}\");"];
        CSharpText.Example(writer, lines);
    }

    /// <summary>A constant that is shown.</summary>
    public static void OfConstants(IndentedWriter writer, EnumModel model)
    {
        string name = model.CSharpName;
        string shown = model.Rows.Count == 0 ? $"{name}Layout.Info.Doc" : $"$\"0x{{{name}.{model.Rows[0].CSharpName}:x}}\"";
        CSharpText.Example(writer, [$"Console.WriteLine({shown});"]);
    }

    /// <summary>A field of several bits that is written and read.</summary>
    public static void OfBitFields(IndentedWriter writer, EnumModel model)
    {
        EnumRowModel field = model.Rows.First(row => row.IsBitField);
        CSharpText.Example(
            writer,
            [
                $"{model.CSharpName} flags = default({model.CSharpName}).With{field.CSharpName}({(field.FieldTypeText.Length == 0 ? "1" : "default")});",
                $"Console.WriteLine(flags.Get{field.CSharpName}());",
            ]);
    }

    /// <summary>All values of flags or of an enumeration, listed.</summary>
    public static void OfEnumerationLayout(IndentedWriter writer, EnumModel model) => CSharpText.Example(
        writer,
        [$"foreach (var row in {model.CSharpName}Layout.Info.Enumerators)", "    Console.WriteLine($\"0x{row.Value:x} {row.Name}: {row.Doc}\");"]);

    /// <summary>A note of a kernel that is read.</summary>
    public static void OfNotes(IndentedWriter writer, NotesModel model)
    {
        NoteRowModel? value = model.Rows.FirstOrDefault(row => row.Kind is NoteKind.Text or NoteKind.Number);
        CSharpText.Example(
            writer,
            [
                $"var notes = new {model.CSharpName}(kernel.Notes);",
                value is null ? $"Console.WriteLine({model.CSharpName}.Layout.Owner);" : $"Console.WriteLine(notes.{value.CSharpName});",
            ]);
    }

    /// <summary>All structures of a compilation, listed.</summary>
    public static void OfCatalog(IndentedWriter writer) => CSharpText.Example(
        writer,
        ["foreach (var structure in SpecCatalog.Structures)", "    Console.WriteLine($\"{structure.Protocol} {structure.Name}\");"]);

    /// <summary>Whether a field of the newest version, in the 64-bit variant where there are two, takes any number.</summary>
    private static bool IsPlain(StructShape shape, FieldModel field) =>
        field is { Type: { Kind: TypeKind.Unsigned or TypeKind.Signed, IsArray: false }, Constant: null, Wide: not null, Gate: null or { Highest: null } }
        && field.Name != shape.Model.Gate?.Field
        && field.Name != shape.Model.LengthField;
}
