using System.Globalization;
using System.Text;
using BootProtocol.Generators.Binding;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Layout.Tests.Mutations;

/// <summary>
/// Everything that a spec says except its docs and C# names, one line for each row and in the order of the files: what the
/// snapshots hold. Where the word size matters, the value for 32 bits stands first.
/// </summary>
internal static class LayoutText
{
    /// <summary>The texts by protocol.</summary>
    public static SortedDictionary<string, string> Of(BindResult bound, IEnumerable<SpecFile> files)
    {
        Dictionary<string, StructModel> structures = bound.Structures.ToDictionary(model => model.Name);
        Dictionary<string, ChoiceModel> choices = bound.Choices.ToDictionary(model => model.Name);
        Dictionary<string, EnumModel> enumerations = bound.Enumerations.ToDictionary(model => model.Name);
        Dictionary<string, NotesModel> notes = bound.Notes.ToDictionary(model => model.Name);
        var texts = new SortedDictionary<string, StringBuilder>(StringComparer.Ordinal);
        foreach (SpecFile file in files)
        {
            string protocol = file.Protocol?.Name.Value ?? "";
            if (!texts.TryGetValue(protocol, out StringBuilder? text))
                texts.Add(protocol, text = new StringBuilder());
            Append(text, ["protocol", protocol, file.Protocol?.IsBigEndian == true ? "big" : "little", file.Protocol?.Versions?.Text.Value]);
            foreach (BlockSyntax block in file.Blocks)
            {
                if (structures.TryGetValue(block.Name.Value, out StructModel? structure) && block is StructSyntax rows)
                    Add(text, structure, rows);
                else if (choices.TryGetValue(block.Name.Value, out ChoiceModel? choice))
                    Add(text, choice);
                else if (enumerations.TryGetValue(block.Name.Value, out EnumModel? enumeration))
                    Add(text, enumeration);
                else if (notes.TryGetValue(block.Name.Value, out NotesModel? found) && block is NotesSyntax syntax)
                    Add(text, found, syntax);
            }
        }

        return new SortedDictionary<string, string>(texts.ToDictionary(text => text.Key, text => text.Value.ToString()), StringComparer.Ordinal);
    }

    private static void Add(StringBuilder text, StructModel model, StructSyntax syntax)
    {
        VariantModel narrow = model.Narrow;
        VariantModel wide = model.Wide;
        text.Append('\n');
        Append(
            text,
            [
                "struct",
                model.Name,
                model.IsWord ? "word" : null,
                model.IsPacked ? "packed" : null,
                model.BaseOffset == 0 ? null : $"at 0x{model.BaseOffset:x}",
                "size " + Pair(narrow.Size, wide.Size),
                "align " + Pair(narrow.Alignment, wide.Alignment),
                "floor " + Pair(narrow.FloorLength, wide.FloorLength),
                model.Gate is { } gate ? $"gate {gate.Field} 0x{gate.Lowest:x}-0x{gate.Highest:x}" : null,
                model.EndByte is { } end ? $"ends +0x{end:x}" : null,
                model.LengthField is { } length ? $"length {length}" : null,
                model.IsVarying ? $"step {Pair(narrow.Step, wide.Step)}" : null,
            ]);
        // The rows of one name for the two word sizes are one field of the model; here each shows where it was written.
        var pads = new Queue<FieldModel>(model.Fields.Where(field => field.IsPad));
        foreach (RowSyntax? written in syntax.Written)
        {
            if (model.Lets.FirstOrDefault(let => written is LetRow && let.Name == written.Name.Value) is { } let)
                Append(text, ["  let", let.Name, "=", let.Text, let.Gate?.Text]);
            var row = written as StructRow;
            FieldModel? field = row is null ? null
                : row.Name.Value.Length > 0 ? model.Fields.FirstOrDefault(field => field.Name == row.Name.Value)
                : pads.TryDequeue(out FieldModel? pad) ? pad
                : null;
            if (model.Tail.FirstOrDefault(tail => row is not null && tail.Field.Name == row.Name.Value) is { } behind)
                Add(text, behind);
            if (field is not null)
                Add(text, field, row!.Only?.Value == 64 ? null : field.Narrow, row.Only?.Value == 32 ? null : field.Wide);
        }
    }

    private static void Add(StringBuilder text, TailModel row)
        => Append(
            text,
            [
                "  +",
                Pair(row.Field.Narrow, row.Field.Wide, slot => $"{slot.ElementSize}"),
                row.Field.Wide!.TypeText,
                row.Field.Type.Kind.ToString(),
                row.Field.Name,
                row.Extent.ToString(),
                row.Condition is { } condition ? $"when {condition.Text}" : null,
                row.TagName is { } tag ? $"by {tag.Name}{(row.IsSized ? " sized" : "")}" : null,
                row.BytesName is { } bytes ? $"bytes {bytes.Name}" : null,
                row.Until is { IsByte: true } mark ? string.Create(CultureInfo.InvariantCulture, $"until {mark.Value}")
                    : row.Until is { } until ? string.Create(CultureInfo.InvariantCulture, $"until {until.Field} = {until.Value}") : null,
                $"align {Pair(row.NarrowAlignment, row.WideAlignment)}",
                row.Field.Access.Text,
                Value("zero", row.Field.Zero),
                Value("else", row.Field.Else),
                row.Field.Pointee is { } pointee ? $"-> {pointee.Text}" : null,
                .. Rules(row.Field),
            ]);

    private static void Add(StringBuilder text, FieldModel field, SlotModel? narrow, SlotModel? wide)
        => Append(
            text,
            [
                " ",
                Pair(narrow, wide, slot => $"0x{slot.Offset:x}"),
                Pair(narrow, wide, slot => $"{slot.Size}"),
                Pair(narrow, wide, slot => slot.TypeText),
                field.Type.Kind.ToString(),
                field.IsPad ? null : field.Name,
                field.Constant is { } constant ? $"= {Text(constant)}" : null,
                field.Gate?.Text,
                field.Access.Text,
                Value("else", field.Else),
                Value("zero", field.Zero),
                field.Pointee is { } pointee ? $"-> {pointee.Text}" : null,
                .. Rules(field),
            ]);

    private static string Text(ConstantModel constant) =>
        constant.IsLong ? Convert.ToHexStringLower(Encoding.Latin1.GetBytes(constant.Text!)) : $"0x{constant.Number:x}";

    private static IEnumerable<string?> Rules(FieldModel field)
    {
        foreach (RuleModel rule in field.Rules)
            yield return rule.IsChecked ? $"{rule.Text} check" : rule.Text;
        if (field.Checksum is { } checksum)
            yield return $"checksum {checksum.Text}";
    }

    private static void Add(StringBuilder text, ChoiceModel model)
    {
        text.Append('\n');
        Append(text, ["choice", model.Name, $"by {model.TagTypeText}"]);
        foreach (AlternativeModel row in model.Alternatives)
            Append(text, [" ", row.First == row.Last ? $"0x{row.First:x}" : $"0x{row.First:x}..0x{row.Last:x}", row.TypeText, row.Name]);
    }

    private static void Add(StringBuilder text, EnumModel model)
    {
        text.Append('\n');
        Append(text, [model.IsFlags ? "flags" : model.IsConst ? "const" : "enum", model.Name, $"size {model.Size}"]);
        foreach (EnumRowModel row in model.Rows)
        {
            string value = !model.IsFlags ? $"0x{row.Value:x}" : row.IsBitField ? $"{row.LowBit}..{row.HighBit}" : $"{row.LowBit}";
            Append(text, [" ", value, row.FieldTypeText, row.Name, row.GateText, row.AccessText]);
        }
    }

    /// <summary>The model sorts notes by their numbers; here they stand as they were written, so that a moved row shows.</summary>
    private static void Add(StringBuilder text, NotesModel model, NotesSyntax syntax)
    {
        text.Append('\n');
        Append(text, ["notes", model.Name, $"owner \"{model.Owner}\""]);
        foreach (NoteRow? written in syntax.Rows)
        {
            if (model.Rows.FirstOrDefault(row => row.Name == written?.Name.Value) is { } row)
                Append(text, [" ", $"0x{row.Type:x}", row.TypeText, row.Kind.ToString(), row.Name, row.AccessText, Value("else", row.Else)]);
        }
    }

    private static void Append(StringBuilder text, ReadOnlySpan<string?> words)
    {
        bool isFirst = true;
        foreach (string? word in words)
        {
            if (string.IsNullOrEmpty(word))
                continue;
            text.Append(isFirst ? "" : " ").Append(word);
            isFirst = false;
        }

        text.Append('\n');
    }

    private static string Pair(int narrow, int wide) => narrow == wide ? $"{wide}" : $"{narrow}|{wide}";

    private static string Pair(SlotModel? narrow, SlotModel? wide, Func<SlotModel, string> text)
    {
        string first = narrow is null ? "-" : text(narrow);
        string second = wide is null ? "-" : text(wide);
        return first == second ? first : $"{first}|{second}";
    }

    private static string? Value(string word, ulong? value)
        => value is { } number ? string.Create(CultureInfo.InvariantCulture, $"{word} 0x{number:x}") : null;
}
