using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes what decides about the bytes of a structure: its check, its version, its length.</summary>
internal static class RulesEmitter
{
    public static void Emit(IndentedWriter writer, StructShape shape)
    {
        if (shape.VersionField is { } version)
            RawVersion(writer, shape, version);
        EffectiveLength(writer, shape);
        LengthAt(writer, shape);
        Check(writer, shape);
    }

    /// <summary>Whether a structure says itself where it ends.</summary>
    public static bool SaysLength(StructShape shape) => SaidLength(shape) is not null;

    /// <summary>How many of the bytes at hand the structure can have at most.</summary>
    public static string There(StructShape shape) =>
        $"{KnownNames.Math}.Min(bytes.Length, {PickNumber(shape, shape.Model.Narrow.Size, shape.Model.Wide.Size)})";

    private static string NarrowParameter(StructShape shape) => shape.IsWord ? ", bool narrow" : "";

    private static void RawVersion(IndentedWriter writer, StructShape shape, FieldModel version)
    {
        writer.Line(KnownNames.Inline);
        writer.Line($"internal static uint RawVersion({KnownNames.ReadOnlyBytes} bytes{NarrowParameter(shape)}) =>");
        writer.Continuation($"unchecked((uint){new NumberAccess(shape, Scope.Local).Raw(version)});");
        writer.Gap();
    }

    private static void EffectiveLength(IndentedWriter writer, StructShape shape)
    {
        StructModel model = shape.Model;
        string signature = $"internal static int EffectiveLength({KnownNames.ReadOnlyBytes} bytes{NarrowParameter(shape)})";
        string there = There(shape);
        if (SaidLength(shape) is not { } said)
        {
            writer.Line(KnownNames.Inline);
            writer.Line($"{signature} => {there};");
            writer.Gap();
            return;
        }

        writer.Line(KnownNames.Inline);
        writer.Open(signature);
        string floor = PickNumber(shape, model.Narrow.FloorLength, model.Wide.FloorLength);
        writer.Line($"ulong said = {KnownNames.Math}.Max({said}, (ulong){floor});");
        writer.Line($"return (int){KnownNames.Math}.Min(said, (ulong){there});");
        writer.CloseMember();
    }

    private static string PickNumber(StructShape shape, int narrow, int wide) =>
        shape.IsWord ? Scope.Local.Pick(CSharpText.Hex(narrow), CSharpText.Hex(wide)) : CSharpText.Hex(wide);

    // What the structure itself says about its length, in bytes from its start, as a ulong; null if it says nothing.
    private static string? SaidLength(StructShape shape)
    {
        if (shape.Model.EndByte is { } end)
            return $"(ulong)({CSharpText.Hex(end + 1)} + bytes[{CSharpText.Hex(end)}])";
        if (shape.Model.LengthField is not { } name || shape.Find(name) is not { } field)
            return null;

        // A length that the structure may lack cannot decide how long it is.
        string raw = new NumberAccess(shape, Scope.Local).Raw(field, forceUnsigned: true);
        return shape.CanBeAbsent(field) ? null : $"unchecked((ulong){raw})";
    }

    private static void LengthAt(IndentedWriter writer, StructShape shape)
    {
        StructModel model = shape.Model;
        string wide = LengthExpression(model, model.Wide, isNarrow: false);
        string narrow = shape.IsWord ? LengthExpression(model, model.Narrow, isNarrow: true) : wide;
        string version = model.Gate is null ? "" : "uint version";
        string separator = model.Gate is not null && shape.IsWord ? ", " : "";
        writer.Line($"internal static int LengthAt({version}{separator}{(shape.IsWord ? "bool narrow" : "")}) =>");
        writer.Continuation((narrow == wide ? wide : $"narrow ? ({narrow}) : ({wide})") + ";");
        writer.Gap();
    }

    // The end of the last field that a version has: a chain of comparisons from the newest version down.
    private static string LengthExpression(StructModel model, VariantModel variant, bool isNarrow)
    {
        if (model.Gate is not { } gate)
            return CSharpText.Hex(variant.Size);
        IEnumerable<GateModel> gates = model.Fields.Select(field => field.Gate).Where(g => g is not null).Select(g => g!);
        List<uint> steps =
        [
            .. gates.Select(g => g.Lowest)
                .Concat(gates.Where(g => g.Highest is not null and not uint.MaxValue).Select(g => g.Highest!.Value + 1))
                .Where(version => version > gate.Lowest && version <= gate.Highest)
                .Distinct()
                .OrderByDescending(version => version),
        ];
        int newestEnd = EndAt(gate.Highest);

        // Newest first; steps that do not change the length fall together.
        var parts = new List<(uint From, int Length)>();
        foreach (uint step in steps.Append(gate.Lowest))
        {
            int length = LengthOf(step);
            if (parts.Count > 0 && parts[parts.Count - 1].Length == length)
                parts.RemoveAt(parts.Count - 1);
            parts.Add((step, length));
        }

        IEnumerable<string> choices = parts.Take(parts.Count - 1)
            .Select(part => $"version >= {CSharpText.Hex((ulong)part.From)}u ? {CSharpText.Hex(part.Length)} : ");
        return string.Concat(choices) + CSharpText.Hex(parts[parts.Count - 1].Length);

        int EndAt(uint version) => model.Fields
            .Where(field => !field.IsPad && (field.Gate is not { } g || (version >= g.Lowest && !(version > g.Highest))))
            .Select(field => isNarrow ? field.Narrow : field.Wide)
            .Where(slot => slot is not null)
            .Select(slot => slot!.Offset + slot.Size)
            .DefaultIfEmpty(0)
            .Max();

        int LengthOf(uint version)
        {
            int end = EndAt(version);
            return end == newestEnd ? variant.Size : System.Math.Max(end, variant.FloorLength);
        }
    }

    /// <summary>Conditions of which one holds for what <c>Layout.Check</c> refuses; of structures without versions.</summary>
    public static IEnumerable<string> Faults(StructShape shape)
    {
        string floor = PickNumber(shape, shape.Model.Narrow.FloorLength, shape.Model.Wide.FloorLength);
        yield return $"bytes.Length < {floor}";
        foreach (FieldModel field in shape.Model.Fields.Where(HasRule))
        {
            string? present = new Presence(shape, field, null, Scope.Local).Condition;
            foreach ((string breaks, _) in Rules(shape, field))
                yield return present is null ? breaks : $"({present} && {breaks})";
        }

        if (SaidLength(shape) is { } said)
            yield return $"{said} < (ulong){floor}";
    }

    private static void Check(IndentedWriter writer, StructShape shape)
    {
        StructModel model = shape.Model;
        string floor = PickNumber(shape, model.Narrow.FloorLength, model.Wide.FloorLength);
        string narrow = shape.IsWord ? ", narrow" : "";
        writer.Open($"internal static {KnownNames.ParseError} Check({KnownNames.ReadOnlyBytes} bytes{NarrowParameter(shape)})");
        writer.Line($"if (bytes.Length < {floor})");
        string end = $"{CSharpText.Hex(model.BaseOffset)} + bytes.Length";
        writer.Continuation($"return {KnownNames.ViewFaults}.TooShort({shape.NameLiteral}, {end}, {floor}, bytes.Length);");
        foreach (FieldModel field in shape.Model.Fields.Where(field => !shape.CanBeAbsent(field)))
            Rule(writer, shape, field);
        if (model.Gate is { } gate && shape.VersionField is { } versionField)
        {
            if (NeedsVersion(shape))
                writer.Line($"uint version = RawVersion(bytes{narrow});");
            if (gate.Lowest > 0)
            {
                writer.Line($"if (version < {CSharpText.Hex((ulong)gate.Lowest)}u)");
                writer.Continuation(
                    $"return {KnownNames.ViewFaults}.TooOld({FieldArguments(shape, versionField)}, "
                    + $"{CSharpText.Hex((ulong)gate.Lowest)}u, version, {CSharpText.Bool(gate.IsDotted)});");
            }
        }

        if (SaidLength(shape) is { } said)
        {
            (string field, string place) = LengthSource(shape);
            writer.Line($"ulong said = {said};");
            writer.Line($"if (said < (ulong){floor})");
            writer.Continuation($"return {KnownNames.ViewFaults}.EndsEarly({shape.NameLiteral}, {field}, {place}, {floor}, said);");
        }

        List<FieldModel> late = [.. shape.Model.Fields.Where(field => HasRule(field) && shape.CanBeAbsent(field))];
        if (late.Count > 0)
            writer.Line($"bytes = bytes.Slice(0, EffectiveLength(bytes{narrow}));");
        foreach (FieldModel field in late)
            Rule(writer, shape, field);
        writer.Line("return default;");
        writer.CloseMember();
    }

    private static string FieldArguments(StructShape shape, FieldModel field) =>
        $"{shape.NameLiteral}, {CSharpText.Quote(field.Name)}, {shape.DocumentOffset(field, Scope.Local)}";

    private static bool NeedsVersion(StructShape shape) =>
        shape.LowestVersion > 0
        || shape.Model.Fields.Any(field => HasRule(field) && new Presence(shape, field, null, Scope.Local).Version is not null);

    private static (string Field, string Place) LengthSource(StructShape shape)
    {
        if (shape.Model.EndByte is not { } end)
        {
            FieldModel field = shape.Find(shape.Model.LengthField!)!;
            return (CSharpText.Quote(field.Name), shape.DocumentOffset(field, Scope.Local));
        }

        FieldModel? holder = shape.Fields.FirstOrDefault(
            field => field.Wide is { } slot && slot.Offset <= end && end < slot.Offset + slot.Size);
        return (CSharpText.Quote(holder?.Name ?? ""), CSharpText.Hex(shape.Model.BaseOffset + end));
    }

    /// <summary>Whether not every bytes are a value of a field.</summary>
    private static bool HasRule(FieldModel field) =>
        field.Constant is not null || field.Type.Digits > 0 || field.Rules.Any(rule => rule.IsChecked);

    /// <summary>Expressions of which one is true where the bytes are no value of a field, and the error for each.</summary>
    private static IEnumerable<(string Breaks, string Fault)> Rules(StructShape shape, FieldModel field)
    {
        string place = $"{FieldArguments(shape, field)}, ";
        string bytes = shape.Place(field, Scope.Local);
        string order = CSharpText.Bool(field.Type.IsBigEndian ?? shape.Model.IsBigEndian);
        if (field.Constant is { } constant)
        {
            yield return (
                ConstantText.Differs(shape, field, constant, Scope.Local),
                $"WrongConstant({place}{CSharpText.Quote(ConstantText.Expected(constant))}, {bytes}, {CSharpText.Bool(constant.Text is not null)}, {order})");
        }
        else if (field.Type.Digits > 0)
        {
            yield return ($"!{KnownNames.FieldText}.IsNumber({bytes})", $"NoDigits({place}{bytes})");
        }

        foreach (RuleModel rule in field.Rules.Where(rule => rule.IsChecked))
            yield return (RuleText.Breaks(shape, field, rule, Scope.Local), $"NotAllowed({place}{CSharpText.Quote(rule.Expected)}, {bytes}, {order})");
    }

    private static void Rule(IndentedWriter writer, StructShape shape, FieldModel field)
    {
        if (!HasRule(field))
            return;
        string? present = new Presence(shape, field, null, Scope.Local).Condition;
        foreach ((string breaks, string fault) in Rules(shape, field))
        {
            writer.Line($"if ({(present is null ? breaks : $"{present} && {breaks}")})");
            writer.Continuation($"return {KnownNames.ViewFaults}.{fault};");
        }
    }
}
