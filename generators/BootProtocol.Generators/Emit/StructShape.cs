using System;
using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>A structure as its properties see it: named fields only, and what all of its parts ask for.</summary>
internal sealed class StructShape
{
    /// <summary>The computed numbers that a structure may lack. Each names earlier ones only, so that one look at each is enough.</summary>
    private readonly HashSet<string> _absentLets = [];

    public StructShape(StructModel model)
    {
        Model = model;
        Fields = [.. model.Fields.Where(field => !field.IsPad)];
        foreach (LetModel let in model.Lets)
        {
            bool isGated = Presence.VersionCondition(this, let.Gate, null, Scope.Member) is not null;
            if (isGated || let.Steps.Any(step => _absentLets.Contains(step) || (Operand(let, step).Field is { Else: null } field && CanBeAbsent(field))))
                _absentLets.Add(let.Name);
        }
    }

    public StructModel Model { get; }

    /// <summary>The fields in order, without pads.</summary>
    public IReadOnlyList<FieldModel> Fields { get; }

    /// <summary>The type that writes a structure made from nothing.</summary>
    public string CreatorName => Model.HasAuthor ? "Author" : "Writer";

    public bool IsWord => Model.IsWord;

    /// <summary>The version that every structure has at least; 0 if it has none.</summary>
    public uint LowestVersion => Model.Gate?.Lowest ?? 0;

    /// <summary>The structure's name as a C# literal.</summary>
    public string NameLiteral => CSharpText.Quote(Model.Name);

    /// <summary>The parameter that says which variant is meant, with its comma; empty where there is only one.</summary>
    public string WordParameter => IsWord ? $", {KnownNames.WordSize} word" : "";

    /// <summary>The argument for a <c>bool narrow</c> made of a <c>word</c>, with its comma.</summary>
    public string NarrowOfWord => IsWord ? $", word == {KnownNames.WordSize}.Bits32" : "";

    public FieldModel? Find(string name) => Fields.FirstOrDefault(field => field.Name == name);

    public LetModel? FindLet(string name) => Model.Lets.FirstOrDefault(let => let.Name == name);

    /// <summary>The field that a step of a formula names, or bits of it; neither if the step names no field.</summary>
    public (FieldModel? Field, BitsModel? Bits) Operand(LetModel let, string step) =>
        let.Bits.FirstOrDefault(bits => bits.Name == step) is { } part ? (Find(part.Field), part.Bits) : (Find(step), null);

    public FieldModel? VersionField => Model.Gate is { } gate ? Find(gate.Field) : null;

    /// <summary>Whether a structure that passed its checks may lack the field.</summary>
    public bool CanBeAbsent(FieldModel field) => new Presence(this, field, null, Scope.Member).Condition is not null;

    /// <summary>Whether a structure that passed its checks may lack a computed number: by its version, or by one of the fields.</summary>
    public bool CanBeAbsent(LetModel let) => _absentLets.Contains(let.Name);

    /// <summary>The place of a field as the protocol's document counts.</summary>
    public string DocumentOffset(FieldModel field, Scope scope) =>
        Pick(field, scope, slot => CSharpText.Hex(Model.BaseOffset + slot.Offset));

    /// <summary>The bytes of a field, as a span.</summary>
    public string Place(FieldModel field, Scope scope)
    {
        string offset = Pick(field, scope, slot => CSharpText.Hex(slot.Offset));
        string size = Pick(field, scope, slot => CSharpText.Hex(slot.Size));
        return $"{scope.Bytes}.Slice({offset}, {size})";
    }

    /// <summary>An expression that depends on the field's place, for whichever variants have the field.</summary>
    public string Pick(FieldModel field, Scope scope, Func<SlotModel, string> expression)
    {
        SlotModel narrow = (field.Narrow ?? field.Wide)!;
        SlotModel wide = (field.Wide ?? field.Narrow)!;
        return IsWord ? scope.Pick(expression(narrow), expression(wide)) : expression(wide);
    }
}
