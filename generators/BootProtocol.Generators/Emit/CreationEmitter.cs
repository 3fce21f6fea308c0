using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes the ways to a writer: over an existing structure, and over bytes that become one.</summary>
internal static class CreationEmitter
{
    public static void Emit(IndentedWriter writer, StructShape shape)
    {
        Editing(writer, shape);
        Creating(writer, shape);
    }

    private static void Editing(IndentedWriter writer, StructShape shape)
    {
        string word = shape.IsWord ? ", word" : "";
        string wordValue = shape.IsWord ? "word" : $"{KnownNames.WordSize}.Bits64";

        CSharpText.Summary(writer, "Opens an existing structure for writing, after the same check as <c>TryParse</c>. Throws nothing.");
        writer.Line("/// <param name=\"bytes\">The structure, from its first byte; what goes beyond it is left alone.</param>");
        ViewEmitter.WordDoc(writer, shape);
        writer.Line("/// <param name=\"writer\">Writes what a boot loader may write; not to be used if this returns false.</param>");
        writer.Line("/// <param name=\"error\">Why it is none.</param>");
        writer.Line("/// <returns>Whether the bytes are such a structure.</returns>");
        string results = $"out Writer writer, out {KnownNames.ParseError} error";
        writer.Open($"public static bool TryEdit({KnownNames.Bytes} bytes{shape.WordParameter}, {results})");
        writer.Line($"error = Layout.Check(bytes{shape.NarrowOfWord});");
        writer.Open("if (error.IsError)");
        writer.Line("writer = default;");
        writer.Line("return false;");
        writer.CloseMember();
        writer.Line($"writer = new Writer(bytes, {wordValue});");
        writer.Line("return true;");
        writer.CloseMember();

        CSharpText.Summary(writer, "Opens an existing structure for writing, after the same check as <c>Parse</c>.");
        writer.Line("/// <param name=\"bytes\">The structure, from its first byte; what goes beyond it is left alone.</param>");
        ViewEmitter.WordDoc(writer, shape);
        writer.Line($"/// <exception cref=\"{KnownNames.FormatException}\">The bytes are no such structure.</exception>");
        writer.Line($"public static Writer Edit({KnownNames.Bytes} bytes{shape.WordParameter}) =>");
        writer.Continuation($"TryEdit(bytes{word}, {results}) ? writer : throw error.ToException();");
        writer.Gap();
    }

    private static void Creating(IndentedWriter writer, StructShape shape)
    {
        StructModel model = shape.Model;
        VersionGateModel? gate = model.Gate;
        string versionType = gate is { IsDotted: true } ? KnownNames.Version : "uint";
        string newest = gate is null ? "" : VersionText.Of(gate.Highest, gate.IsDotted);
        string versionParameter = gate is null ? "" : $", {versionType}? version = null";

        CSharpText.Summary(writer, "Makes an empty structure: zeroes, then its constants, its version and its length.");
        writer.Line("/// <param name=\"bytes\">Where it goes; what goes beyond it is left alone.</param>");
        ViewEmitter.WordDoc(writer, shape);
        if (gate is not null)
            writer.Line($"/// <param name=\"version\">Its version; null for the newest, {newest}.</param>");
        writer.Line($"/// <exception cref=\"{KnownNames.ArgumentException}\">There is too little room.</exception>");
        if (gate is not null)
            writer.Line($"/// <exception cref=\"{KnownNames.OutOfRangeException}\">The spec does not know the version.</exception>");
        writer.Open($"public static {shape.CreatorName} Create({KnownNames.Bytes} bytes{shape.WordParameter}{versionParameter})");
        if (shape.IsWord)
            writer.Line($"bool narrow = word == {KnownNames.WordSize}.Bits32;");
        if (gate is not null)
            ChosenVersion(writer, shape, gate);
        string choice = string.Join(", ", new[] { gate is null ? "" : "raw", shape.IsWord ? "narrow" : "" }.Where(name => name.Length > 0));
        writer.Line($"int length = Layout.LengthAt({choice});");
        writer.Line("if (bytes.Length < length)");
        writer.Continuation($"{KnownNames.ViewFaults}.ThrowRoom({shape.NameLiteral}, length, bytes.Length);");
        writer.Line("bytes = bytes.Slice(0, length);");
        writer.Line("bytes.Clear();");
        Fill(writer, shape);
        writer.Line($"return new {shape.CreatorName}(bytes, {(shape.IsWord ? "word" : $"{KnownNames.WordSize}.Bits64")});");
        writer.CloseMember();
    }

    private static void ChosenVersion(IndentedWriter writer, StructShape shape, VersionGateModel gate)
    {
        string newest = CSharpText.Hex((ulong)gate.Highest) + "u";
        string lowest = CSharpText.Hex((ulong)gate.Lowest) + "u";
        string tooOld = gate.Lowest == 0 ? "" : $"raw < {lowest} || ";
        writer.Line(gate.IsDotted ? $"uint raw = version is {{ }} chosen ? chosen.Raw : {newest};" : $"uint raw = version ?? {newest};");
        writer.Line($"if ({tooOld}raw > {newest})");
        string isDotted = CSharpText.Bool(gate.IsDotted);
        writer.Continuation($"{KnownNames.ViewFaults}.ThrowUnknownVersion({shape.NameLiteral}, {lowest}, {newest}, raw, {isDotted});");
    }

    private static void Fill(IndentedWriter writer, StructShape shape)
    {
        Scope scope = Scope.Local with { Version = "raw" };
        var numbers = new NumberAccess(shape, scope);
        if (shape.VersionField is { } version)
            Lines(writer, numbers.StoreRaw(version, "raw"));
        foreach (FieldModel field in shape.Fields)
        {
            bool isDigits = field.Type.Digits > 0 && field.Name != shape.Model.Gate?.Field && field.Name != shape.Model.LengthField;
            if (!isDigits && field.Constant is null)
                continue;
            string? condition = new Presence(shape, field, null, scope).Condition;
            if (condition is not null)
                writer.Open($"if ({condition})");
            if (field.Constant is not { } constant)
            {
                // No digits at all are no number.
                Lines(writer, numbers.StoreRaw(field, "0"));
            }
            else if (field.Type.Kind is TypeKind.Text or TypeKind.Bytes)
            {
                string value = ConstantText.Bytes(constant);
                writer.Line($"{KnownNames.FieldText}.Write({shape.Place(field, scope)}, {value}, {CSharpText.Quote(field.Name)});");
            }
            else
            {
                Lines(writer, numbers.StoreRaw(field, CSharpText.Hex(constant.Number) + "UL"));
            }

            if (condition is not null)
                writer.Close();
        }

        if (shape.Model.EndByte is { } end)
            writer.Line($"bytes[{CSharpText.Hex(end)}] = (byte){KnownNames.Math}.Min(length - {CSharpText.Hex(end + 1)}, 0xff);");
        if (shape.Model.LengthField is { } name && shape.Find(name) is { } lengthField)
            Lines(writer, numbers.StoreRaw(lengthField, "length"));
    }

    private static void Lines(IndentedWriter writer, IEnumerable<string> lines)
    {
        foreach (string line in lines)
            writer.Line(line);
    }
}
