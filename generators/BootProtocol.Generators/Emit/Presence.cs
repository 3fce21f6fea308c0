using System;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>The conditions under which a field is there, as C# expressions.</summary>
/// <remarks>A condition that every structure fulfils once it passed its checks is null.</remarks>
internal sealed class Presence
{
    public Presence(StructShape shape, FieldModel field, GateModel? writeGate, Scope scope)
    {
        Variant = VariantCondition(shape, field, scope);
        Version = VersionCondition(shape, field.Gate, writeGate, scope);
        Length = LengthCondition(shape, field, scope);
        foreach (string? part in new[] { Variant, Version, Length, ChoiceCondition(shape, field.When, scope) })
            Condition = Condition is null ? part : part is null ? Condition : $"{Condition} && {part}";
    }

    /// <summary>The variant at hand has the field.</summary>
    public string? Variant { get; }

    /// <summary>The version at hand has the field.</summary>
    public string? Version { get; }

    /// <summary>The bytes of the field are there.</summary>
    public string? Length { get; }

    /// <summary>All of it, and that the field is the member of its union that is meant.</summary>
    public string? Condition { get; }

    private static string? VariantCondition(StructShape shape, FieldModel field, Scope scope)
    {
        if (!shape.IsWord)
            return null;
        return field.Narrow is null ? $"!{scope.Narrow}" : field.Wide is null ? scope.Narrow : null;
    }

    /// <summary>The condition that the version at hand is one of a gate's; null if it always is.</summary>
    public static string? VersionCondition(StructShape shape, GateModel? gate, GateModel? writeGate, Scope scope)
    {
        if (shape.Model.Gate is not { } versions)
            return null;
        uint lowest = Math.Max(gate?.Lowest ?? 0, writeGate?.Lowest ?? 0);
        uint highest = Math.Min(gate?.Highest ?? uint.MaxValue, writeGate?.Highest ?? uint.MaxValue);
        string? from = lowest > versions.Lowest ? $"{scope.Version} >= {CSharpText.Hex((ulong)lowest)}u" : null;
        string? to = highest < uint.MaxValue ? $"{scope.Version} <= {CSharpText.Hex((ulong)highest)}u" : null;
        return from is not null && to is not null ? $"{from} && {to}" : from ?? to;
    }

    /// <summary>The condition that a number chooses the field; it counts as stored, and where it is absent, as its <c>else</c> or as 0.</summary>
    private static string? ChoiceCondition(StructShape shape, ConditionModel? when, Scope scope)
    {
        if (when is null)
            return null;
        FieldModel tag = when.Number.Stored ?? shape.Find(when.Number.Whole)!;
        string number = $"unchecked((ulong){new NumberAccess(shape, scope).Raw(tag)})";
        if (when.Number.Stored is null && new Presence(shape, tag, null, scope).Condition is { } isThere)
            number = $"({isThere} ? {number} : {CSharpText.Hex(tag.Else ?? 0)}UL)";
        return TailNumber.Holds(when, NumberAccess.Part(number, when.Number.Bits));
    }

    private static string? LengthCondition(StructShape shape, FieldModel field, Scope scope)
    {
        if (!IsLate(shape, field))
            return null;
        string test = $"{scope.Length} >= {shape.Pick(field, scope, slot => CSharpText.Hex(slot.Offset + slot.Size))}";
        return scope.Opening is null ? test : $"{scope.Opening} && {test}";
    }

    /// <summary>Whether a structure that passed its checks may end before the field does.</summary>
    public static bool IsLate(StructShape shape, FieldModel field) =>
        !shape.Model.IsVarying && (IsBeyond(field.Wide, shape.Model.Wide) || (shape.IsWord && IsBeyond(field.Narrow, shape.Model.Narrow)));

    private static bool IsBeyond(SlotModel? slot, VariantModel variant) =>
        slot is not null && slot.Offset + slot.Size > variant.FloorLength;
}
