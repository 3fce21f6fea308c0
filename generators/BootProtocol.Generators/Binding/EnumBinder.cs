using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>Turns a <c>flags</c>, <c>enum</c> or <c>const</c> block into its model.</summary>
internal sealed class EnumBinder(TypeTable types, Declaration owner, EnumSyntax syntax)
{
    private readonly List<EnumRowModel> _rows = [];
    private readonly HashSet<string> _names = [];
    private readonly Dictionary<string, string> _csharpNames = [];

    public EnumModel? Bind()
    {
        if (!PrimitiveType.All.TryGetValue(syntax.Type.Value, out PrimitiveType? stored) || stored is not { Kind: TypeKind.Unsigned, Size: > 0, IsPlain: true })
        {
            string? near = NearName.Find(syntax.Type.Value, ["u8", "u16", "u32", "u64"]);
            owner.Problems.AddNear(
                SpecDescriptors.UnknownType, syntax.Type.Range, near, syntax.Type.Value, " of a stored number; expected u8, u16, u32 or u64");
            return null;
        }

        foreach (EnumRow? row in syntax.Rows)
        {
            if (row is null || Row(row, stored.CSharpType, stored.Size) is not { } model)
                continue;
            _rows.Add(model);
            _names.Add(model.Name);
            _csharpNames.Add(model.CSharpName, model.Name);
        }

        return new EnumModel(
            owner.Protocol,
            owner.Namespace,
            owner.Name,
            owner.CSharpName,
            owner.HintName,
            syntax.Doc,
            syntax.IsFlags,
            syntax.IsConst,
            stored.CSharpType,
            stored.Size,
            new EquatableArray<EnumRowModel>(_rows));
    }

    private EnumRowModel? Row(EnumRow row, string storedType, int size)
    {
        Located<string> written = row.CSharpName ?? row.Name;
        string csharpName = row.CSharpName?.Value ?? CSharpNames.Pascal(row.Name.Value);
        if (!CSharpNames.IsName(csharpName))
        {
            owner.Problems.Add(SpecDescriptors.NotACSharpName, written.Range, written.Value, csharpName);
            return null;
        }

        if (Taker(row, csharpName) is { } taker)
        {
            owner.Problems.AddTaken(written.Range, row.Name.Value, csharpName, taker);
            return null;
        }

        if (row.Gate is { } gate && !GateBinder.Check(gate, owner))
            return null;
        if (GateBinder.Access(row, owner) is not { } access || !Fits(row, size) || !IsNew(row, csharpName, written.Range))
            return null;

        string fieldType = storedType;
        if (row.Type is { } type)
        {
            if (types.Find(type.Value) is not { Syntax: EnumSyntax { Word: "enum" } } values)
            {
                IEnumerable<string> known = types.Declarations.Where(other => other.Syntax is EnumSyntax { Word: "enum" }).Select(other => other.Name);
                owner.Problems.AddNear(
                    SpecDescriptors.UnknownType, type.Range, NearName.Find(type.Value, known), type.Value, " of a field of bits; expected an enum");
                return null;
            }

            if (types.Enumeration(values) is not { } enumeration)
                return null;
            ulong most = Mask(0, (int)(row.High - row.Low.Value));
            ulong largest = Mask(0, (enumeration.Size * 8) - 1);
            if (most > largest)
            {
                owner.Problems.Add(SpecDescriptors.ValueTooLarge, type.Range, $"0x{most:x}", type.Value, $"0x{largest:x}");
                return null;
            }

            fieldType = values.FullCSharpName;
        }

        int low = syntax.IsFlags ? (int)row.Low.Value : 0;
        int high = syntax.IsFlags ? (int)row.High : 0;
        ulong value = syntax.IsFlags ? Mask(low, high) : row.Low.Value;
        string gateText = row.Gate is { IsAll: false } shown ? shown.Text.Value : "";
        return new EnumRowModel(
            row.Name.Value, csharpName, row.Doc, value, low, high, fieldType, row.Type?.Value ?? "", gateText, access.Text)
        {
            IsZero = row.Rules.Count > 0,
        };
    }

    private string? Taker(EnumRow row, string csharpName)
    {
        if (row.IsRange)
            return FieldTaker(csharpName);
        return syntax.IsConst && csharpName == owner.CSharpName ? "the class of its own block" : null;
    }

    // The methods that read and write a field of bits stand in a class, and every C# value has some of such a name already.
    private string? FieldTaker(string csharpName) => csharpName switch
    {
        "Type" or "HashCode" => $"System.Object.Get{csharpName}",
        "TypeCode" => "System.Enum.GetTypeCode",
        _ => $"Get{csharpName}" == owner.FieldsName || $"With{csharpName}" == owner.FieldsName ? "the class of its own block" : null,
    };

    private static ulong Mask(int low, int high) => (high == 63 ? ulong.MaxValue : (1ul << (high + 1)) - 1) & ~((1ul << low) - 1);

    private bool Fits(EnumRow row, int size)
    {
        int bits = size * 8;
        if (syntax.IsFlags)
        {
            if (row.High < (ulong)bits)
                return true;
            owner.Problems.Add(SpecDescriptors.BitOutOfRange, row.Low.Range, $"{row.High}", syntax.Type.Value, $"{bits - 1}");
            return false;
        }

        ulong largest = Mask(0, bits - 1);
        if (row.Low.Value <= largest)
            return true;
        owner.Problems.Add(SpecDescriptors.ValueTooLarge, row.Low.Range, $"0x{row.Low.Value:x}", syntax.Type.Value, $"0x{largest:x}");
        return false;
    }

    private bool IsNew(EnumRow row, string csharpName, SourceRange written)
    {
        if (_names.Contains(row.Name.Value))
        {
            owner.Problems.Add(SpecDescriptors.DuplicateRow, row.Name.Range, owner.Name, row.Name.Value);
            return false;
        }

        if (_csharpNames.TryGetValue(csharpName, out string? taker))
        {
            owner.Problems.AddTaken(written, row.Name.Value, csharpName, $"'{taker}'");
            return false;
        }

        if (!syntax.IsFlags)
            return true;
        foreach (EnumRowModel other in _rows)
        {
            if ((int)row.Low.Value <= other.HighBit && other.LowBit <= (int)row.High)
            {
                int shared = System.Math.Max((int)row.Low.Value, other.LowBit);
                owner.Problems.Add(SpecDescriptors.BitsOverlap, row.Low.Range, row.Name.Value, $"{shared}", other.Name);
                return false;
            }
        }

        return true;
    }
}
