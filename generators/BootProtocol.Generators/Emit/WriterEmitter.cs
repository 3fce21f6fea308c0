using System;
using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes the writers of a structure: one for boot loaders, one for those who create the structure.</summary>
/// <remarks>Only their choice of fields and of gates differs.</remarks>
internal sealed class WriterEmitter
{
    private readonly IndentedWriter _writer;
    private readonly StructShape _shape;
    private readonly NumberAccess _numbers;
    private readonly bool _isAuthor;

    private WriterEmitter(IndentedWriter writer, StructShape shape, bool isAuthor)
    {
        _writer = writer;
        _shape = shape;
        _numbers = new NumberAccess(shape, Scope.Member);
        _isAuthor = isAuthor;
    }

    public static void Emit(IndentedWriter writer, StructShape shape, bool isAuthor) => new WriterEmitter(writer, shape, isAuthor).Emit();

    private void Emit()
    {
        StructModel model = _shape.Model;
        string name = _isAuthor ? "Author" : "Writer";
        CSharpText.Summary(_writer, _isAuthor
            ? $"Writes every field of <c>{CSharpText.Escape(model.Name)}</c> but the constants: for those who create the structure."
            : $"Writes the fields of <c>{CSharpText.Escape(model.Name)}</c> that a boot loader may write.");
        _writer.Open($"public readonly ref struct {name}");
        _writer.Line($"private readonly {KnownNames.Bytes} _bytes;");
        if (_shape.IsWord)
            _writer.Line("private readonly bool _narrow;");
        _writer.Gap();
        CSharpText.Summary(_writer, "Opens bytes without a check: for the structures around this one.");
        _writer.Line("/// <param name=\"bytes\">The whole structure; what goes beyond it is left alone.</param>");
        _writer.Line("/// <param name=\"word\">The variant, where there are two.</param>");
        _writer.Line(KnownNames.Hidden);
        _writer.Open($"public {name}({KnownNames.Bytes} bytes, {KnownNames.WordSize} word)");
        _writer.Line($"_bytes = bytes.Slice(0, Layout.EffectiveLength(bytes{_shape.NarrowOfWord}));");
        if (_shape.IsWord)
            _writer.Line($"_narrow = word == {KnownNames.WordSize}.Bits32;");
        _writer.CloseMember();
        ViewEmitter.Word(_writer, _shape);
        if (model.Gate is not null)
        {
            _writer.Line($"private uint _version => Layout.RawVersion(_bytes{(_shape.IsWord ? ", _narrow" : "")});");
            _writer.Gap();
        }

        if (!model.IsVarying)
        {
            CSharpText.Summary(_writer, "A view of the bytes that are being written.");
            _writer.Line($"public {model.CSharpName} AsView() => new {model.CSharpName}(_bytes{(_shape.IsWord ? ", _narrow" : "")});");
            _writer.Gap();
        }

        if (model.HasChecksums && !model.IsVarying && name == _shape.CreatorName)
        {
            CSharpText.Summary(_writer, "Writes the checksums, in the order of their rows: the last thing to do.");
            string word = _shape.IsWord ? ", _word" : "";
            _writer.Line($"public void WriteChecksums() => {KnownNames.Specs}.SpecRules.WriteChecksums(Layout.Info, _bytes{word});");
            _writer.Gap();
        }

        foreach (FieldModel field in _shape.Fields)
        {
            if (field.Constant is null && (_isAuthor || field.Access.CanWrite))
                Field(field);
        }

        _writer.CloseMember();
    }

    private void Field(FieldModel field)
    {
        switch (field.Type.Kind)
        {
            case TypeKind.Text:
                Text(field);
                break;
            case TypeKind.Bytes when field.Type.IsArray:
                Element(field, KnownNames.Bytes, static place => place);
                break;
            case TypeKind.Bytes:
                Got(field, KnownNames.Bytes, Slice(field));
                break;
            case TypeKind.Structure when field.Type.IsArray:
                Element(field, NestedName(field), place => $"new {NestedName(field)}({place}, {Word})");
                break;
            case TypeKind.Structure:
                Got(field, NestedName(field), $"new {NestedName(field)}({Slice(field)}, {Word})");
                break;
            case var _ when field.Type.IsArray:
                IndexedNumber(field);
                break;
            default:
                Number(field);
                break;
        }
    }

    private string Word => _shape.IsWord ? "_word" : $"{KnownNames.WordSize}.Bits64";

    private string NestedName(FieldModel field) =>
        $"{field.Type.CSharpType}.{(_isAuthor && field.Type.StructureHasAuthor ? "Author" : "Writer")}";

    private string Slice(FieldModel field) => _shape.Place(field, Scope.Member);

    private string Capacity(FieldModel field) => _shape.Pick(field, Scope.Member, slot => $"{slot.Size / slot.ElementSize}");

    private void Number(FieldModel field)
    {
        Doc(field);
        _writer.Open($"public {NumberAccess.PropertyType(field)} {field.CSharpName}");
        _writer.Line(KnownNames.Inline);
        _writer.Open("set");
        Guard(field);
        foreach (string line in _numbers.Store(field, isIndexed: false))
            _writer.Line(line);
        _writer.Close();
        _writer.CloseMember();
    }

    private void IndexedNumber(FieldModel field)
    {
        Doc(field);
        List<(string Name, string Count)> indices = Indices(field);
        _writer.Line("/// <param name=\"value\">What to store there.</param>");
        _writer.Line($"/// <exception cref=\"{KnownNames.OutOfRangeException}\">No such element, or the value does not fit.</exception>");
        _writer.Open($"public void Set{field.CSharpName}({Parameters(indices)}, {NumberAccess.PropertyType(field)} value)");
        Guard(field);
        IndexGuard(indices);
        foreach (string line in _numbers.Store(field, isIndexed: true))
            _writer.Line(line);
        _writer.CloseMember();
    }

    /// <summary>Hands out the place of an element, or what writes it.</summary>
    private void Element(FieldModel field, string type, Func<string, string> writer)
    {
        Doc(field);
        List<(string Name, string Count)> indices = Indices(field);
        _writer.Line($"/// <exception cref=\"{KnownNames.OutOfRangeException}\">There is no such element.</exception>");
        _writer.Open($"public {type} Get{field.CSharpName}({Parameters(indices)})");
        Guard(field);
        IndexGuard(indices);
        _writer.Line($"return {writer(ValuePlace(field))};");
        _writer.CloseMember();
    }

    /// <summary>The place of the value <c>index</c> of an array.</summary>
    private string ValuePlace(FieldModel field)
    {
        string offset = _shape.Pick(field, Scope.Member, slot => CSharpText.Hex(slot.Offset));
        string size = _shape.Pick(field, Scope.Member, slot => CSharpText.Hex(field.Type.ValueSize(slot.ElementSize)));
        return $"_bytes.Slice({offset} + (index * {size}), {size})";
    }

    /// <summary>Documents the indices of a value, the outermost array's first.</summary>
    private List<(string Name, string Count)> Indices(FieldModel field)
    {
        List<(string, string)> indices = [("index", Capacity(field))];
        _writer.Line($"/// <param name=\"index\">0 to {CapacityText(field)}.</param>");
        for (int level = 0; level < field.Type.Inner.Count - (field.Type.IsOfBytes ? 1 : 0); level++)
        {
            int count = field.Type.Inner[level];
            _writer.Line($"/// <param name=\"index{level + 2}\">In the array at that index: 0 to {count - 1}.</param>");
            indices.Add(($"index{level + 2}", $"{count}"));
        }

        return indices;
    }

    private static string Parameters(List<(string Name, string Count)> indices) => string.Join(", ", indices.Select(index => $"int {index.Name}"));

    private void Text(FieldModel field)
    {
        foreach (string type in new[] { KnownNames.ReadOnlyBytes, "string" })
        {
            Doc(field);
            List<(string Name, string Count)> indices = field.Type.IsArray ? Indices(field) : [];
            string encoding = type == "string" ? ", stored as UTF-8" : "";
            _writer.Line($"/// <param name=\"value\">The text{encoding}; NULs fill the rest of its place.</param>");
            string missing = field.Type.IsArray ? "No such element, or the" : "The";
            _writer.Line($"/// <exception cref=\"{KnownNames.OutOfRangeException}\">{missing} text is too long.</exception>");
            string index = field.Type.IsArray ? $"{Parameters(indices)}, " : "";
            _writer.Open($"public void Set{field.CSharpName}({index}{type} value)");
            Guard(field);
            IndexGuard(indices);
            string place = field.Type.IsArray ? ValuePlace(field) : Slice(field);
            _writer.Line($"{KnownNames.FieldText}.Write({place}, value, {CSharpText.Quote(field.Name)});");
            _writer.CloseMember();
        }
    }

    private void Got(FieldModel field, string type, string expression)
    {
        Doc(field);
        _writer.Open($"public {type} {field.CSharpName}");
        _writer.Open("get");
        Guard(field);
        _writer.Line($"return {expression};");
        _writer.Close();
        _writer.CloseMember();
    }

    private void Doc(FieldModel field)
    {
        FieldDoc.Write(_writer, _shape, field);
        if (Rules(field) is { Variant: not null } or { Version: not null } or { Length: not null })
        {
            _writer.Line(
                $"/// <exception cref=\"{KnownNames.FormatException}\">"
                + "The structure does not have the field, or its version does not let it be written.</exception>");
        }
    }

    private string CapacityText(FieldModel field)
    {
        int narrow = (field.Narrow ?? field.Wide) is { } low ? (low.Size / low.ElementSize) - 1 : 0;
        int wide = (field.Wide ?? field.Narrow) is { } high ? (high.Size / high.ElementSize) - 1 : 0;
        return _shape.IsWord && narrow != wide ? $"{narrow} for 32 bits, to {wide} for 64 bits" : $"{wide}";
    }

    // Who creates a structure decides about all of it: the gate for writing binds boot loaders only.
    private GateModel? WriteGate(FieldModel field) => _isAuthor ? null : field.Access.WriteGate;

    private Presence Rules(FieldModel field) => new(_shape, field, WriteGate(field), Scope.Member);

    private void Guard(FieldModel field)
    {
        Presence rules = Rules(field);
        string head = $"{_shape.NameLiteral}, {CSharpText.Quote(field.Name)}";
        string place = $"{head}, {_shape.DocumentOffset(field, Scope.Member)}";
        if (rules.Variant is not null)
            Throw(rules.Variant, $"ThrowVariant({head}, _narrow)");
        if (rules.Version is not null)
        {
            string gate = WriteGate(field)?.Text ?? field.Gate?.Text ?? "";
            string isDotted = CSharpText.Bool(_shape.Model.Gate!.IsDotted);
            Throw(rules.Version, $"ThrowVersion({place}, {CSharpText.Quote(gate)}, _version, {isDotted})");
        }

        if (rules.Length is not null)
        {
            string end = _shape.Pick(field, Scope.Member, slot => CSharpText.Hex(slot.Offset + slot.Size));
            Throw(rules.Length, $"ThrowLength({place}, {end}, _bytes.Length)");
        }
    }

    /// <summary>Checks indices, and makes <c>index</c> that of the value among all.</summary>
    private void IndexGuard(List<(string Name, string Count)> indices)
    {
        foreach ((string name, string count) in indices)
        {
            string parameter = name == "index" ? "" : $", {CSharpText.Quote(name)}";
            Throw($"unchecked((uint){name}) < {count}", $"ThrowIndex({name}, {count}{parameter})");
        }

        foreach ((string name, string count) in indices.Skip(1))
            _writer.Line($"index = (index * {count}) + {name};");
    }

    private void Throw(string unless, string fault)
    {
        _writer.Line($"if (!({unless}))");
        _writer.Continuation($"{KnownNames.ViewFaults}.{fault};");
    }
}
