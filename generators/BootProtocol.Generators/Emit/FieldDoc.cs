using System.Linq;
using System.Text;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Documents a field: the spec's words, then its type, place, gate and access.</summary>
internal static class FieldDoc
{
    public static void Write(IndentedWriter writer, StructShape shape, FieldModel field) =>
        CSharpText.Doc(writer, field.Doc, $"The field {field.Name}.", Remarks(shape, field));

    private static string Remarks(StructShape shape, FieldModel field)
    {
        var text = new StringBuilder();
        text.Append($"<c>{CSharpText.Escape(field.Name)}</c>, {Place(shape, field)}.");
        if (field.Gate is { } gate)
            text.Append($" Versions: {CSharpText.Escape(gate.Text)}.");
        if (field.Access.Text.Length > 0)
            text.Append($" Access: {CSharpText.Escape(field.Access.Text)}.");
        if (field.Access.WriteGate is { } writeGate)
            text.Append($" Writable in versions {CSharpText.Escape(writeGate.Text)}.");
        if (field.Constant is { } constant)
            text.Append($" Always {CSharpText.Escape(ConstantText.Expected(constant))}.");
        if (field.Type.CountField is { } count)
            text.Append($" As many as <c>{CSharpText.Escape(count)}</c> says, if there is room for them.");
        TailModel? tail = shape.Model.Tail.FirstOrDefault(row => row.Field == field);
        if ((tail?.Condition ?? field.When) is { } condition)
            text.Append($" Present where <c>{CSharpText.Escape(condition.Text)}</c>.");
        if (field.Zero is { } zero)
            text.Append($" A stored 0 stands for {CSharpText.Hex(zero)}.");
        if (field.Else is { } otherwise)
            text.Append($" Counts as {CSharpText.Hex(otherwise)} where it is absent.");
        else if (shape.CanBeAbsent(field))
            text.Append(field.Type is { IsOfBytes: true, IsArray: false } ? " Empty where it is absent." : " May be absent.");
        if (field.Pointee is { } pointee)
            text.Append($" Points at <c>{CSharpText.Escape(pointee.Text)}</c>.");
        return text.ToString();
    }

    private static string Place(StructShape shape, FieldModel field)
    {
        if (shape.Model.Tail.FirstOrDefault(row => row.Field == field) is { } row)
            return $"<c>{CSharpText.Escape(row.Field.Wide!.TypeText)}</c>, behind what stands above it";
        int start = shape.Model.BaseOffset;
        string At(SlotModel slot) => $"<c>{CSharpText.Escape(slot.TypeText)}</c> at {CSharpText.Hex(start + slot.Offset)}";

        if (!shape.IsWord)
            return At((field.Wide ?? field.Narrow)!);
        string narrow = field.Narrow is { } low ? $"{At(low)} for 32 bits" : "";
        string wide = field.Wide is { } high ? $"{At(high)} for 64 bits" : "";
        return narrow.Length > 0 && wide.Length > 0 ? $"{narrow}, {wide}" : narrow + wide;
    }
}
