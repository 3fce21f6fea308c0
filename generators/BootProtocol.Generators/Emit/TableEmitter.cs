using System;
using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes a structure as data: the field table that inspectors walk.</summary>
internal static class TableEmitter
{
    private const string SpecStructure = KnownNames.Specs + ".SpecStructure";
    private const string SpecVariant = KnownNames.Specs + ".SpecVariant";
    private const string SpecField = KnownNames.Specs + ".SpecField";
    private const string SpecComputed = KnownNames.Specs + ".SpecComputed";
    private const string SpecTail = KnownNames.Specs + ".SpecTail";
    private const string SpecGate = KnownNames.Specs + ".SpecGate";

    public static void Emit(IndentedWriter writer, StructModel model)
    {
        TableFrame.Open(writer, SpecStructure, "The structure as data; made when it is asked for.");
        writer.Line($"Name = {CSharpText.Quote(model.Name)},");
        writer.Line($"Protocol = {CSharpText.Quote(model.Protocol)},");
        writer.Line($"Doc = {CSharpText.Quote(model.Doc)},");
        writer.Line($"IsPacked = {CSharpText.Bool(model.IsPacked)},");
        writer.Line($"IsBigEndian = {CSharpText.Bool(model.IsBigEndian)},");
        writer.Line($"BaseOffset = {CSharpText.Hex(model.BaseOffset)},");
        if (model.Gate is { } gate)
        {
            writer.Line(
                $"Versions = new {KnownNames.Specs}.SpecVersions({CSharpText.Quote(gate.Field)}, {CSharpText.Bool(gate.IsDotted)}, "
                + $"{CSharpText.Hex((ulong)gate.Lowest)}u, {CSharpText.Hex((ulong)gate.Highest)}u),");
        }

        if (model.EndByte is { } end)
            writer.Line($"EndByte = {CSharpText.Hex(end)},");
        if (model.LengthField is { } length)
            writer.Line($"LengthField = {CSharpText.Quote(length)},");
        TableFrame.OpenList(writer, "Variants", SpecVariant);
        if (model.IsWord)
        {
            Variant(writer, model, 32, model.Narrow, field => field.Narrow);
            Variant(writer, model, 64, model.Wide, field => field.Wide);
        }
        else
        {
            Variant(writer, model, 0, model.Wide, field => field.Wide ?? field.Narrow);
        }

        TableFrame.CloseList(writer);
        Computed(writer, model);
        TableFrame.Close(writer);
    }

    private static void Computed(IndentedWriter writer, StructModel model)
    {
        if (model.Lets.Count == 0)
            return;
        TableFrame.OpenList(writer, "Computed", SpecComputed);
        foreach (LetModel let in model.Lets)
        {
            string steps = string.Join(", ", let.Steps.Select(CSharpText.Quote));
            string formula = $"new {KnownNames.Specs}.SpecFormula({CSharpText.Quote(let.Text)}, {steps})";
            string gate = let.Gate is { } versions ? $"{Gate(versions)}, " : "";
            writer.Line(
                $"new {SpecComputed} {{ Name = {CSharpText.Quote(let.Name)}, Formula = {formula}, {gate}Doc = {CSharpText.Quote(let.Doc)} }},");
        }

        TableFrame.CloseList(writer);
    }

    private static string Gate(GateModel gate)
    {
        string highest = gate.Highest is { } last ? CSharpText.Hex((ulong)last) + "u" : "null";
        return $"Gate = new {SpecGate}({CSharpText.Hex((ulong)gate.Lowest)}u, {highest}, {CSharpText.Quote(gate.Text)})";
    }

    private static void Variant(
        IndentedWriter writer, StructModel model, int bits, VariantModel variant, Func<FieldModel, SlotModel?> slotOf)
    {
        writer.Open($"new {SpecVariant}");
        writer.Line($"Bits = {bits},");
        writer.Line($"Size = {CSharpText.Hex(variant.Size)},");
        writer.Line($"Alignment = {variant.Alignment},");
        writer.Line($"FloorLength = {CSharpText.Hex(variant.FloorLength)},");
        TableFrame.OpenList(writer, "Fields", SpecField);
        // Rows of one name in two variants are one field, which need not stand at its first row's place in the other variant.
        IEnumerable<FieldModel> present = model.Fields.Where(field => slotOf(field) is not null).OrderBy(field => slotOf(field)!.Offset);
        foreach (FieldModel field in present)
        {
            SlotModel slot = slotOf(field)!;
            writer.Line($"new {SpecField} {{ {string.Join(", ", Properties(field, slot))} }},");
        }

        TableFrame.CloseList(writer);
        Tail(writer, model, bits == 32);
        if (variant.Step > 1)
            writer.Line($"Step = {variant.Step},");
        writer.Close(",");
    }

    private static void Tail(IndentedWriter writer, StructModel model, bool isNarrow)
    {
        if (!model.IsVarying)
            return;
        TableFrame.OpenList(writer, "Tail", SpecTail);
        foreach (TailModel row in model.Tail)
        {
            writer.Open($"new {SpecTail}");
            SlotModel slot = (isNarrow ? row.Field.Narrow : row.Field.Wide)!;
            writer.Line($"Field = new {SpecField} {{ {string.Join(", ", Properties(row.Field, slot))} }},");
            writer.Line($"Extent = {KnownNames.Specs}.SpecExtent.{row.Extent},");
            if (row.CountName is { } count)
                writer.Line($"CountName = {CSharpText.Quote(count.Name)},");
            if (row.BytesName is { } room)
                writer.Line($"BytesName = {CSharpText.Quote(room.Name)},");
            if (row.Until is { } until)
            {
                writer.Line($"UntilField = {CSharpText.Quote(until.Field)},");
                writer.Line($"UntilValue = {CSharpText.Hex(until.Value)}UL,");
            }

            if (row.TagName is { } tag)
                writer.Line($"TagName = {CSharpText.Quote(tag.Name)},");
            if (row.Condition is { } condition)
                writer.Line($"{Condition(condition)},");

            if (row.IsSized)
                writer.Line("IsSized = true,");
            if (row.HasVaryingElements)
                writer.Line("HasVaryingElements = true,");
            writer.Line($"Alignment = {(isNarrow ? row.NarrowAlignment : row.WideAlignment)},");
            writer.Close(",");
        }

        TableFrame.CloseList(writer);
    }

    private static string Rule(RuleModel rule)
    {
        string values = string.Join(", ", rule.Values.Select(value => CSharpText.LongOrNull(value)));
        string texts = $"{CSharpText.Bool(rule.IsChecked)}, {CSharpText.Quote(rule.Text)}, {CSharpText.Quote(rule.Expected)}";
        return $"new {KnownNames.Specs}.SpecRule({KnownNames.Specs}.SpecRuleKind.{rule.Kind}, [{values}], {texts})";
    }

    private static string Condition(ConditionModel condition)
    {
        string values = $"{CSharpText.Hex(condition.First)}UL, {CSharpText.Hex(condition.Last)}UL, {CSharpText.Quote(condition.Text)}";
        return $"Condition = new {KnownNames.Specs}.SpecCondition({CSharpText.Quote(condition.Number.Name)}, {values})";
    }

    private static IEnumerable<string> Properties(FieldModel field, SlotModel slot)
    {
        yield return $"Name = {CSharpText.Quote(field.Name)}";
        yield return $"Type = {CSharpText.Quote(slot.TypeText)}";
        yield return $"Kind = {TableFrame.Kind(field.Type.Kind)}";
        yield return $"Offset = {CSharpText.Hex(slot.Offset)}";
        yield return $"Size = {CSharpText.Hex(slot.Size)}";
        yield return $"ElementSize = {CSharpText.Hex(slot.ElementSize)}";
        if (field.Type.IsArray)
            yield return "IsArray = true";
        if (field.Type.Inner.Count > 0)
            yield return $"Inner = [{string.Join(", ", field.Type.Inner)}]";
        if (field.Type.Digits > 0)
            yield return "IsDigits = true";
        if (field.Type.Form == NumberForm.Leb128)
            yield return "IsLeb128 = true";
        if (field.Type.IsBigEndian is { } isBigEndian)
            yield return $"IsBigEndian = {CSharpText.Bool(isBigEndian)}";
        if (field.Type.CountField is { } count)
            yield return $"CountField = {CSharpText.Quote(count)}";
        if (field.Gate is { } gate)
            yield return Gate(gate);
        if (field.When is { } condition)
            yield return Condition(condition);
        if (field.Access.Text.Length > 0)
            yield return $"Access = {CSharpText.Quote(field.Access.Text)}";
        if (field.Access.CanWrite && !field.IsPad)
            yield return "IsWritable = true";
        if (field.Constant is { IsLong: true, Text: { } text })
            yield return $"ConstantBytes = [{string.Join(", ", text.Select(c => CSharpText.Hex((ulong)c)))}]";
        else if (field.Constant is { } constant)
            yield return $"Constant = {CSharpText.LongOrNull(constant.Number)}";
        if (field.Else is not null)
            yield return $"Else = {CSharpText.LongOrNull(field.Else)}";
        if (field.Zero is not null)
            yield return $"Zero = {CSharpText.LongOrNull(field.Zero)}";
        if (field.Pointee is { } pointee)
            yield return $"Pointee = {CSharpText.Quote(pointee.Text)}";
        if (field.Rules.Count > 0)
            yield return $"Rules = [{string.Join(", ", field.Rules.Select(Rule))}]";
        if (field.Checksum is { } checksum)
        {
            yield return $"Checksum = new {KnownNames.Specs}.SpecChecksum({KnownNames.Specs}.SpecChecksumFunction.{checksum.Function}, "
                + $"{CSharpText.Quote(checksum.First)}, {CSharpText.Quote(checksum.Last)}, {checksum.Shift}, {CSharpText.Quote(checksum.Text)})";
        }

        yield return $"Doc = {CSharpText.Quote(field.Doc)}";
        foreach (string link in TableFrame.Links(field.Type.Kind, field.Type.CSharpType))
            yield return link;
    }
}
