using System.Text;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes the property that reads a note, and its row in the table.</summary>
internal sealed class NoteRowEmitter(IndentedWriter writer, NotesModel model)
{
    private string BigEndian => CSharpText.Bool(model.IsBigEndian);

    public void Emit(NoteRowModel row)
    {
        CSharpText.Doc(writer, row.Doc, $"The note {row.Name}.", Remarks(row));
        switch (row.Kind)
        {
            case NoteKind.Text:
                Property(row, "string?", $"{Find(row)} ? {KnownNames.NoteReader}.Text(descriptor) : null");
                break;
            case NoteKind.Bytes:
                Property(row, KnownNames.ReadOnlyBytes, $"{Find(row)} ? descriptor : default");
                break;
            case NoteKind.Structure:
                Structure(row);
                break;
            case NoteKind.Numbers:
                Numbers(row);
                break;
            default:
                Number(row);
                break;
        }
    }

    /// <summary>The note as an object of the table.</summary>
    public string TableRow(NoteRowModel row)
    {
        var text = new StringBuilder($"new {KnownNames.Specs}.SpecNote {{ ");
        text.Append($"Number = {CSharpText.Hex((ulong)row.Type)}u, Name = {CSharpText.Quote(row.Name)}, ");
        text.Append($"Type = {CSharpText.Quote(row.TypeText)}, ");
        text.Append($"Kind = {KnownNames.Specs}.SpecNoteKind.{row.Kind}, ValueKind = {TableFrame.Kind(row.ValueKind)}, ");
        if (row.Kind == NoteKind.Numbers)
            text.Append($"ElementSize = {row.ElementSize}, ");
        if (model.IsBigEndian)
            text.Append("IsBigEndian = true, ");
        if (row.Else is not null)
            text.Append($"Else = {CSharpText.LongOrNull(row.Else)}, ");
        foreach (string link in TableFrame.Links(row.ValueKind, row.CSharpType))
            text.Append($"{link}, ");
        return text.Append($"Doc = {CSharpText.Quote(row.Doc)} }},").ToString();
    }

    private static string Remarks(NoteRowModel row)
    {
        string access = row.AccessText.Length > 0 ? $" Access: {CSharpText.Escape(row.AccessText)}." : "";
        string otherwise = row.Else is { } value
            ? $" Counts as {CSharpText.Hex(value)} where it is absent."
            : row.Kind == NoteKind.Bytes ? " Empty where it is absent." : " May be absent.";
        string fault = row.Kind is NoteKind.Text or NoteKind.Bytes
            ? ""
            : $" Reading it throws <see cref=\"{KnownNames.FormatException}\"/> if the descriptor's size does not go with the type.";
        string type = $"type {CSharpText.Hex((ulong)row.Type)}, <c>{CSharpText.Escape(row.TypeText)}</c>";
        return $"<c>{CSharpText.Escape(row.Name)}</c>, {type}.{access}{otherwise}{fault}";
    }

    private string Find(NoteRowModel row)
    {
        string key = $"{CSharpText.Quote(model.Owner)}, {CSharpText.Hex((ulong)row.Type)}u";
        return $"{KnownNames.NoteReader}.TryFind(_source, {key}, out {KnownNames.ReadOnlyBytes} descriptor)";
    }

    private string Arguments(NoteRowModel row) => $"{CSharpText.Quote(model.Owner)}, {CSharpText.Quote(row.Name)}";

    private void Property(NoteRowModel row, string type, string expression)
    {
        writer.Line($"public {type} {row.CSharpName} =>");
        writer.Continuation($"{expression};");
        writer.Gap();
    }

    private void Structure(NoteRowModel row)
    {
        writer.Line("/// <param name=\"value\">The note's descriptor; empty if it is absent.</param>");
        writer.Line("/// <returns>Whether the note is there.</returns>");
        writer.Open($"public bool TryGet{row.CSharpName}(out {row.CSharpType} value)");
        writer.Open($"if (!{Find(row)})");
        writer.Line("value = default;");
        writer.Line("return false;");
        writer.CloseMember();
        writer.Line($"value = {KnownNames.NoteReader}.Structure<{row.CSharpType}>(descriptor, _source!.Word, {Arguments(row)});");
        writer.Line("return true;");
        writer.CloseMember();
    }

    private void Numbers(NoteRowModel row)
    {
        string type = ValueType(row);
        string list = $"{KnownNames.ImmutableArray}<{type}>";
        writer.Open($"public {list}? {row.CSharpName}");
        writer.Open("get");
        writer.Line($"if (!{Find(row)})");
        writer.Continuation("return null;");
        if (row.ElementSize == 0)
        {
            writer.Line($"if (_source!.Word == {KnownNames.WordSize}.Bits32)");
            writer.Continuation($"return {Read(row, type, 4)};");
            writer.Line($"return {Read(row, type, 8)};");
        }
        else
        {
            writer.Line($"return {Read(row, type, row.ElementSize)};");
        }

        writer.Close();
        writer.CloseMember();
    }

    private string Read(NoteRowModel row, string type, int size)
    {
        bool isSigned = row.ValueKind == TypeKind.Signed;
        string keyword = NumberAccess.Keyword(size, isSigned);
        string number = NumberAccess.Read("bytes", null, size, isSigned, model.IsBigEndian);
        string reader = $"static bytes => {Wrap(row, type, number, keyword)}";
        return $"{KnownNames.NoteReader}.Numbers<{type}>(descriptor, {size}, {Arguments(row)}, {reader})";
    }

    private void Number(NoteRowModel row)
    {
        string type = ValueType(row);
        bool isSigned = row.ValueKind == TypeKind.Signed;
        string keyword = isSigned ? "long" : "ulong";
        writer.Open($"public {type}{(row.Else is null ? "?" : "")} {row.CSharpName}");
        writer.Open("get");
        writer.Line($"if (!{Find(row)})");
        writer.Continuation($"return {(row.Else is { } value ? Wrap(row, type, CSharpText.Hex(value) + "UL", "ulong") : "null")};");
        string read = isSigned ? "SignedNumber" : "Number";
        writer.Line($"{keyword} number = {KnownNames.NoteReader}.{read}(descriptor, {Arguments(row)}, {BigEndian});");
        if (Overflow(row, type) is { } overflow)
        {
            writer.Line($"if ({overflow})");
            string typeText = CSharpText.Quote(row.TypeText);
            writer.Continuation($"{KnownNames.NoteReader}.ThrowTooLarge({Arguments(row)}, {typeText}, unchecked((ulong)number));");
        }

        writer.Line($"return {Wrap(row, type, "number", keyword)};");
        writer.Close();
        writer.CloseMember();
    }

    // The descriptor's size is the note's own choice; the type still says how large the value may be.
    private static string? Overflow(NoteRowModel row, string type) => row.ValueKind switch
    {
        TypeKind.Unsigned or TypeKind.Address => type == "ulong" ? null : $"number > {type}.MaxValue",
        TypeKind.Signed => type == "long" ? null : $"number is < {type}.MinValue or > {type}.MaxValue",
        TypeKind.Flags or TypeKind.Enumeration => $"unchecked((ulong)({type})number) != number",
        TypeKind.Version => "number > ushort.MaxValue",
        _ => row.TypeText.EndsWith("32", System.StringComparison.Ordinal) ? "number > uint.MaxValue" : null,
    };

    private static string Wrap(NoteRowModel row, string type, string number, string keyword) => row.ValueKind switch
    {
        TypeKind.Unsigned or TypeKind.Signed or TypeKind.Address => type == keyword ? number : $"unchecked(({type}){number})",
        TypeKind.Flags or TypeKind.Enumeration => $"unchecked(({type}){number})",
        TypeKind.Version => $"{type}.FromRaw(unchecked((ushort){number}))",
        _ => $"new {type}({number})",
    };

    private static string ValueType(NoteRowModel row) => row.ValueKind switch
    {
        TypeKind.Unsigned or TypeKind.Address when row.ElementSize == 0 && row.Kind == NoteKind.Numbers => "ulong",
        TypeKind.Signed when row.ElementSize == 0 && row.Kind == NoteKind.Numbers => "long",
        _ => NumberAccess.TypeOf(row.ValueKind, row.CSharpType),
    };
}
