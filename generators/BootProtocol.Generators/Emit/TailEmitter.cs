using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes what a structure of varying size has in place of a fixed size: how its rows are found, and their properties.</summary>
internal static class TailEmitter
{
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
        writer.Open($"private static bool TryRead({KnownNames.ReadOnlyBytes} bytes{narrow}, {results})");
        Walk(writer, shape, ends);
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
            if (row.HasFixedSize)
                new PropertyEmitter(writer, shape, row.Field, Scope.Member with { Bytes = $"_bytes.Slice({start})" }).Emit();
            else if (row.TagName is { } tag)
                Chosen(writer, shape, row, tag, start, $"_end{i}");
            else if (row.HasVaryingElements)
                Varying(writer, shape, row, start, $"_end{i}");
            else
                new PropertyEmitter(writer, shape, row.Field, Scope.Member, $"_bytes[({start}).._end{i}]").Emit();
        }
    }

    /// <summary>Writes how lists read the structure as one of theirs.</summary>
    public static void Interface(IndentedWriter writer, StructShape shape)
    {
        string type = shape.Model.CSharpName;
        string results = $"out {type} view, out int length, scoped ref {KnownNames.ParseError} error";
        writer.Line($"static bool {KnownNames.VaryingView}<{type}>.TryRead(");
        writer.Continuation($"{KnownNames.ReadOnlyBytes} bytes, {KnownNames.WordSize} word, {results}) =>");
        writer.Continuation($"TryRead(bytes{shape.NarrowOfWord}, out view, out length, ref error);");
        writer.Gap();
    }

    /// <summary>A place as the protocol's document counts.</summary>
    private static string Place(StructShape shape, string at) =>
        shape.Model.BaseOffset == 0 ? at : $"{CSharpText.Hex(shape.Model.BaseOffset)} + {at}";

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
    private static void Chosen(IndentedWriter writer, StructShape shape, TailModel row, NumberName tag, string start, string end)
    {
        string type = row.Field.Type.CSharpType;
        string word = row.Field.Type.IsWordSized ? ", _word" : "";
        string number = Number(shape, tag, "", i => Start(shape, i), "_bytes", "stored");
        FieldDoc.Write(writer, shape, row.Field);
        writer.Open($"public {type} {row.Field.CSharpName}");
        writer.Open("get");
        writer.Line($"int start = {start};");
        writer.Line($"return new {type}(_bytes[start..{end}], {number}{word}, {Place(shape, "start")});");
        writer.Close();
        writer.CloseMember();
    }

    private static void Varying(IndentedWriter writer, StructShape shape, TailModel row, string start, string end)
    {
        string type = row.Field.Type.CSharpType;
        string word = shape.IsWord ? "_word" : $"{KnownNames.WordSize}.Bits64";
        FieldDoc.Write(writer, shape, row.Field);
        if (row.Extent == TailExtent.One)
        {
            writer.Line($"public {type} {row.Field.CSharpName} => {KnownNames.ViewAccess}.Read<{type}>(_bytes[({start})..{end}], {word});");
            writer.Gap();
            return;
        }

        string list = $"{KnownNames.ViewSequence}<{type}>";
        string most = row.Extent == TailExtent.Open ? "ulong.MaxValue" : Number(shape, row.CountName!, "", i => Start(shape, i), "_bytes", "stored");
        writer.Open($"public {list} {row.Field.CSharpName}");
        writer.Open("get");
        writer.Line($"int start = {start};");
        writer.Line($"return new {list}(_bytes[start..{end}], {word}, {most}, {Place(shape, "start")});");
        writer.Close();
        writer.CloseMember();
    }

    /// <summary>The variant inside of a static method.</summary>
    private static string Word(StructShape shape) =>
        shape.IsWord ? $"narrow ? {KnownNames.WordSize}.Bits32 : {KnownNames.WordSize}.Bits64" : $"{KnownNames.WordSize}.Bits64";

    /// <summary>Where a row starts, inside of a view: the row above ends at a field of the view, or has a fixed size.</summary>
    private static string Start(StructShape shape, int index)
    {
        StructModel model = shape.Model;
        string end;
        if (index == 0)
            end = Scope.Member.Pick(CSharpText.Hex(model.Narrow.Size), CSharpText.Hex(model.Wide.Size));
        else if (HasEnd(model, index - 1))
            end = $"_end{index - 1}";
        else
            end = $"{Start(shape, index - 1)} + {Size(shape, model.Tail[index - 1], Scope.Member)}";
        return Aligned(model.Tail[index], end, Scope.Member, "_bytes.Length");
    }

    private static string Aligned(TailModel row, string at, Scope scope, string end)
    {
        if (row.NarrowAlignment == 1 && row.WideAlignment == 1)
            return at;
        return $"{KnownNames.ViewAccess}.Align({at}, {scope.Pick($"{row.NarrowAlignment}", $"{row.WideAlignment}")}, {end})";
    }

    private static string Size(StructShape shape, TailModel row, Scope scope) => shape.Pick(row.Field, scope, slot => CSharpText.Hex(slot.Size));

    private static string ElementSize(StructShape shape, TailModel row) =>
        shape.Pick(row.Field, Scope.Local, slot => CSharpText.Hex(slot.ElementSize));

    private static void Walk(IndentedWriter writer, StructShape shape, IReadOnlyList<string> ends)
    {
        StructModel model = shape.Model;
        string narrow = shape.IsWord ? ", narrow" : "";
        writer.Line("view = default;");
        writer.Line("length = 0;");
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
        string end = "bytes.Length";
        string aligned = Aligned(row, "at", Scope.Local, end);
        if (aligned != "at")
            writer.Line($"at = {aligned};");
        writer.Line($"int start{index} = at;");
        string fault = $"{shape.NameLiteral}, {CSharpText.Quote(row.Field.Name)}, {Place(shape, "at")}";
        if (row.BytesName is { } room)
        {
            Named(writer, shape, room, $"room{index}");
            writer.Open($"if (room{index} > (ulong)(bytes.Length - at))");
            writer.Line($"error = {KnownNames.ViewFaults}.BeyondEnd({fault}, room{index}, 1, bytes.Length - at);");
            writer.Line("return false;");
            writer.CloseMember();
            writer.Line($"int limit{index} = at + (int)room{index};");
            end = $"limit{index}";
        }

        if (row is { IsSized: true, TagName: { } tag })
        {
            Named(writer, shape, tag, $"tag{index}");
            string word = row.Field.Type.IsWordSized ? $", {Word(shape)}" : "";
            writer.Open($"if (!{row.Field.Type.CSharpType}.TryMeasure(bytes[at..], tag{index}{word}, out int used{index}, ref error))");
            writer.Line($"error = error.MovedBy({Place(shape, "at")});");
            writer.Line("return false;");
            writer.CloseMember();
            writer.Line($"at += used{index};");
        }
        else if (row.Until is { IsByte: true } mark)
        {
            string last = CSharpText.Hex(mark.Value);
            writer.Line($"int mark{index} = global::System.MemoryExtensions.IndexOf(bytes[at..{end}], (byte){last});");
            writer.Open($"if (mark{index} < 0)");
            string place = Place(shape, "at");
            writer.Line($"error = {KnownNames.ViewFaults}.NoMark({shape.NameLiteral}, {CSharpText.Quote(row.Field.Name)}, {place}, {last}, {end} - at);");
            writer.Line("return false;");
            writer.CloseMember();
            writer.Line($"at += mark{index} + 1;");
        }
        else if (row.HasVaryingElements || row.Until is not null)
        {
            Elements(writer, shape, row, index, end);
        }
        else if (row.Extent == TailExtent.Open)
        {
            string size = ElementSize(shape, row);
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
        if (HasEnd(shape.Model, index))
            writer.Line($"int end{index} = at;");
    }

    /// <summary>A number of elements of one size each.</summary>
    private static void Fixed(IndentedWriter writer, StructShape shape, TailModel row, int index, string fault)
    {
        string size = row.Extent == TailExtent.One ? Size(shape, row, Scope.Local) : ElementSize(shape, row);
        string count = "1";
        if (row.CountName is { } name)
        {
            count = $"count{index}";
            Named(writer, shape, name, count);
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
        string word = Word(shape);
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
                Named(writer, shape, name, count);
            }

            what = $"TryMeasure<{type}>(bytes[at..{end}], {word}, {count}";
        }

        string place = $"{shape.NameLiteral}, {CSharpText.Quote(row.Field.Name)}, {Place(shape, "at")}";
        writer.Line($"if (!{KnownNames.ViewAccess}.{what}, {place}, out int used{index}, ref error))");
        writer.Continuation("return false;");
        writer.Line($"at += used{index};");
    }

    /// <summary>Declares a local that has a stored or computed number, as a <c>ulong</c>.</summary>
    private static void Named(IndentedWriter writer, StructShape shape, NumberName name, string local)
    {
        if (shape.FindLet(name.Name) is { IsSafe: false } let)
        {
            // Where a number is absent there is no error, and it counts as 0.
            writer.Open($"if (!head.TryGet{let.CSharpName}(out ulong {local}, out {KnownNames.ParseError} {local}Error) && {local}Error.IsError)");
            writer.Line($"error = {local}Error;");
            writer.Line("return false;");
            writer.CloseMember();
            return;
        }

        writer.Line($"ulong {local} = {Number(shape, name, "head.", i => $"start{i}", "bytes", $"{local}Stored")};");
    }

    /// <summary>A stored or computed number, or a number in digits, as a <c>ulong</c>.</summary>
    /// <param name="shape">The structure.</param>
    /// <param name="number">The number.</param>
    /// <param name="view">What stands before the properties of the fixed part.</param>
    /// <param name="start">Where a row behind it starts.</param>
    /// <param name="bytes">The structure's bytes.</param>
    /// <param name="unique">A name for a local, which nothing else has there.</param>
    private static string Number(
        StructShape shape, NumberName number, string view, System.Func<int, string> start, string bytes, string unique)
    {
        string name = number.Name;
        if (name[0] is >= '0' and <= '9')
            return $"{name}UL";
        if (number.Stored is { } stored && view.Length > 0)
            return $"(ulong){new NumberAccess(shape, Scope.Local).Raw(stored)}";
        if (number.Path is { } path)
            return Inside(shape, path, view, start, bytes);
        if (shape.FindLet(name) is { } let)
            return shape.CanBeAbsent(let) ? $"({view}{let.CSharpName} ?? 0)" : $"{view}{let.CSharpName}";
        if (shape.Find(name) is { } field)
            return shape.CanBeAbsent(field) ? $"unchecked((ulong)({view}{field.CSharpName} ?? default))" : $"unchecked((ulong){view}{field.CSharpName})";
        for (int i = 0; i < shape.Model.Tail.Count; i++)
        {
            if (shape.Model.Tail[i].Field is { } row && row.Name == name)
            {
                Scope scope = (view.Length == 0 ? Scope.Member : Scope.Local) with { Bytes = $"{bytes}.Slice({start(i)})" };
                string raw = $"(ulong){new NumberAccess(shape, scope).Raw(row)}";
                return row.Zero is { } zero ? $"({raw} is var {unique} && {unique} != 0 ? {unique} : {CSharpText.Hex(zero)}UL)" : raw;
            }
        }

        // The binder lets no other name through.
        throw new System.InvalidOperationException($"'{name}' is no number of '{shape.Model.Name}'.");
    }

    /// <summary>A field of a structure inside of the fixed part, or of a row behind it.</summary>
    private static string Inside(StructShape shape, string path, string view, System.Func<int, string> start, string bytes)
    {
        string first = path.Split('.')[0];
        for (int i = 0; i < shape.Model.Tail.Count && view.Length > 0; i++)
        {
            FieldModel row = shape.Model.Tail[i].Field;
            if (row.CSharpName != first)
                continue;
            string word = Word(shape);
            string rest = path.Substring(first.Length);
            return $"unchecked((ulong){KnownNames.ViewAccess}.View<{row.Type.CSharpType}>({bytes}.Slice({start(i)}), {word}){rest})";
        }

        return $"unchecked((ulong){view}{path})";
    }
}
