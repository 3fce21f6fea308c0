using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes the layout of a structure: sizes and offsets, the field table, the rules that view and writers share.</summary>
internal static class LayoutEmitter
{
    public static void Emit(IndentedWriter writer, StructShape shape)
    {
        StructModel model = shape.Model;
        CSharpText.Summary(writer, $"Where everything in <c>{CSharpText.Escape(model.Name)}</c> stands.");
        writer.Open("public static class Layout");
        if (model.BaseOffset > 0)
        {
            CSharpText.Summary(writer, "The place of the structure's first byte, as the protocol's document counts.");
            writer.Line($"public const int Start = {CSharpText.Hex(model.BaseOffset)};");
            writer.Gap();
        }

        if (shape.IsWord)
        {
            Size(writer, "Size32", model.Narrow.Size, " of the 32-bit variant");
            Size(writer, "Size64", model.Wide.Size, " of the 64-bit variant");
            Offsets(writer, model, "Offset32", " of the 32-bit variant", field => field.Narrow);
            Offsets(writer, model, "Offset64", " of the 64-bit variant", field => field.Wide);
        }
        else
        {
            Size(writer, "Size", model.Wide.Size, "");
            Offsets(writer, model, "Offset", "", field => field.Wide ?? field.Narrow);
        }

        Constants(writer, shape);
        writer.Gap();
        RulesEmitter.Emit(writer, shape);
        TableEmitter.Emit(writer, model);
        writer.CloseMember();
    }

    /// <summary>What fields always hold: a number, or the bytes of a text.</summary>
    private static void Constants(IndentedWriter writer, StructShape shape)
    {
        const string Name = "Constant";
        List<FieldModel> fields = [.. shape.Fields.Where(field => field.Constant is not null)];
        if (fields.Count == 0)
            return;
        CSharpText.Summary(writer, "What fields always hold.");
        writer.Open($"public static class {Name}");
        foreach (FieldModel field in fields)
        {
            string member = field.CSharpName == Name ? field.CSharpName + "Field" : field.CSharpName;
            bool isBytes = field.Type.Kind is TypeKind.Text or TypeKind.Bytes;
            int size = System.Math.Max(field.Narrow?.Size ?? 0, field.Wide?.Size ?? 0);
            CSharpText.Summary(writer, $"<c>{CSharpText.Escape(field.Name)}</c>.");
            writer.Line(isBytes
                ? $"public static {KnownNames.ReadOnlyBytes} {member} => {ConstantText.Bytes(field.Constant!)};"
                : $"public const {NumberAccess.Keyword(size, isSigned: false)} {member} = {CSharpText.Hex(field.Constant!.Number)};");
            writer.Gap();
        }

        writer.CloseMember();
    }

    private static void Size(IndentedWriter writer, string name, int size, string suffix)
    {
        CSharpText.Summary(writer, $"The size{suffix} in bytes.");
        writer.Line($"public const int {name} = {CSharpText.Hex(size)};");
        writer.Gap();
    }

    private static void Offsets(
        IndentedWriter writer, StructModel model, string name, string suffix, System.Func<FieldModel, SlotModel?> slotOf)
    {
        List<(FieldModel Field, SlotModel Slot)> places =
            [.. model.Fields.Where(field => !field.IsPad && slotOf(field) is not null).Select(field => (field, slotOf(field)!))];
        string from = model.BaseOffset == 0
            ? "from the structure's own start"
            : "as the protocol's document counts: the structure's own start is at <c>Start</c>";
        CSharpText.Summary(writer, $"Offsets of the fields{suffix}, in bytes {from}.");
        writer.Open($"public static class {name}");
        foreach ((FieldModel field, SlotModel slot) in places)
        {
            // A member may not have the name of its class.
            string constant = field.CSharpName == name ? field.CSharpName + "Field" : field.CSharpName;
            CSharpText.Summary(writer, $"<c>{CSharpText.Escape(field.Name)}</c>, {slot.Size} bytes.");
            writer.Line($"public const int {constant} = {CSharpText.Hex(model.BaseOffset + slot.Offset)};");
            writer.Gap();
        }

        writer.CloseMember();
    }
}
