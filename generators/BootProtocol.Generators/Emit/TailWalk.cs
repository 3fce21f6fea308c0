using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes the method that finds where each row of a structure of varying size ends.</summary>
internal static class TailWalk
{
    public static void Emit(IndentedWriter writer, StructShape shape, IReadOnlyList<string> ends)
    {
        StructModel model = shape.Model;
        string narrow = shape.IsWord ? ", narrow" : "";
        // They are written once, at the end: a walk through many structures spends much of its time on writing.
        writer.Line($"{KnownNames.SkipInit}(out view);");
        writer.Line($"{KnownNames.SkipInit}(out length);");
        writer.Open($"if ({string.Join(" || ", RulesEmitter.Faults(shape))})");
        writer.Line($"error = Layout.Check(bytes{narrow});");
        writer.Line("return false;");
        writer.CloseMember();

        // The rows of the fixed part are read by their own properties; the rest of this view is never looked at.
        string none = string.Concat(ends.Select(_ => ", 0"));
        writer.Line($"var head = new {model.CSharpName}(bytes{narrow}{none});");
        writer.Line("int available = bytes.Length;");
        if (model.LengthField is { } name && shape.Find(name) is { } lengthField)
        {
            writer.Line($"ulong said = unchecked((ulong)head.{lengthField.CSharpName});");
            writer.Open("if (said > (ulong)available)");
            string place = shape.DocumentOffset(lengthField, Scope.Local);
            writer.Line($"error = {KnownNames.ViewFaults}.BeyondEnd({shape.NameLiteral}, {CSharpText.Quote(name)}, {place}, said, 1, available);");
            writer.Line("return false;");
            writer.CloseMember();
            writer.Line("bytes = bytes.Slice(0, (int)said);");
        }

        writer.Line($"int at = {Scope.Local.Pick(CSharpText.Hex(model.Narrow.Size), CSharpText.Hex(model.Wide.Size))};");
        for (int i = 0; i < model.Tail.Count; i++)
            Row(writer, shape, i);
        if (model.LengthField is not null)
            writer.Line("at = bytes.Length;");
        string step = Scope.Local.Pick($"{model.Narrow.Step}", $"{model.Wide.Step}");
        writer.Line(step == "1" ? "length = at;" : $"length = {KnownNames.ViewAccess}.Align(at, {step}, available);");
        writer.Line($"view = new {model.CSharpName}(bytes.Slice(0, at){narrow}{string.Concat(ends.Select(end => $", {end}"))});");
        writer.Line("return true;");
    }

    private static void Row(IndentedWriter writer, StructShape shape, int index)
    {
        TailModel row = shape.Model.Tail[index];
        string aligned = TailEmitter.Aligned(row, "at", Scope.Local, "bytes.Length");
        if (row.Condition is { } condition)
        {
            TailNumber.Declare(writer, shape, condition.Number, $"when{index}");
            writer.Line($"int start{index} = at;");
            writer.Open($"if ({TailNumber.Holds(condition, $"when{index}")})");
            if (aligned != "at")
                writer.Line($"at = start{index} = {aligned};");
            Content(writer, shape, row, index);
            writer.CloseMember();
        }
        else
        {
            if (aligned != "at")
                writer.Line($"at = {aligned};");
            writer.Line($"int start{index} = at;");
            Content(writer, shape, row, index);
        }

        if (TailEmitter.HasEnd(shape.Model, index))
            writer.Line($"int end{index} = at;");
    }

    /// <summary>Moves behind a row that is there.</summary>
    private static void Content(IndentedWriter writer, StructShape shape, TailModel row, int index)
    {
        string end = "bytes.Length";
        string fault = $"{shape.NameLiteral}, {CSharpText.Quote(row.Field.Name)}, {TailEmitter.Place(shape, "at")}";
        if (row.BytesName is { } room)
        {
            TailNumber.Declare(writer, shape, room, $"room{index}");
            writer.Open($"if (room{index} > (ulong)(bytes.Length - at))");
            writer.Line($"error = {KnownNames.ViewFaults}.BeyondEnd({fault}, room{index}, 1, bytes.Length - at);");
            writer.Line("return false;");
            writer.CloseMember();
            writer.Line($"int limit{index} = at + (int)room{index};");
            end = $"limit{index}";
        }

        if (row is { IsSized: true, TagName: { } tag })
        {
            TailNumber.Declare(writer, shape, tag, $"tag{index}");
            string word = row.Field.Type.IsWordSized ? $", {TailEmitter.Word(shape)}" : "";
            writer.Open($"if (!{row.Field.Type.CSharpType}.TryMeasure(bytes[at..], tag{index}{word}, out int used{index}, ref error))");
            writer.Line($"error = error.MovedBy({TailEmitter.Place(shape, "at")});");
            writer.Line("return false;");
            writer.CloseMember();
            writer.Line($"at += used{index};");
        }
        else if (row.Until is { IsByte: true } mark)
        {
            string last = CSharpText.Hex(mark.Value);
            writer.Line($"int mark{index} = global::System.MemoryExtensions.IndexOf(bytes[at..{end}], (byte){last});");
            writer.Open($"if (mark{index} < 0)");
            string place = TailEmitter.Place(shape, "at");
            writer.Line($"error = {KnownNames.ViewFaults}.NoMark({shape.NameLiteral}, {CSharpText.Quote(row.Field.Name)}, {place}, {last}, {end} - at);");
            writer.Line("return false;");
            writer.CloseMember();
            writer.Line($"at += mark{index} + 1;");
        }
        else if (row.Field.Type.Form == NumberForm.Leb128)
        {
            writer.Line($"if (!{KnownNames.ViewAccess}.TryMeasureLeb128(bytes[at..{end}], {fault}, out int used{index}, ref error))");
            writer.Continuation("return false;");
            writer.Line($"at += used{index};");
        }
        else if (row.HasVaryingElements || row.Until is not null)
        {
            Elements(writer, shape, row, index, end);
        }
        else if (row.Extent == TailExtent.Open)
        {
            string size = TailEmitter.ElementSize(shape, row);
            if (size != "0x1")
            {
                writer.Open($"if (({end} - at) % {size} != 0)");
                writer.Line($"error = {KnownNames.ViewFaults}.NotWhole({fault}, {size}, {end} - at);");
                writer.Line("return false;");
                writer.CloseMember();
            }

            writer.Line($"at = {end};");
        }
        else
        {
            Fixed(writer, shape, row, index, fault);
        }

        if (row.BytesName is not null && row is not { Extent: TailExtent.Open, Until: null })
            writer.Line($"at = {end};");
    }

    /// <summary>A number of elements of one size each.</summary>
    private static void Fixed(IndentedWriter writer, StructShape shape, TailModel row, int index, string fault)
    {
        string size = row.Extent == TailExtent.One ? TailEmitter.Size(shape, row, Scope.Local) : TailEmitter.ElementSize(shape, row);
        string count = "1";
        if (row.CountName is { } name)
        {
            count = $"count{index}";
            TailNumber.Declare(writer, shape, name, count);
        }

        if (row.Field.Type.Form == NumberForm.Sized && count != "1")
        {
            writer.Open($"if ({count} > 8)");
            writer.Line($"error = {KnownNames.ViewFaults}.TooWide({fault}, {count});");
            writer.Line("return false;");
            writer.CloseMember();
        }

        bool isBytes = size == "0x1";
        string most = isBytes ? "(ulong)(bytes.Length - at)" : $"(ulong)((bytes.Length - at) / {size})";
        writer.Open(count == "1" ? $"if ({size} > bytes.Length - at)" : $"if ({count} > {most})");
        writer.Line($"error = {KnownNames.ViewFaults}.BeyondEnd({fault}, {count}, {size}, bytes.Length - at);");
        writer.Line("return false;");
        writer.CloseMember();
        writer.Line(count == "1" ? $"at += {size};" : isBytes ? $"at += (int){count};" : $"at += (int){count} * {size};");
    }

    /// <summary>Elements whose sizes or number stand in the elements themselves.</summary>
    private static void Elements(IndentedWriter writer, StructShape shape, TailModel row, int index, string end)
    {
        if (row is { Extent: TailExtent.Open, Until: null })
        {
            writer.Line($"at = {end};");
            return;
        }

        string type = row.Field.Type.CSharpType;
        string word = TailEmitter.Word(shape);
        string what;
        if (row.Until is { } until)
        {
            string method = row.HasVaryingElements ? "TryMeasureUntil" : "TryMeasureFixedUntil";
            string isLast = $"static element => element.{until.CSharpName} is {{ }} value && unchecked((ulong)value) == {CSharpText.Hex(until.Value)}UL";
            what = $"{method}<{type}>(bytes[at..{end}], {word}, {isLast}, {CSharpText.Quote($"{until.Field} = {until.Value}")}";
        }
        else
        {
            string count = "1";
            if (row.CountName is { } name)
            {
                count = $"count{index}";
                TailNumber.Declare(writer, shape, name, count);
            }

            what = $"TryMeasure<{type}>(bytes[at..{end}], {word}, {count}";
        }

        string place = $"{shape.NameLiteral}, {CSharpText.Quote(row.Field.Name)}, {TailEmitter.Place(shape, "at")}";
        writer.Line($"if (!{KnownNames.ViewAccess}.{what}, {place}, out int used{index}, ref error))");
        writer.Continuation("return false;");
        writer.Line($"at += used{index};");
    }
}
