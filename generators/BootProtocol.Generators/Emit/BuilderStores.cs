using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes the statements by which a builder fills in numbers: what counts rows or bytes, what chooses, and what says that a row is there.</summary>
internal sealed class BuilderStores(StructShape shape)
{
    private readonly Scope _fixedScope = Scope.Member with { Bytes = "_state.Bytes" };

    /// <summary>Whether a row behind the fixed part is a number that others depend on, and that can be filled in.</summary>
    public bool IsCounter(int index) =>
        shape.Model.Tail[index].HasKnownSize && shape.Model.Tail.Any(row => Names(row, shape.Model.Tail[index]));

    /// <summary>Whether the size of a row, what it is or whether it is there depends on another one.</summary>
    public static bool Names(TailModel row, TailModel other) =>
        new[] { row.CountName, row.BytesName, row.TagName, row.Condition?.Number }
            .Any(name => name is { Path: null } && name.Whole == other.Field.Name);

    /// <summary>Stores a number where its name says; nothing where it is computed, or stands in digits: then the caller sets what it is made of.</summary>
    public List<string> Store(NumberName number, string value)
    {
        if (number.Stored is { } stored)
            return StoreField(stored, number.Bits, _fixedScope, value);
        if (number.Path is not null || number.Name[0] is >= '0' and <= '9')
            return [];
        if (shape.Find(number.Whole) is { } field)
            return StoreField(field, number.Bits, _fixedScope, value);
        for (int i = 0; i < shape.Model.Tail.Count; i++)
        {
            if (shape.Model.Tail[i] is not { HasKnownSize: true } row || row.Field.Name != number.Whole)
                continue;
            List<string> lines = StoreField(row.Field, number.Bits, _fixedScope with { Bytes = $"_state.Bytes.Slice(_start{i})" }, value);
            return row.Condition is null || lines.Count == 0 ? lines : [$"if (_start{i} >= 0)", "{", .. lines.Select(line => "    " + line), "}"];
        }

        return [];
    }

    /// <summary>Stores a number in a field of the fixed part.</summary>
    public List<string> StoreField(FieldModel field, string value) => StoreField(field, null, _fixedScope, value);

    private List<string> StoreField(FieldModel field, BitsModel? bits, Scope scope, string value)
    {
        if (field.Constant is not null || field.Gate is not null || field.Narrow is null || field.Wide is null)
            return [];
        var numbers = new NumberAccess(shape, scope);
        string name = CSharpText.Quote(field.Name);
        if (bits is not null)
        {
            string part = $"(_state.Fit({value}, {CSharpText.Hex(bits.Mask)}UL, {name}) << {bits.Low})";
            return [.. numbers.StoreRaw(field, $"((ulong){numbers.Raw(field)} & ~{CSharpText.Hex(bits.Mask << bits.Low)}UL | {part})")];
        }

        string largest = shape.Pick(field, Scope.Member, slot => CSharpText.Hex(ulong.MaxValue >> (64 - field.Type.Bits(slot.ElementSize))) + "UL");
        return [.. numbers.StoreRaw(field, $"_state.Fit({value}, {largest}, {name})")];
    }
}
