using System.Globalization;
using System.Text;
using BootProtocol.Cli.Layouts;
using BootProtocol.Cli.OwnSpecs;
using BootProtocol.Generators.Binding;
using BootProtocol.Generators.Syntax;
using BootProtocol.Specs;

namespace BootProtocol.Cli.LanguageServer;

/// <summary>What an editor shows about a name: a line of the spec's own language, then facts, then the doc.</summary>
/// <param name="Head">The line.</param>
/// <param name="Facts">Places, sizes, versions and rights.</param>
/// <param name="Doc">The doc; may be empty.</param>
internal sealed record HoverText(string Head, IReadOnlyList<string> Facts, string Doc)
{
    /// <summary>Characters that Markdown gives a meaning.</summary>
    private const string Marks = "\\`*_{}[]<>#|~&";

    /// <summary>The text as Markdown.</summary>
    public string Markdown
    {
        get
        {
            var text = new StringBuilder($"```bootspec\n{Head}\n```");
            foreach (string fact in Facts)
                text.Append("\n- ").Append(Escaped(fact));
            return (Doc.Length > 0 ? text.Append("\n\n").Append(Escaped(Doc)) : text).ToString();
        }
    }

    /// <summary>The text as it is.</summary>
    public string Plain => string.Join('\n', [Head, .. Facts, .. Doc.Length > 0 ? [Doc] : (string[])[]]);

    /// <summary>Makes the text for a name.</summary>
    public static HoverText Of(FoundName found, SpecScope scope) => found switch
    {
        { Declaration: null } => Primitive(found.Name),
        { Row: null } => Block(found.Declaration.Block, scope.Library),
        _ => Row(found.Declaration.Block, found.Row, scope.Library),
    };

    private static HoverText Primitive(string name)
    {
        PrimitiveType type = PrimitiveType.All[name];
        string order = type.IsBigEndian switch { true => ", most significant byte first", false => ", least significant byte first", null => "" };
        string size = type.Size switch { 0 => "4 or 8 bytes, by variant", 1 => "1 byte", _ => Text($"{type.Size} bytes") };
        return new HoverText(name, [type.IsDigits ? "a hexadecimal digit a byte" : size + order], "");
    }

    private static HoverText Block(BlockSyntax block, SpecLibrary library)
    {
        string name = block.Name.Value;
        (string kind, string? facts) = block switch
        {
            StructSyntax => ("struct", library.FindStructure(name) is { } structure ? StructureReport.Facts(structure) : null),
            ChoiceSyntax => ("choice", library.FindChoice(name) is { } choice ? ChoiceLayout.Facts(choice) : null),
            NotesSyntax => ("notes", library.FindNotes(name) is { } notes ? NotesLayout.Facts(notes) : null),
            EnumSyntax { Word: var word } =>
                (word, library.FindEnumeration(name) is { } enumeration ? EnumerationLayout.Facts(enumeration) : null),
            _ => ("", null),
        };
        return new HoverText($"{kind} {name}", facts?.Split("; ") ?? [], block.Doc);
    }

    private static HoverText Row(BlockSyntax block, RowSyntax row, SpecLibrary library)
    {
        string name = block.Name.Value;
        return row switch
        {
            LetRow let => new HoverText($"let {row.Name.Value} = {let.Formula.Text}", [$"computed in {name}", .. Rules(row)], row.Doc),
            StructRow field => RowHover.Field(name, field, library.FindStructure(name), Rules(row)),
            EnumRow { IsRange: true } bits => new HoverText(
                $"{bits.Low.Value}..{bits.High}{(bits.Type is { } type ? $"  {type.Value}" : "")}  {row.Name.Value}",
                [Text($"bits {bits.Low.Value} to {bits.High} of {name}"), .. Rules(row)],
                row.Doc),
            EnumRow bit when block is EnumSyntax { IsFlags: true } => new HoverText(
                $"{bit.Low.Value}  {row.Name.Value}",
                [Text($"bit {bit.Low.Value} of {name}: 0x{1UL << (int)Math.Min(bit.Low.Value, 63):x}"), .. Rules(row)],
                row.Doc),
            EnumRow value => new HoverText(
                $"{value.Low.Value}  {row.Name.Value}", [Text($"value of {name}: {value.Low.Value}, 0x{value.Low.Value:x}"), .. Rules(row)], row.Doc),
            ChoiceRow chosen => new HoverText(
                $"{chosen.Tag.Value}  {chosen.Type.Text}  {row.Name.Value}", [$"what {chosen.Tag.Value} chooses in {name}"], row.Doc),
            NoteRow note => new HoverText(
                $"{note.Number.Value}  {note.Type.Text}  {row.Name.Value}",
                [Text($"note {note.Number.Value}, 0x{note.Number.Value:x}, of {name}"), .. Rules(row)],
                row.Doc),
            _ => new HoverText(row.Name.Value, [], row.Doc),
        };
    }

    /// <summary>The versions that have a row, and who may do what with it.</summary>
    private static IEnumerable<string> Rules(RowSyntax row)
    {
        if (row.Gate is { } gate)
            yield return $"versions {gate.Text.Value}";
        if (row.Access.Count == 0)
            yield break;
        int before = row.SecondGate is null ? row.Access.Count : row.AccessBeforeSecondGate;
        IEnumerable<string> words = row.Access.Select(static word => word.Value);
        string since = row.SecondGate is { } second ? $", from {second.Text.Value} on {string.Join(' ', words.Skip(before))}" : "";
        yield return $"rights {string.Join(' ', words.Take(before))}{since}";
    }

    private static string Escaped(string text)
    {
        var escaped = new StringBuilder();
        foreach (char c in text)
            escaped.Append(Marks.Contains(c, StringComparison.Ordinal) ? $"\\{c}" : c == '\n' ? "  \n" : $"{c}");
        return escaped.ToString();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
