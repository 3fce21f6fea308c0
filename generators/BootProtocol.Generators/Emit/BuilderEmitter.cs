using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>
/// Writes what makes a structure of varying size: its rows are given in order, and the numbers that say how many elements they have, or how many
/// bytes, are filled in behind them.
/// </summary>
internal sealed class BuilderEmitter
{
    private const string State = "global::BootProtocol.BuilderState";

    private readonly IndentedWriter _writer;
    private readonly StructShape _shape;
    private readonly BuilderStores _stores;

    private BuilderEmitter(IndentedWriter writer, StructShape shape)
    {
        _writer = writer;
        _shape = shape;
        _stores = new BuilderStores(shape);
    }

    private StructModel Model => _shape.Model;

    private string FixedSize => Scope.Member.Pick(CSharpText.Hex(Model.Narrow.Size), CSharpText.Hex(Model.Wide.Size));

    public static void Emit(IndentedWriter writer, StructShape shape) => new BuilderEmitter(writer, shape).Emit();

    private void Emit()
    {
        string narrow = _shape.IsWord ? $", word == {KnownNames.WordSize}.Bits32" : "";
        CSharpText.Summary(_writer, "Starts a structure: its fixed part as <c>Create</c> makes it, the rows behind it in order.");
        _writer.Line("/// <param name=\"bytes\">Where it goes; what goes beyond it is left alone.</param>");
        ViewEmitter.WordDoc(_writer, _shape);
        _writer.Line($"/// <exception cref=\"{KnownNames.ArgumentException}\">There is too little room for its fixed part.</exception>");
        _writer.Open($"public static Builder Build({KnownNames.Bytes} bytes{_shape.WordParameter})");
        _writer.Line($"Create(bytes{(_shape.IsWord ? ", word" : "")});");
        _writer.Line($"return new Builder(bytes{narrow});");
        _writer.CloseMember();

        CSharpText.Summary(
            _writer,
            $"Writes <c>{CSharpText.Escape(Model.Name)}</c> row by row. Rows that are left out are empty, or zeros. Methods throw "
            + $"<see cref=\"{KnownNames.ArgumentException}\"/> where there is too little room, and "
            + "<see cref=\"global::System.InvalidOperationException\"/> for a row above one that is written.");
        _writer.Open("public ref struct Builder");
        Fields();
        for (int i = 0; i < Model.Tail.Count; i++)
        {
            if (!Model.Tail[i].Field.IsPad)
                Row(Model.Tail[i], i);
        }

        Finish();
        Moving();
        _writer.CloseMember();
    }

    private void Fields()
    {
        _writer.Line($"private {State} _state;");
        if (_shape.IsWord)
            _writer.Line("private readonly bool _narrow;");
        foreach (string name in Kept())
            _writer.Line($"private int {name};");
        _writer.Gap();
        _writer.Open($"internal Builder({KnownNames.Bytes} bytes{(_shape.IsWord ? ", bool narrow" : "")})");
        if (_shape.IsWord)
            _writer.Line("_narrow = narrow;");
        _writer.Line($"_state = new {State}(bytes, {_shape.NameLiteral}, {FixedSize.Replace("_narrow", "narrow")});");
        _writer.CloseMember();
        if (Model.Fields.Count == 0)
            return;
        string word = _shape.IsWord ? $"_narrow ? {KnownNames.WordSize}.Bits32 : {KnownNames.WordSize}.Bits64" : $"{KnownNames.WordSize}.Bits64";
        CSharpText.Summary(_writer, "The fixed part. What counts rows, or their bytes, is filled in by itself.");
        _writer.Line($"public {_shape.CreatorName} Fixed() => new {_shape.CreatorName}(_state.Bytes.Slice(0, {FixedSize}), {word});");
        _writer.Gap();
    }

    /// <summary>Where rows end that are compared at last, and where numbers behind the fixed part start that count others.</summary>
    private IEnumerable<string> Kept()
    {
        for (int i = 0; i < Model.Tail.Count; i++)
        {
            if (TailEmitter.HasEnd(Model, i))
                yield return $"_end{i}";
            if (_stores.IsCounter(i))
                yield return $"_start{i}";
        }
    }

    private void Row(TailModel row, int index)
    {
        FieldModel field = row.Field;
        string name = CSharpText.Quote(field.Name);
        bool isOne = row.Extent == TailExtent.One && !field.Type.IsArray;
        if (row.IsNumber && !row.HasKnownSize)
        {
            Unplain(row, index);
            return;
        }

        string size = _shape.Pick(field, Scope.Member, slot => CSharpText.Hex(isOne ? slot.Size : slot.ElementSize));
        if (row.TagName is { } tag)
            Chosen(row, index, tag);
        else if (row.HasVaryingElements)
            Varying(row, index);
        else if (field.Type.Kind == TypeKind.Structure || field.Type.Inner.Count > 0)
            Place(row, index, size);
        else if (field.Type.IsOfBytes)
            Bytes(row, index, size, name);
        else if (field.Type.IsArray)
            Numbers(row, index, size, name);
        else
            Number(row, index, size);
    }

    private void Chosen(TailModel row, int index, NumberName tag)
    {
        bool isStored = _stores.Store(tag, "").Count > 0;
        Doc(row, isStored ? "/// <param name=\"tag\">The number that chooses; it is stored, too.</param>" : null, "value", "What it chooses.");
        string parameter = isStored ? $"{row.Field.Type.UnderlyingType} tag, " : "";
        _writer.Open($"public void Set{row.Field.CSharpName}({parameter}scoped {KnownNames.ReadOnlyBytes} value)");
        Open(row, index, isOnce: false);
        _writer.Line($"_state.RefuseIf(_state.Count > 0, {CSharpText.Quote(row.Field.Name)});");
        _writer.Line("_state.PutElement(value);");
        if (isStored)
        {
            foreach (string line in _stores.Store(tag, "unchecked((ulong)tag)"))
                _writer.Line(line);
        }

        _writer.CloseMember();
        Room(row, index);
    }

    private void Varying(TailModel row, int index)
    {
        bool isOne = row.Extent == TailExtent.One;
        Doc(row, null, "element", "A whole structure, with what fills it up to its alignment, as <c>Finish</c> of its own builder gives it.");
        _writer.Open($"public void {(isOne ? "Set" : "Add")}{row.Field.CSharpName}(scoped {KnownNames.ReadOnlyBytes} element)");
        Open(row, index, isOnce: false);
        if (isOne)
            _writer.Line($"_state.RefuseIf(_state.Count > 0, {CSharpText.Quote(row.Field.Name)});");
        _writer.Line("_state.PutElement(element);");
        _writer.CloseMember();
        Room(row, index);
    }

    private void Room(TailModel row, int index)
    {
        FieldDoc.Write(_writer, _shape, row.Field);
        _writer.Line("/// <returns>The room behind all that is written, where it or its next element starts: it may be built there, and then given.</returns>");
        _writer.Open($"public {KnownNames.Bytes} RoomFor{row.Field.CSharpName}()");
        Open(row, index, isOnce: false, isWriting: false);
        _writer.Line("return _state.Rest;");
        _writer.CloseMember();
    }

    private void Place(TailModel row, int index, string size)
    {
        FieldDoc.Write(_writer, _shape, row.Field);
        _writer.Line("/// <returns>Its place, or that of its next element, filled with zeros.</returns>");
        bool isOne = row.Extent == TailExtent.One && !row.Field.Type.IsArray;
        _writer.Open($"public {KnownNames.Bytes} {(isOne ? "Set" : "Add")}{row.Field.CSharpName}()");
        Open(row, index, isOnce: isOne);
        _writer.Line($"return _state.Add({size});");
        _writer.CloseMember();
    }

    private void Bytes(TailModel row, int index, string size, string name)
    {
        const string Span = $"scoped {KnownNames.ReadOnlyBytes}";
        string[] types = row.Field.Type.Kind == TypeKind.Text ? [Span, "string"] : [Span];
        foreach (string type in types)
        {
            Doc(row, null, "value", type == "string" ? "The text, stored as UTF-8." : "What goes there.");
            _writer.Open($"public void Set{row.Field.CSharpName}({type} value)");
            Open(row, index, isOnce: true);
            if (row.HasKnownSize)
            {
                string bytes = type == "string" ? "global::System.Text.Encoding.UTF8.GetBytes(value)" : "value";
                _writer.Line($"_state.PutFixed({bytes}, {size}, {name});");
            }
            else
            {
                _writer.Line("_state.Put(value);");
            }

            _writer.CloseMember();
        }
    }

    private void Numbers(TailModel row, int index, string element, string name)
    {
        string type = NumberAccess.PropertyType(row.Field);
        Doc(row, null, "values", "The numbers.");
        _writer.Open($"public void Set{row.Field.CSharpName}(scoped global::System.ReadOnlySpan<{type}> values)");
        Open(row, index, isOnce: true);
        string count = "values.Length";
        if (row.HasKnownSize)
        {
            count = _shape.Pick(row.Field, Scope.Member, slot => $"{slot.Size / slot.ElementSize}");
            _writer.Line($"_state.RefuseLonger(values.Length, {count}, {name});");
        }

        _writer.Line($"{KnownNames.Bytes} row = _state.AddMany({count}, {element});");
        _writer.Open("for (int index = 0; index < values.Length; index++)");
        _writer.Line($"{type} value = values[index];");
        foreach (string line in new NumberAccess(_shape, Scope.Member with { Bytes = "row" }).Store(row.Field, isIndexed: true))
            _writer.Line(line);
        _writer.Close();
        _writer.CloseMember();
    }

    private void Number(TailModel row, int index, string size)
    {
        Doc(row, null, "value", "The number.");
        _writer.Open($"public void Set{row.Field.CSharpName}({NumberAccess.PropertyType(row.Field)} value)");
        Open(row, index, isOnce: true);
        _writer.Line($"{KnownNames.Bytes} row = _state.Add({size});");
        foreach (string line in new NumberAccess(_shape, Scope.Member with { Bytes = "row" }).Store(row.Field, isIndexed: false))
            _writer.Line(line);
        _writer.CloseMember();
    }

    /// <summary>A number that takes as many bytes as it needs, or as another number says.</summary>
    private void Unplain(TailModel row, int index)
    {
        bool isLeb128 = row.Field.Type.Form == NumberForm.Leb128;
        Doc(row, isLeb128 ? null : "/// <param name=\"size\">How many bytes it takes: 0 to 8.</param>", "value", "The number.");
        _writer.Open($"public void Set{row.Field.CSharpName}({(isLeb128 ? "" : "int size, ")}ulong value)");
        Open(row, index, isOnce: true);
        string isBigEndian = CSharpText.Bool(row.Field.Type.IsBigEndian ?? Model.IsBigEndian);
        _writer.Line(isLeb128 ? "_state.PutLeb128(value);" : $"_state.PutNumber(value, size, {isBigEndian}, {CSharpText.Quote(row.Field.Name)});");
        _writer.CloseMember();
    }

    private void Open(TailModel row, int index, bool isOnce, bool isWriting = true)
    {
        _writer.Line($"_state.RefuseIf(_state.Row {(isOnce ? ">=" : ">")} {index}, {CSharpText.Quote(row.Field.Name)});");
        for (int i = 0; i < index && isWriting; i++)
        {
            // A number that may be left out is there where something is written that it counts.
            if (Model.Tail[i].Condition is null || !_stores.IsCounter(i) || !BuilderStores.Names(row, Model.Tail[i]))
                continue;
            _writer.Open($"if (_state.Row < {i})");
            _writer.Line($"MoveTo({i});");
            _writer.Line("_state.Begin();");
            _writer.CloseMember();
        }

        _writer.Line($"MoveTo({index});");
        if (isWriting && Model.Tail[index].Condition is not null)
            _writer.Line("_state.Begin();");
    }

    private void Doc(TailModel row, string? first, string parameter, string text)
    {
        FieldDoc.Write(_writer, _shape, row.Field);
        if (first is not null)
            _writer.Line(first);
        _writer.Line($"/// <param name=\"{parameter}\">{text}</param>");
    }

    private void Finish()
    {
        string checksums = Model.HasChecksums ? ", then its checksums" : "";
        CSharpText.Summary(_writer, $"Ends the structure: fills in what counts its rows and its bytes{checksums}, and reads it back.");
        _writer.Line("/// <returns>The structure, with what fills it up to its alignment.</returns>");
        _writer.Line(
            "/// <exception cref=\"global::BootProtocol.BootRequestException\">"
            + "It would not be read as it was written: a number says something else, or is too small to count a row.</exception>");
        _writer.Open($"public {KnownNames.Bytes} Finish()");
        _writer.Line($"MoveTo({Model.Tail.Count});");
        if (Model.LengthField is { } name && _shape.Find(name) is { } length)
        {
            foreach (string line in _stores.StoreField(length, "(ulong)_state.At"))
                _writer.Line(line);
        }

        string step = Scope.Member.Pick($"{Model.Narrow.Step}", $"{Model.Wide.Step}");
        if (step != "1")
            _writer.Line($"_state.Align({step});");
        _writer.Line($"{KnownNames.Bytes} whole = _state.Bytes.Slice(0, _state.At);");
        string word = _shape.IsWord ? $", _narrow ? {KnownNames.WordSize}.Bits32 : {KnownNames.WordSize}.Bits64" : "";
        if (Model.HasChecksums)
            _writer.Line($"{KnownNames.Specs}.SpecRules.WriteChecksums(Layout.Info, whole{word});");
        _writer.Line($"{KnownNames.ParseError} error = default;");
        string narrow = _shape.IsWord ? ", _narrow" : "";
        _writer.Line($"bool isSame = TryRead(whole{narrow}, out {Model.CSharpName} view, out int length, ref error) && length == whole.Length;");
        for (int i = 0; i < Model.Tail.Count; i++)
        {
            if (TailEmitter.HasEnd(Model, i))
                _writer.Line($"isSame &= view._end{i} == _end{i};");
        }

        _writer.Line("_state.RefuseUnless(isSame, error);");
        _writer.Line("return whole;");
        _writer.CloseMember();
    }

    private void Moving()
    {
        _writer.Open("private void MoveTo(int row)");
        _writer.Open("while (_state.Row < row)");
        _writer.Line("End();");
        _writer.Line("_state.Next(Alignment(_state.Row + 1));");
        _writer.Close();
        _writer.CloseMember();

        string narrow = _shape.IsWord ? "_narrow ? " : "";
        _writer.Open("private readonly int Alignment(int row) => row switch");
        for (int i = 0; i < Model.Tail.Count; i++)
        {
            TailModel row = Model.Tail[i];
            string alignment = !_shape.IsWord || row.NarrowAlignment == row.WideAlignment
                ? $"{row.WideAlignment}"
                : $"{narrow}{row.NarrowAlignment} : {row.WideAlignment}";
            if (alignment != "1")
                _writer.Line($"{i} => {alignment},");
        }

        _writer.Line("_ => 1,");
        _writer.CloseMember(";");

        _writer.Open("private void End()");
        _writer.Open("switch (_state.Row)");
        for (int i = 0; i < Model.Tail.Count; i++)
            End(Model.Tail[i], i);
        _writer.Close();
        _writer.CloseMember();
    }

    private void End(TailModel row, int index)
    {
        List<string> lines = [];
        if (row.HasKnownSize)
            lines.Add($"_state.Fill({_shape.Pick(row.Field, Scope.Member, slot => CSharpText.Hex(slot.Size))});");
        if (row.Field.Type.Form == NumberForm.Leb128)
            lines.Add("_state.FillLeb128();");
        if (row.Until is { IsByte: true } mark)
            lines.Add($"_state.Put(new byte[] {{ {CSharpText.Hex(mark.Value)} }});");
        if (_stores.IsCounter(index))
            lines.Add($"_start{index} = _state.Start;");
        if (row.CountName is { } count)
            lines.AddRange(_stores.Store(count, "_state.Count"));
        if (row.BytesName is { } bytes)
            lines.AddRange(_stores.Store(bytes, "(ulong)(_state.At - _state.Start)"));
        if (row.Condition is { } condition)
        {
            // Where one value goes with the row, it is stored.
            ulong? value = condition.First == condition.Last ? condition.First : condition.Number.Bits is { Mask: 1 } ? 1 : null;
            if (value is { } one)
                lines.AddRange(_stores.Store(condition.Number, CSharpText.Hex(one) + "UL"));
            string[] absent = _stores.IsCounter(index) ? [$"    _start{index} = -1;"] : [];
            lines =
            [
                "if (_state.IsBegun)", "{", .. lines.Select(line => "    " + line), "}",
                "else", "{", "    _state.LeaveOut();", .. absent, "}",
            ];
        }

        if (TailEmitter.HasEnd(Model, index))
            lines.Add($"_end{index} = _state.At;");
        if (lines.Count == 0)
            return;
        _writer.Line($"case {index}:");
        foreach (string line in lines)
            _writer.Continuation(line);
        _writer.Continuation("break;");
    }
}
