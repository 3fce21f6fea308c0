using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes what a structure of varying size has in place of a fixed size: how its rows are found, and their properties.</summary>
internal static class TailEmitter
{
    /// <summary>
    /// The most rows that a structure may have for its walk to be put into each loop over such structures, which then keeps it in registers: with more,
    /// a call costs little beside them.
    /// </summary>
    private const int MostInlinedRows = 3;

    /// <summary>Writes the fields of the view, its constructors, and the method that finds where each row ends.</summary>
    public static void State(IndentedWriter writer, StructShape shape)
    {
        StructModel model = shape.Model;
        string narrow = shape.IsWord ? ", bool narrow" : "";
        List<string> ends = [.. Ends(model)];
        writer.Line($"private readonly {KnownNames.ReadOnlyBytes} _bytes;");
        if (shape.IsWord)
            writer.Line("private readonly bool _narrow;");
        foreach (string end in ends)
            writer.Line($"private readonly int _{end};");
        writer.Gap();

        string parameters = string.Concat(ends.Select(end => $", int {end}"));
        writer.Open($"private {model.CSharpName}({KnownNames.ReadOnlyBytes} bytes{narrow}{parameters})");
        writer.Line("_bytes = bytes;");
        if (shape.IsWord)
            writer.Line("_narrow = narrow;");
        foreach (string end in ends)
            writer.Line($"_{end} = {end};");
        writer.CloseMember();
        ViewEmitter.Word(writer, shape);

        string results = $"out {model.CSharpName} view, out int length, scoped ref {KnownNames.ParseError} error";
        if (IsInlined(model))
            writer.Line(KnownNames.Inline);
        writer.Open($"private static bool TryRead({KnownNames.ReadOnlyBytes} bytes{narrow}, {results})");
        TailWalk.Emit(writer, shape, ends);
        writer.CloseMember();
    }

    /// <summary>Writes the property of each row.</summary>
    public static void Properties(IndentedWriter writer, StructShape shape)
    {
        for (int i = 0; i < shape.Model.Tail.Count; i++)
        {
            TailModel row = shape.Model.Tail[i];
            if (row.Field.IsPad)
                continue;
            string start = Start(shape, i);
            string? presence = row.Condition is null ? null : $"_end{i} != {EndAbove(shape, i)}";
            if (row.HasKnownSize)
                new PropertyEmitter(writer, shape, row.Field, Scope.Member with { Bytes = $"_bytes.Slice({start})" }, presence).Emit();
            else if (row.TagName is { } tag)
                Chosen(writer, shape, row, tag, start, $"_end{i}", presence);
            else if (row.HasVaryingElements)
                Varying(writer, shape, row, start, $"_end{i}", presence);
            else if (row.IsNumber)
                new PropertyEmitter(writer, shape, row.Field, Scope.Member, presence, $"_bytes[({start}).._end{i}]").Emit();
            else
                new PropertyEmitter(writer, shape, row.Field, Scope.Member, null, $"_bytes[({start}).._end{i}]").Emit();
        }
    }

    /// <summary>Writes how lists read the structure as one of theirs.</summary>
    public static void Interface(IndentedWriter writer, StructShape shape)
    {
        string type = shape.Model.CSharpName;
        string results = $"out {type} view, out int length, scoped ref {KnownNames.ParseError} error";
        if (IsInlined(shape.Model))
            writer.Line(KnownNames.Inline);
        writer.Line($"static bool {KnownNames.VaryingView}<{type}>.TryRead(");
        writer.Continuation($"{KnownNames.ReadOnlyBytes} bytes, {KnownNames.WordSize} word, {results}) =>");
        writer.Continuation($"TryRead(bytes{shape.NarrowOfWord}, out view, out length, ref error);");
        writer.Gap();
    }

    /// <summary>A place as the protocol's document counts.</summary>
    internal static string Place(StructShape shape, string at) =>
        shape.Model.BaseOffset == 0 ? at : $"{CSharpText.Hex(shape.Model.BaseOffset)} + {at}";

    private static bool IsInlined(StructModel model) => model.Tail.Count <= MostInlinedRows;

    private static IEnumerable<string> Ends(StructModel model)
    {
        for (int i = 0; i < model.Tail.Count; i++)
        {
            if (HasEnd(model, i))
                yield return $"end{i}";
        }
    }

    /// <summary>
    /// Whether the view holds where a row ends: if its size varies, and for some of many rows of fixed sizes in between, whose places would be
    /// expressions without end.
    /// </summary>
    public static bool HasEnd(StructModel model, int index)
    {
        const int Longest = 8;
        int last = index;
        while (last >= 0 && model.Tail[last].HasFixedSize)
            last--;
        return (index - last) % Longest == 0;
    }

    /// <summary>What a number of the structure chooses.</summary>
    private static void Chosen(IndentedWriter writer, StructShape shape, TailModel row, NumberName tag, string start, string end, string? presence)
    {
        string type = row.Field.Type.CSharpType;
        string word = row.Field.Type.IsWordSized ? ", _word" : "";
        string number = TailNumber.Of(shape, tag, "", i => Start(shape, i), "_bytes", "stored");
        FieldDoc.Write(writer, shape, row.Field);
        Got(writer, row, presence, start, $"new {type}(_bytes[start..{end}], {number}{word}, {Place(shape, "start")})");
    }

    /// <summary>A property of a value that is made where it starts; a method where there may be none, since a ref struct cannot be nullable.</summary>
    private static void Got(IndentedWriter writer, TailModel row, string? presence, string start, string value)
    {
        string type = row.Field.Type.CSharpType;
        if (presence is null)
        {
            writer.Open($"public {type} {row.Field.CSharpName}");
            writer.Open("get");
            writer.Line($"int start = {start};");
            writer.Line($"return {value};");
            writer.Close();
            writer.CloseMember();
            return;
        }

        writer.Line("/// <param name=\"value\">The field; empty if it is absent.</param>");
        writer.Line("/// <returns>Whether the field is there.</returns>");
        writer.Open($"public bool TryGet{row.Field.CSharpName}(out {type} value)");
        writer.Open($"if (!({presence}))");
        writer.Line("value = default;");
        writer.Line("return false;");
        writer.CloseMember();
        writer.Line($"int start = {start};");
        writer.Line($"value = {value};");
        writer.Line("return true;");
        writer.CloseMember();
    }

    private static void Varying(IndentedWriter writer, StructShape shape, TailModel row, string start, string end, string? presence)
    {
        string type = row.Field.Type.CSharpType;
        string word = shape.IsWord ? "_word" : $"{KnownNames.WordSize}.Bits64";
        FieldDoc.Write(writer, shape, row.Field);
        if (row.Extent == TailExtent.One)
        {
            if (presence is not null)
            {
                Got(writer, row, presence, start, $"{KnownNames.ViewAccess}.Read<{type}>(_bytes[start..{end}], {word})");
                return;
            }

            writer.Line($"public {type} {row.Field.CSharpName} => {KnownNames.ViewAccess}.Read<{type}>(_bytes[({start})..{end}], {word});");
            writer.Gap();
            return;
        }

        string list = $"{KnownNames.ViewSequence}<{type}>";
        string most = row.Extent == TailExtent.Open ? "ulong.MaxValue" : TailNumber.Of(shape, row.CountName!, "", i => Start(shape, i), "_bytes", "stored");
        if (presence is not null && row.Extent != TailExtent.Open)
            most = $"{presence} ? {most} : 0";
        writer.Open($"public {list} {row.Field.CSharpName}");
        writer.Open("get");
        writer.Line($"int start = {start};");
        writer.Line($"return new {list}(_bytes[start..{end}], {word}, {most}, {Place(shape, "start")});");
        writer.Close();
        writer.CloseMember();
    }

    /// <summary>The variant inside of a static method.</summary>
    internal static string Word(StructShape shape) =>
        shape.IsWord ? $"narrow ? {KnownNames.WordSize}.Bits32 : {KnownNames.WordSize}.Bits64" : $"{KnownNames.WordSize}.Bits64";

    /// <summary>Where a row starts, inside of a view: the row above ends at a field of the view, or has a fixed size.</summary>
    private static string Start(StructShape shape, int index)
    {
        TailModel row = shape.Model.Tail[index];
        string end = EndAbove(shape, index);
        string aligned = Aligned(row, end, Scope.Member, "_bytes.Length");

        // A row that is left out ends where the one above it does, which need not be at a multiple of its alignment.
        return row.Condition is null || aligned == end ? aligned : $"{KnownNames.Math}.Min({aligned}, _end{index})";
    }

    /// <summary>Where the row above ends, inside of a view.</summary>
    internal static string EndAbove(StructShape shape, int index)
    {
        StructModel model = shape.Model;
        if (index == 0)
            return Scope.Member.Pick(CSharpText.Hex(model.Narrow.Size), CSharpText.Hex(model.Wide.Size));
        return HasEnd(model, index - 1)
            ? $"_end{index - 1}"
            : $"{Start(shape, index - 1)} + {Size(shape, model.Tail[index - 1], Scope.Member)}";
    }

    internal static string Aligned(TailModel row, string at, Scope scope, string end)
    {
        if (row.NarrowAlignment == 1 && row.WideAlignment == 1)
            return at;
        return $"{KnownNames.ViewAccess}.Align({at}, {scope.Pick($"{row.NarrowAlignment}", $"{row.WideAlignment}")}, {end})";
    }

    internal static string Size(StructShape shape, TailModel row, Scope scope) => shape.Pick(row.Field, scope, slot => CSharpText.Hex(slot.Size));

    internal static string ElementSize(StructShape shape, TailModel row) =>
        shape.Pick(row.Field, Scope.Local, slot => CSharpText.Hex(slot.ElementSize));
}
