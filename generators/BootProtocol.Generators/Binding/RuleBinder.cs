using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>Turns what a row says of its value into its models.</summary>
/// <param name="types">All declared names.</param>
/// <param name="owner">The structure.</param>
/// <param name="syntax">The structure's rows.</param>
internal sealed class RuleBinder(TypeTable types, Declaration owner, StructSyntax syntax)
{
    /// <summary>The functions of checksums, by the words of the language.</summary>
    public static readonly IReadOnlyDictionary<string, string> Functions = new Dictionary<string, string>
    {
        ["sum8"] = "Sum8",
        ["sum16"] = "Sum16",
        ["sum32"] = "Sum32",
        ["adler32"] = "Adler32",
        ["crc32"] = "Crc32",
        ["crc32c"] = "Crc32C",
        ["crc64"] = "Crc64",
        ["xxh32"] = "Xxh32",
    };

    /// <summary>Adds the rules of a row to its model; null if one cannot be, which has been reported.</summary>
    /// <param name="row">The row.</param>
    /// <param name="field">Its model.</param>
    /// <param name="canCheck">Whether its place is fixed, so that the structure can be refused for it.</param>
    public FieldModel? Bind(StructRow row, FieldModel field, bool canCheck)
    {
        List<RuleModel> rules = [];
        foreach (RuleSyntax rule in row.Rules)
        {
            if (Refusal(row, rule, field) is { } reason)
                return Refuse(row, rule.Range, rule.Text, reason);
            if (rule.Word is "in" or "one" && TooLarge(rule, field) is { } largest)
            {
                owner.Problems.Add(SpecDescriptors.ValueTooLarge, rule.Range, rule.Text, field.Type.Text, $"0x{largest:x}");
                return null;
            }

            rules.Add(Model(row, rule, field));
        }

        if (row.Check is { } check)
        {
            string? reason = rules.Count == 0 ? "it has no rule that could be checked"
                : !canCheck ? "its size or place varies; Validate looks at it"
                : field.Type.IsArray ? "it is an array; Validate looks at each element"
                : null;
            if (reason is not null)
                return Refuse(row, check, "check", reason);
        }

        ChecksumModel? checksum = null;
        if (row.Checksum is { } written && (checksum = Checksum(row, written, field)) is null)
            return null;
        bool hasRules = field.Type.Kind == TypeKind.Structure
            && types.Find(row.Type.Name.Value) is { } declaration && types.Structure(declaration) is { HasRules: true };
        return field with { Rules = new EquatableArray<RuleModel>(rules), Checksum = checksum, StructureHasRules = hasRules };
    }

    private static ulong? TooLarge(RuleSyntax rule, FieldModel field)
    {
        int bits = field.Type.Form != NumberForm.Plain ? 64 : field.Type.Bits(field.Type.ValueSize((field.Wide ?? field.Narrow)!.ElementSize));
        ulong largest = bits >= 64 ? ulong.MaxValue : (1ul << bits) - 1;
        return rule.Values.Any(value => value > largest) ? largest : null;
    }

    private static string? Refusal(StructRow row, RuleSyntax rule, FieldModel field)
    {
        if (row.Constant is not null)
            return "its one value is said already";
        TypeKind kind = field.Type.Kind;
        if (rule.Word == "zero")
            return kind is TypeKind.Structure or TypeKind.Choice ? "only numbers, bytes, texts and pads are 0" : null;
        if (rule.Word == "known")
            return kind is TypeKind.Flags or TypeKind.Enumeration ? null : "it is no set of flags and no enum";
        if (!IsUnsigned(field))
            return "it is no number without a sign";
        if (rule.Word == "in" && row.Rules.Any(other => other.Word == "one"))
            return "its values are listed already";
        if (rule.Word != "aligned" || rule.Values[0] > 1)
            return null;
        return rule.Values[0] == 0 ? "0 alone is a multiple of 0" : "every number is";
    }

    private static bool IsUnsigned(FieldModel field) => field.Type.Kind is not (TypeKind.Pad or TypeKind.Text or TypeKind.Bytes
        or TypeKind.Structure or TypeKind.Choice or TypeKind.Signed or TypeKind.Version);

    private RuleModel Model(StructRow row, RuleSyntax rule, FieldModel field)
    {
        bool isChecked = row.Check is not null;
        switch (rule.Word)
        {
            case "in":
                return Make(RuleKind.Range, rule.Values, $"{Text(rule.Values[0])} to {Text(rule.Values[1])}");
            case "one":
                return Make(RuleKind.OneOf, rule.Values, $"one of {List(rule.Values)}");
            case "aligned":
                return Make(RuleKind.Multiple, rule.Values, $"a multiple of {Text(rule.Values[0])}");
            case "zero":
                return Make(RuleKind.Zero, [], field.Type.Kind is TypeKind.Text or TypeKind.Bytes or TypeKind.Pad ? "zero bytes" : "0");
        }

        EnumModel? values = types.Find(row.Type.Name.Value) is { } declaration ? types.Enumeration(declaration) : null;
        ulong[] known = values is null ? [] : [.. values.Rows.Where(value => !value.IsZero).Select(value => value.Value)];
        return field.Type.Kind == TypeKind.Flags
            ? Make(RuleKind.Bits, [known.Aggregate(0ul, (all, bits) => all | bits)], $"no bits but those of {row.Type.Name.Value}")
            : Make(RuleKind.OneOf, known, $"a value of {row.Type.Name.Value}");

        RuleModel Make(RuleKind kind, IEnumerable<ulong> numbers, string expected) =>
            new(kind, new EquatableArray<ulong>(numbers), isChecked, rule.Text, expected);
    }

    private ChecksumModel? Checksum(StructRow row, ChecksumSyntax written, FieldModel field)
    {
        if (!Functions.TryGetValue(written.Function.Value, out string? function))
        {
            string? near = NearName.Find(written.Function.Value, Functions.Keys);
            owner.Problems.AddNear(SpecDescriptors.UnknownFunction, written.Function.Range, near, written.Function.Value, string.Join(", ", Functions.Keys));
            return null;
        }

        if (!IsUnsigned(field) || field.Type.IsArray || row.Constant is not null || field.Type.Form == NumberForm.Leb128)
        {
            Refuse(row, written.Function.Range, "checksum", row.Constant is null ? "it is not one number without a sign" : "its one value is said already");
            return null;
        }

        foreach (Located<string>? name in new[] { written.First, written.Last })
        {
            if (name is { } end && !IsRow(end))
                return null;
        }

        if (written is { First: { } first, Last: { } last } && IndexOf(last.Value) is >= 0 and int place && place < IndexOf(first.Value))
        {
            owner.Problems.Add(SpecDescriptors.Misplaced, last.Range, row.Name.Value, written.Text, $"'{last.Value}' stands above '{first.Value}'");
            return null;
        }

        if (written.Shift <= 63)
            return new ChecksumModel(function, written.First?.Value ?? "", written.Last?.Value ?? "", (int)written.Shift, written.Text);
        Refuse(row, written.Function.Range, written.Text, "a number has 64 bits");
        return null;
    }

    private int IndexOf(string name) => syntax.Rows.ToList().FindIndex(row => row?.Name.Value == name);

    private bool IsRow(Located<string> name)
    {
        if (syntax.Rows.Any(row => row is null || (row.Name.Value == name.Value && name.Value.Length > 0)))
            return true;
        string? near = NearName.Find(name.Value, syntax.Rows.OfType<StructRow>().Select(row => row.Name.Value).Where(known => known.Length > 0));
        owner.Problems.AddNear(SpecDescriptors.UnknownRow, name.Range, near, owner.Name, name.Value);
        return false;
    }

    private FieldModel? Refuse(StructRow row, SourceRange range, string what, string reason)
    {
        string name = row.Name.Value.Length > 0 ? row.Name.Value : row.Type.Text;
        owner.Problems.Add(SpecDescriptors.Misplaced, range, name, what, reason);
        return null;
    }

    private static string List(IReadOnlyList<ulong> values) => string.Join(", ", values.Select(Text));

    private static string Text(ulong value) => value < 10 ? value.ToString(CultureInfo.InvariantCulture) : $"0x{value:x}";
}
