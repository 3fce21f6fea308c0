using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>Turns a <c>choice</c> block into its model. A row that cannot be bound is dropped, and the others stay.</summary>
internal sealed class ChoiceBinder(TypeTable types, Declaration owner, ChoiceSyntax syntax)
{
    private readonly List<AlternativeModel> _alternatives = [];

    /// <summary>
    /// Whether some alternative has a 32-bit and a 64-bit variant. Only heads are looked at: an alternative may hold the structure that is being
    /// laid out, since a choice takes no room of its own.
    /// </summary>
    public static bool IsWord(TypeTable types, ChoiceSyntax syntax) =>
        syntax.Rows.Any(row => row is not null && types.Find(row.Type.Name.Value) is { Syntax: StructSyntax { Head.IsWord: true } });

    /// <summary>An alternative that holds the structure that is being laid out, by its name; null if none does.</summary>
    /// <remarks>What is as large as what is chosen is read with the structure around it, and would never end.</remarks>
    public static string? Recursion(TypeTable types, ChoiceSyntax syntax)
    {
        foreach (ChoiceRow? row in syntax.Rows)
        {
            if (row is null || types.Find(row.Type.Name.Value) is not { Syntax: StructSyntax } declaration)
                continue;
            if (declaration.IsInProgress)
                return declaration.Name;
            types.Structure(declaration);
        }

        return null;
    }

    public ChoiceModel Bind()
    {
        (string tag, int size, EnumModel? values) = Tag(types, syntax);
        CheckTag();
        foreach (ChoiceRow? row in syntax.Rows)
        {
            if (row is not null && Alternative(row, size, values) is { } model && IsNew(row, model))
                _alternatives.Add(model);
        }

        return new ChoiceModel(
            owner.Protocol,
            owner.Namespace,
            owner.Name,
            owner.CSharpName,
            owner.HintName,
            syntax.Doc,
            tag,
            syntax.Tag.Value,
            size,
            values is not null,
            IsWord(types, syntax),
            new EquatableArray<AlternativeModel>(_alternatives));
    }

    /// <summary>What chooses. A choice with another type is made all the same, so that the rows that are one compile.</summary>
    public static (string CSharpType, int Size, EnumModel? Values) Tag(TypeTable types, ChoiceSyntax syntax)
    {
        if (PrimitiveType.All.TryGetValue(syntax.Tag.Value, out PrimitiveType? stored) && stored is { Kind: TypeKind.Unsigned, Size: > 0, IsPlain: true })
            return (stored.CSharpType, stored.Size, null);
        return types.Find(syntax.Tag.Value) is { Syntax: EnumSyntax { Word: "enum" } } declaration && types.Enumeration(declaration) is { } values
            ? (declaration.FullCSharpName, values.Size, values)
            : ("ulong", sizeof(ulong), null);
    }

    private void CheckTag()
    {
        if (IsNumber || types.Find(syntax.Tag.Value) is { Syntax: EnumSyntax { Word: "enum" } })
            return;
        IEnumerable<string> known = types.Declarations.Where(other => other.Syntax is EnumSyntax { Word: "enum" }).Select(other => other.Name);
        string? near = NearName.Find(syntax.Tag.Value, known.Concat(["u8", "u16", "u32", "u64"]));
        owner.Problems.AddNear(
            SpecDescriptors.UnknownType, syntax.Tag.Range, near, syntax.Tag.Value, " of a number that chooses; expected u8, u16, u32, u64 or an enum");
    }

    private bool IsNumber =>
        PrimitiveType.All.TryGetValue(syntax.Tag.Value, out PrimitiveType? stored) && stored is { Kind: TypeKind.Unsigned, Size: > 0, IsPlain: true };

    private AlternativeModel? Alternative(ChoiceRow row, int size, EnumModel? values)
    {
        if (CSharpNames.Of(row, owner.Problems) is not { } csharpName || Values(row, size, values) is not { } tags)
            return null;
        string name = row.Type.Name.Value;
        if (name is "bytes" or "char" && row.Type is { IsOpen: true, Inner.Count: 0 })
            return Model(name == "char" ? TypeKind.Text : TypeKind.Bytes, "", null);
        if (name == "nothing" && !row.Type.HasBrackets)
            return Model(TypeKind.Pad, "", null);
        if (types.Find(name) is not { Syntax: StructSyntax } declaration || row.Type.HasBrackets)
        {
            IEnumerable<string> known = types.Declarations.Where(other => other.Syntax is StructSyntax).Select(other => other.Name);
            string? near = row.Type.HasBrackets ? null : NearName.Find(name, known);
            owner.Problems.AddNear(SpecDescriptors.NoAlternative, row.Type.Range, near, row.Type.Text);
            return null;
        }

        return types.Structure(declaration) is { } structure ? Model(TypeKind.Structure, declaration.FullCSharpName, structure) : null;

        AlternativeModel Model(TypeKind kind, string csharpType, StructModel? structure) => new(
            tags.First,
            tags.Last,
            kind,
            row.Type.Text,
            csharpType,
            structure is { IsVarying: true },
            structure is { IsWord: true },
            row.Name.Value,
            csharpName,
            row.Doc);
    }

    private (ulong First, ulong Last)? Values(ChoiceRow row, int size, EnumModel? values)
    {
        if (row.Values is not { } written)
        {
            if (values?.Rows.FirstOrDefault(value => value.Name == row.Tag.Value) is { } found)
                return (found.Value, found.Value);
            // Where the names are not to be had, that has its message.
            bool isBroken = values is null ? !IsNumber : types.Find(syntax.Tag.Value) is { Syntax: EnumSyntax all } && all.Rows.Count != values.Rows.Count;
            if (isBroken)
                return null;
            IEnumerable<string> known = values?.Rows.Select(value => value.Name) ?? [];
            owner.Problems.AddNear(SpecDescriptors.UnknownValue, row.Tag.Range, NearName.Find(row.Tag.Value, known), syntax.Tag.Value, row.Tag.Value);
            return null;
        }

        ulong largest = ulong.MaxValue >> (64 - (size * 8));
        if (written.Last <= largest)
            return written;
        owner.Problems.Add(SpecDescriptors.ValueTooLarge, row.Tag.Range, row.Tag.Value, syntax.Tag.Value, $"0x{largest:x}");
        return null;
    }

    private bool IsNew(ChoiceRow row, AlternativeModel model)
    {
        SourceRange written = (row.CSharpName ?? row.Name).Range;
        bool isReserved = model.CSharpName == CSharpNames.UnknownKind || $"TryGet{model.CSharpName}" == owner.CSharpName;
        if (isReserved)
        {
            owner.Problems.AddTaken(written, model.Name, model.CSharpName, "a name that every choice has");
            return false;
        }

        foreach (AlternativeModel other in _alternatives)
        {
            if (other.Name == model.Name)
            {
                owner.Problems.Add(SpecDescriptors.DuplicateRow, row.Name.Range, owner.Name, model.Name);
                return false;
            }

            if (other.CSharpName == model.CSharpName)
            {
                owner.Problems.AddTaken(written, model.Name, model.CSharpName, $"'{other.Name}'");
                return false;
            }

            if (model.First <= other.Last && other.First <= model.Last)
            {
                owner.Problems.Add(SpecDescriptors.ChosenTwice, row.Tag.Range, model.Name, row.Tag.Value, other.Name);
                return false;
            }
        }

        return true;
    }
}
