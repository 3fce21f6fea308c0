using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>Turns a row that computes a number into its model: finds its fields, and what can become of them.</summary>
/// <param name="types">All declared names.</param>
/// <param name="owner">The structure.</param>
/// <param name="syntax">The structure's rows.</param>
/// <param name="fields">The fields of its fixed part.</param>
/// <param name="behind">The names of the rows behind the fixed part, which no formula can have.</param>
internal sealed class LetBinder(
    TypeTable types, Declaration owner, StructSyntax syntax, IReadOnlyList<FieldModel> fields, IReadOnlyCollection<string> behind)
{
    private readonly Dictionary<string, FormulaRange> _known = [];
    private readonly HashSet<string> _dropped = [];

    /// <summary>Binds a row. Null means that it is dropped; why has been reported.</summary>
    public LetModel? Bind(LetRow row)
    {
        LetModel? model = TryBind(row);
        if (model is null)
            Drop(row);
        return model;
    }

    /// <summary>Forgets a row, which later ones cannot use then.</summary>
    public void Drop(LetRow row)
    {
        _dropped.Add(row.Name.Value);
        _known.Remove(row.Name.Value);
    }

    private LetModel? TryBind(LetRow row)
    {
        if (CSharpNames.Of(row, owner.Problems) is not { } csharpName)
            return null;

        if (row.Gate is { } gate && (!GateBinder.Check(gate, owner) || !GateBinder.HasVersion(row, owner, syntax.Head)))
            return null;
        if (row.SecondGate is { } second)
        {
            owner.Problems.Add(SpecDescriptors.SecondGate, second.Text.Range, second.Text.Value);
            return null;
        }

        if (Range(row) is not { } range)
            return null;
        GateModel? model = GateBinder.Model(row.Gate, owner.Versions?.Lowest ?? 0);
        _known[row.Name.Value] = range with { Low = BigInteger.Max(range.Low, 0), High = BigInteger.Min(range.High, FormulaRange.Highest) };
        return new LetModel(
            row.Name.Value,
            csharpName,
            row.Doc,
            row.Formula.Text,
            new EquatableArray<string>(row.Formula.Parts.Select(Step)),
            new EquatableArray<FieldBits>(row.Formula.Parts.Where(part => part.IsName).Select(part => BitsOf(part.Text)).OfType<FieldBits>().Distinct()),
            model,
            range.IsSafe);
    }

    private static string Step(FormulaPart part) => part.Number is { } number ? number.ToString(CultureInfo.InvariantCulture) : part.Text;

    private FormulaRange? Range(LetRow row)
    {
        var stack = new Stack<FormulaRange>();
        foreach (FormulaPart part in row.Formula.Parts)
        {
            FormulaRange? range;
            string reason = "";
            if (part.Number is { } number)
            {
                range = FormulaRange.Of(number);
            }
            else if (part.IsName)
            {
                range = RangeOf(part);
                if (range is null)
                    return null;
            }
            else
            {
                FormulaRange right = stack.Pop();
                range = FormulaRange.Of(part.Text, stack.Pop(), right, out reason);
                if (range is { IsComputable: false })
                    (range, reason) = (null, "its parts can go beyond 127 bits");
            }

            if (range is not { } known)
            {
                owner.Problems.Add(SpecDescriptors.ImpossibleFormula, part.Range, row.Name.Value, reason);
                return null;
            }

            stack.Push(known);
        }

        FormulaRange result = stack.Pop();
        if (result.High.Sign >= 0 && result.Low <= FormulaRange.Highest)
            return result;
        string where = result.High.Sign < 0 ? "it is negative" : "it is too large";
        owner.Problems.Add(SpecDescriptors.ImpossibleFormula, row.Name.Range, row.Name.Value, where);
        return null;
    }

    private FormulaRange? RangeOf(FormulaPart part)
    {
        if (_known.TryGetValue(part.Text, out FormulaRange earlier))
            return earlier;
        if (fields.FirstOrDefault(field => field.Name == part.Text && IsNumber(field)) is { } found)
        {
            int size = new[] { found.Narrow, found.Wide }.Max(slot => slot?.ElementSize ?? 0);
            return new FormulaRange(BigInteger.Zero, (BigInteger.One << found.Type.Bits(size)) - 1, true);
        }

        if (BitsOf(part.Text) is { } bits)
            return new FormulaRange(BigInteger.Zero, bits.Bits.Mask, true);
        string[] parts = part.Text.Split('.');
        if (parts.Length == 2 && fields.FirstOrDefault(field => field.Name == parts[0] && field.Type.Kind == TypeKind.Flags) is { } flags)
        {
            types.ReportUnknownBits(owner, flags, new Located<string>(part.Text, part.Range));
            return null;
        }

        if (behind.Contains(part.Text))
        {
            owner.Problems.Add(SpecDescriptors.UnknownField, part.Range, owner.Name, part.Text, " in front of its rows of varying size");
            return null;
        }

        // What was dropped for another reason has had its message already.
        bool isDropped = _dropped.Contains(part.Text) || syntax.Rows.Any(row => row is null || row.Name.Value == part.Text);
        if (fields.FirstOrDefault(field => field.Name == part.Text) is { } other)
        {
            owner.Problems.Add(SpecDescriptors.UnknownField, part.Range, owner.Name, part.Text, NumberHint.Of(other));
        }
        else if (!isDropped)
        {
            IEnumerable<string> names = fields.Where(IsNumber).Select(field => field.Name).Concat(_known.Keys);
            owner.Problems.AddNear(SpecDescriptors.UnknownField, part.Range, NearName.Find(part.Text, names), owner.Name, part.Text);
        }

        return null;
    }

    /// <summary>Bits of a set of flags; null if the name is none of such bits.</summary>
    private FieldBits? BitsOf(string name)
    {
        string[] parts = name.Split('.');
        return parts.Length == 2 && fields.FirstOrDefault(field => field.Name == parts[0]) is { } field && types.Bits(field, parts[1]) is { } bits
            ? new FieldBits(name, field.Name, bits)
            : null;
    }

    /// <summary>Whether a field holds one number without a sign.</summary>
    private static bool IsNumber(FieldModel field) =>
        !field.Type.IsArray
        && field.Type.Kind is not (TypeKind.Pad or TypeKind.Signed or TypeKind.Text or TypeKind.Bytes or TypeKind.Structure or TypeKind.Choice);
}
