using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>Turns a <c>notes</c> block into its model. The types of notes follow the descriptor's own size, so widths are not needed.</summary>
internal sealed class NotesBinder(TypeTable types, Declaration owner, NotesSyntax syntax)
{
    private readonly List<NoteRowModel> _rows = [];

    public NotesModel Bind()
    {
        foreach (NoteRow? row in syntax.Rows)
        {
            if (row is not null && Row(row) is { } model && IsNew(row, model))
                _rows.Add(model);
        }

        return new NotesModel(
            owner.Protocol,
            owner.Namespace,
            owner.Name,
            owner.CSharpName,
            owner.HintName,
            syntax.Doc,
            syntax.Owner,
            owner.IsBigEndian,
            new EquatableArray<NoteRowModel>(_rows.OrderBy(row => row.Type)));
    }

    private NoteRowModel? Row(NoteRow row)
    {
        Located<string> written = row.CSharpName ?? row.Name;
        string csharpName = row.CSharpName?.Value ?? CSharpNames.Pascal(row.Name.Value);
        if (!CSharpNames.IsName(csharpName))
        {
            owner.Problems.Add(SpecDescriptors.NotACSharpName, written.Range, written.Value, csharpName);
            return null;
        }

        if (row.Number.Value > uint.MaxValue)
        {
            owner.Problems.Add(SpecDescriptors.ValueTooLarge, row.Number.Range, $"0x{row.Number.Value:x}", "a note's type", "0xffffffff");
            return null;
        }

        if (GateBinder.Access(row, owner) is not { } access || Type(row) is not { } type)
            return null;
        if (row.Else is { } value && type.Kind != NoteKind.Number)
        {
            owner.Problems.Add(SpecDescriptors.NotANumber, value.Range, row.Name.Value, row.Type.Text, "else");
            return null;
        }

        return new NoteRowModel(
            (uint)row.Number.Value,
            type.Kind,
            type.ValueKind,
            row.Type.Text,
            type.CSharpType,
            type.ElementSize,
            row.Name.Value,
            csharpName,
            row.Doc,
            row.Else?.Value,
            access.Text);
    }

    private (NoteKind Kind, TypeKind ValueKind, string CSharpType, int ElementSize)? Type(NoteRow row)
    {
        string name = row.Type.Name.Value;
        bool isArray = row.Type.HasBrackets;
        if (isArray && (row.Type.Count is not null || row.Type.PadTo is not null || row.Type.Inner.Count > 0))
        {
            SourceRange place = (row.Type.Count ?? row.Type.PadTo)?.Range ?? row.Type.Range;
            owner.Problems.Add(SpecDescriptors.Missing, place, "'[]'", $"instead of '{row.Type.Text}': a note's size is in the note");
            return null;
        }

        switch (name)
        {
            case "string" when !isArray:
                return (NoteKind.Text, TypeKind.Text, "string", 0);
            case "bytes" when !isArray:
                return (NoteKind.Bytes, TypeKind.Bytes, "byte", 0);
            case "paddr":
                name = "paddr64";
                break;
        }

        if (PrimitiveType.All.TryGetValue(name, out PrimitiveType? primitive)
            && primitive is { IsPlain: true, Kind: not (TypeKind.Text or TypeKind.Bytes or TypeKind.Pad) })
        {
            // The descriptor's own size decides, so that a number in a note is as wide as it can be.
            string csharpType = primitive.Kind is TypeKind.Unsigned or TypeKind.Address && (!isArray || primitive.Size == 0) ? "ulong"
                : primitive.Kind is TypeKind.Signed && (!isArray || primitive.Size == 0) ? "long"
                : primitive.CSharpType;
            int elementSize = row.Type.Name.Value == "paddr" ? 0 : primitive.Size;
            return (isArray ? NoteKind.Numbers : NoteKind.Number, primitive.Kind, csharpType, isArray ? elementSize : 0);
        }

        switch (types.Find(name))
        {
            case { Syntax: EnumSyntax { IsConst: false } } declaration:
                if (types.Enumeration(declaration) is not { } enumeration)
                    return null;
                TypeKind kind = enumeration.IsFlags ? TypeKind.Flags : TypeKind.Enumeration;
                return (isArray ? NoteKind.Numbers : NoteKind.Number, kind, declaration.FullCSharpName, isArray ? enumeration.Size : 0);
            case { Syntax: StructSyntax } declaration when !isArray:
                if (types.Structure(declaration) is not { } structure)
                    return null;
                if (!structure.IsVarying)
                    return (NoteKind.Structure, TypeKind.Structure, declaration.FullCSharpName, structure.IsWord ? 1 : 0);
                owner.Problems.Add(SpecDescriptors.Misplaced, row.Type.Range, row.Name.Value, name, "its size varies, and a note holds structures of one size");
                return null;
        }

        IEnumerable<string> known = types.Names.Where(other => !PrimitiveType.All.TryGetValue(other, out PrimitiveType? type) || type.IsPlain);
        string? near = NearName.Find(name, known.Concat(["string", "paddr"]));
        string? type = near is null ? null : row.Type.Text.Remove(0, name.Length).Insert(0, near);
        owner.Problems.AddMendable(SpecDescriptors.UnknownType, row.Type.Range, type, row.Type.Text, " of a note", NearName.Hint(near));
        return null;
    }

    private bool IsNew(NoteRow row, NoteRowModel model)
    {
        foreach (NoteRowModel other in _rows)
        {
            if (other.Type == model.Type)
            {
                owner.Problems.Add(SpecDescriptors.DuplicateNote, row.Number.Range, $"{model.Type}", other.Name);
                return false;
            }

            if (other.Name == model.Name)
            {
                owner.Problems.Add(SpecDescriptors.DuplicateRow, row.Name.Range, owner.Name, row.Name.Value);
                return false;
            }
        }

        foreach (string name in new[] { model.CSharpName, Member(model) })
        {
            string? taker = name == owner.CSharpName ? "its own block"
                : CSharpNames.ReservedInNotes.Contains(name) ? "a member that every notes block has"
                : _rows.Where(other => other.CSharpName == name || Member(other) == name).Select(other => $"'{other.Name}'").FirstOrDefault();
            if (taker is null)
                continue;
            owner.Problems.AddTaken((row.CSharpName ?? row.Name).Range, row.Name.Value, name, taker);
            return false;
        }

        return true;
    }

    /// <summary>What reads the note: a structure is handed out by a method.</summary>
    private static string Member(NoteRowModel row) => row.Kind == NoteKind.Structure ? $"TryGet{row.CSharpName}" : row.CSharpName;
}
