using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes the file of the ELF notes of one owner.</summary>
internal static class NotesEmitter
{
    /// <summary>The whole text of the file.</summary>
    public static string Emit(NotesModel model)
    {
        var writer = new IndentedWriter();
        FileFrame.Open(writer, model.Namespace);
        CSharpText.Doc(
            writer,
            model.Doc,
            $"The notes {model.Name}.",
            $"<c>{CSharpText.Escape(model.Name)}</c> of <c>{CSharpText.Escape(model.Protocol)}</c>,"
                + $" owner \"{CSharpText.Escape(model.Owner)}\".");
        ExampleEmitter.OfNotes(writer, model);
        FileFrame.OpenType(writer, $"public readonly partial struct {model.CSharpName}");
        writer.Line($"private readonly {KnownNames.NoteSource}? _source;");
        writer.Gap();
        CSharpText.Summary(writer, "Reads notes from a source, each when it is asked for.");
        writer.Line("/// <param name=\"source\">Where the notes come from.</param>");
        writer.Line($"public {model.CSharpName}({KnownNames.NoteSource} source) => _source = source;");
        writer.Gap();
        var rows = new NoteRowEmitter(writer, model);
        foreach (NoteRowModel row in model.Rows)
            rows.Emit(row);
        Numbers(writer, model);
        Layout(writer, model, rows);
        writer.Close();
        return writer.ToString();
    }

    private static void Numbers(IndentedWriter writer, NotesModel model)
    {
        CSharpText.Summary(writer, "The type numbers of the notes.");
        writer.Open("public static class Number");
        foreach (NoteRowModel row in model.Rows)
        {
            CSharpText.Doc(writer, row.Doc, $"The note {row.Name}.");
            writer.Line($"public const uint {row.CSharpName} = {CSharpText.Hex((ulong)row.Type)}u;");
            writer.Gap();
        }

        writer.CloseMember();
    }

    private static void Layout(IndentedWriter writer, NotesModel model, NoteRowEmitter rows)
    {
        CSharpText.Summary(writer, "The notes as data.");
        writer.Open("public static class Layout");
        CSharpText.Summary(writer, "The owner's name, without its NUL.");
        writer.Line($"public const string Owner = {CSharpText.Quote(model.Owner)};");
        writer.Gap();
        TableFrame.Open(writer, KnownNames.Specs + ".SpecNotes", "All known notes; made when they are asked for.");
        writer.Line($"Name = {CSharpText.Quote(model.Name)},");
        writer.Line($"Protocol = {CSharpText.Quote(model.Protocol)},");
        writer.Line($"Doc = {CSharpText.Quote(model.Doc)},");
        writer.Line($"Owner = {CSharpText.Quote(model.Owner)},");
        TableFrame.OpenList(writer, "Notes", KnownNames.Specs + ".SpecNote");
        foreach (NoteRowModel row in model.Rows)
            writer.Line(rows.TableRow(row));
        TableFrame.CloseList(writer);
        TableFrame.Close(writer);
        writer.CloseMember();
    }
}
