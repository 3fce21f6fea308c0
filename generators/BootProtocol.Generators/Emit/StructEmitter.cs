using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes the file of a structure: its view, its writers and its layout.</summary>
internal static class StructEmitter
{
    /// <summary>The whole text of the file.</summary>
    public static string Emit(StructModel model)
    {
        var shape = new StructShape(model);
        var writer = new IndentedWriter();
        FileFrame.Open(writer, model.Namespace);

        CSharpText.Doc(writer, model.Doc, $"The structure {model.Name}.", Remarks(model));
        ExampleEmitter.OfStructure(writer, shape);
        string view = model.IsVarying ? KnownNames.VaryingView : KnownNames.View;
        FileFrame.OpenType(writer, $"public readonly ref partial struct {model.CSharpName} : {view}<{model.CSharpName}>");
        ViewEmitter.Emit(writer, shape);
        CreationEmitter.Emit(writer, shape);
        WriterEmitter.Emit(writer, shape, isAuthor: false);
        if (model.HasAuthor)
            WriterEmitter.Emit(writer, shape, isAuthor: true);
        if (model.IsVarying)
            BuilderEmitter.Emit(writer, shape);
        LayoutEmitter.Emit(writer, shape);
        writer.Close();
        return writer.ToString();
    }

    private static string Remarks(StructModel model)
    {
        string varying = model.IsVarying ? ", and what follows them" : "";
        string size = model.IsWord
            ? $"{model.Narrow.Size} bytes in its 32-bit variant, {model.Wide.Size} in its 64-bit one"
            : $"{model.Wide.Size} bytes";
        string order = model.IsBigEndian ? "big-endian" : "little-endian";
        string versions = model.Gate is { } gate
            ? $" Versions {VersionText.Of(gate.Lowest, gate.IsDotted)} to {VersionText.Of(gate.Highest, gate.IsDotted)},"
                + $" by <c>{CSharpText.Escape(gate.Field)}</c>."
            : "";
        return $"<c>{CSharpText.Escape(model.Name)}</c> of <c>{CSharpText.Escape(model.Protocol)}</c>: {size}{varying}, {order}.{versions}";
    }
}
