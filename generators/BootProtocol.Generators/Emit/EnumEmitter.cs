using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes the file of flags, of an enumeration or of constants.</summary>
internal static class EnumEmitter
{
    private const string SpecEnumeration = KnownNames.Specs + ".SpecEnumeration";
    private const string SpecEnumerator = KnownNames.Specs + ".SpecEnumerator";

    /// <summary>The whole text of the file.</summary>
    public static string Emit(EnumModel model)
    {
        var writer = new IndentedWriter();
        FileFrame.Open(writer, model.Namespace);
        if (model.IsConst)
            Constants(writer, model);
        else
            Type(writer, model);
        if (model.Rows.Any(row => row.IsBitField))
            BitFields(writer, model);
        Layout(writer, model);
        return writer.ToString();
    }

    private static void Type(IndentedWriter writer, EnumModel model)
    {
        string kind = model.IsFlags ? "Flags" : "Values";
        string remarks = $"<c>{CSharpText.Escape(model.Name)}</c> of <c>{CSharpText.Escape(model.Protocol)}</c>.";
        CSharpText.Doc(writer, model.Doc, $"{kind} of {model.Name}.", remarks);
        ExampleEmitter.OfEnumeration(writer, model);
        if (model.IsFlags)
            writer.Line("[global::System.Flags]");
        FileFrame.OpenType(writer, $"public enum {model.CSharpName} : {model.UnderlyingType}");
        foreach (EnumRowModel row in model.Rows)
        {
            CSharpText.Doc(writer, row.Doc, $"The value {row.Name}.", Remarks(row));
            writer.Line($"{row.CSharpName} = {CSharpText.Hex(row.Value)},");
            writer.Gap();
        }

        writer.CloseMember();
    }

    private static void Constants(IndentedWriter writer, EnumModel model)
    {
        string remarks = $"<c>{CSharpText.Escape(model.Name)}</c> of <c>{CSharpText.Escape(model.Protocol)}</c>.";
        CSharpText.Doc(writer, model.Doc, $"Constants of {model.Name}.", remarks);
        ExampleEmitter.OfConstants(writer, model);
        FileFrame.OpenType(writer, $"public static class {model.CSharpName}");
        foreach (EnumRowModel row in model.Rows)
        {
            CSharpText.Doc(writer, row.Doc, $"The value {row.Name}.", Remarks(row));
            writer.Line($"public const {model.UnderlyingType} {row.CSharpName} = {CSharpText.Hex(row.Value)};");
            writer.Gap();
        }

        writer.CloseMember();
    }

    private static string Remarks(EnumRowModel row)
    {
        string bits = row.IsBitField ? $", bits {row.LowBit} to {row.HighBit}" : "";
        string gate = row.GateText.Length > 0 ? $" Versions: {CSharpText.Escape(row.GateText)}." : "";
        string access = row.AccessText.Length > 0 ? $" Access: {CSharpText.Escape(row.AccessText)}." : "";
        return $"<c>{CSharpText.Escape(row.Name)}</c>{bits}.{gate}{access}";
    }

    private static void BitFields(IndentedWriter writer, EnumModel model)
    {
        CSharpText.Summary(writer, $"The fields of several bits in <c>{CSharpText.Escape(model.Name)}</c>.");
        ExampleEmitter.OfBitFields(writer, model);
        FileFrame.OpenType(writer, $"public static class {model.CSharpName}Fields");
        foreach (EnumRowModel row in model.Rows.Where(row => row.IsBitField))
        {
            string mask = CSharpText.Hex(row.Value) + "UL";
            string largest = CSharpText.Hex(row.Value >> row.LowBit) + "UL";

            CSharpText.Doc(writer, row.Doc, $"The field {row.Name}.", Remarks(row));
            writer.Line("/// <param name=\"flags\">Where to look.</param>");
            writer.Line($"public static {row.FieldType} Get{row.CSharpName}(this {model.CSharpName} flags) =>");
            writer.Continuation($"unchecked(({row.FieldType})(((ulong)flags & {mask}) >> {row.LowBit}));");
            writer.Gap();

            CSharpText.Doc(writer, row.Doc, $"The field {row.Name}.", Remarks(row));
            writer.Line("/// <param name=\"flags\">What the other bits are taken from.</param>");
            writer.Line($"/// <param name=\"value\">The field's new value, at most {CSharpText.Hex(row.Value >> row.LowBit)}.</param>");
            writer.Line($"/// <exception cref=\"{KnownNames.OutOfRangeException}\">The value does not fit.</exception>");
            writer.Open($"public static {model.CSharpName} With{row.CSharpName}(this {model.CSharpName} flags, {row.FieldType} value)");
            writer.Line("ulong bits = unchecked((ulong)value);");
            writer.Line($"{KnownNames.OutOfRangeException}.ThrowIfGreaterThan(bits, {largest}, nameof(value));");
            writer.Line($"return unchecked(({model.CSharpName})(((ulong)flags & ~{mask}) | (bits << {row.LowBit})));");
            writer.CloseMember();
        }

        writer.CloseMember();
    }

    private static void Layout(IndentedWriter writer, EnumModel model)
    {
        CSharpText.Summary(writer, $"<c>{CSharpText.Escape(model.Name)}</c> as data.");
        ExampleEmitter.OfEnumerationLayout(writer, model);
        FileFrame.OpenType(writer, $"public static class {model.CSharpName}Layout");
        TableFrame.Open(writer, SpecEnumeration, "All values; made when they are asked for.");
        writer.Line($"Name = {CSharpText.Quote(model.Name)},");
        writer.Line($"Protocol = {CSharpText.Quote(model.Protocol)},");
        writer.Line($"Doc = {CSharpText.Quote(model.Doc)},");
        writer.Line($"IsFlags = {CSharpText.Bool(model.IsFlags)},");
        if (model.IsConst)
            writer.Line("IsConst = true,");
        writer.Line($"Size = {model.Size},");
        TableFrame.OpenList(writer, "Enumerators", SpecEnumerator);
        foreach (EnumRowModel row in model.Rows)
            writer.Line($"new {SpecEnumerator} {{ {string.Join(", ", Properties(model, row))} }},");
        TableFrame.CloseList(writer);
        TableFrame.Close(writer);
        writer.Close();
    }

    private static IEnumerable<string> Properties(EnumModel model, EnumRowModel row)
    {
        yield return $"Name = {CSharpText.Quote(row.Name)}";
        yield return $"Value = {CSharpText.LongOrNull(row.Value)}";
        if (model.IsFlags)
        {
            yield return $"LowBit = {row.LowBit}";
            yield return $"HighBit = {row.HighBit}";
        }

        if (row.GateText.Length > 0)
            yield return $"Gate = {CSharpText.Quote(row.GateText)}";
        if (row.AccessText.Length > 0)
            yield return $"Access = {CSharpText.Quote(row.AccessText)}";
        yield return $"Doc = {CSharpText.Quote(row.Doc)}";
        if (row.FieldTypeText.Length > 0)
            yield return $"Enumeration = static () => {row.FieldType}Layout.Info";
    }
}
