using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes the file of a choice: bytes that are what a number chooses, and the names of what can be chosen.</summary>
internal static class ChoiceEmitter
{
    private const string SpecChoice = KnownNames.Specs + ".SpecChoice";
    private const string SpecAlternative = KnownNames.Specs + ".SpecAlternative";

    /// <summary>The whole text of the file.</summary>
    public static string Emit(ChoiceModel model)
    {
        var writer = new IndentedWriter();
        FileFrame.Open(writer, model.Namespace);
        Kinds(writer, model);

        string remarks = $"<c>{CSharpText.Escape(model.Name)}</c> of <c>{CSharpText.Escape(model.Protocol)}</c>, "
            + $"by a <c>{CSharpText.Escape(model.TagTypeText)}</c>.";
        CSharpText.Doc(writer, model.Doc, $"What {model.Name} chooses.", remarks);
        ExampleEmitter.OfChoice(writer, model);
        FileFrame.OpenType(writer, $"public readonly ref partial struct {model.CSharpName}");
        State(writer, model);
        foreach (AlternativeModel alternative in model.Alternatives)
            Getter(writer, model, alternative);
        Measure(writer, model);
        Layout(writer, model);
        writer.Close();
        return writer.ToString();
    }

    private static void Kinds(IndentedWriter writer, ChoiceModel model)
    {
        CSharpText.Summary(writer, $"What <c>{CSharpText.Escape(model.Name)}</c> can be.");
        ExampleEmitter.OfChoiceKind(writer, model);
        FileFrame.OpenType(writer, $"public enum {model.CSharpName}Kind");
        CSharpText.Summary(writer, "Bytes of which nothing is known.");
        writer.Line("Unknown,");
        writer.Gap();
        foreach (AlternativeModel alternative in model.Alternatives)
        {
            CSharpText.Doc(writer, alternative.Doc, $"It is {alternative.Name}.", Remarks(alternative));
            writer.Line($"{alternative.CSharpName},");
            writer.Gap();
        }

        writer.CloseMember();
    }

    private static string Remarks(AlternativeModel alternative)
    {
        string values = alternative.First == alternative.Last ? "" : $" to {CSharpText.Hex(alternative.Last)}";
        string name = alternative.Name == alternative.TypeText ? "" : $" {CSharpText.Escape(alternative.Name)}";
        return $"<c>{CSharpText.Escape(alternative.TypeText)}{name}</c>, chosen by {CSharpText.Hex(alternative.First)}{values}.";
    }

    private static void State(IndentedWriter writer, ChoiceModel model)
    {
        writer.Line($"private readonly {KnownNames.ReadOnlyBytes} _bytes;");
        writer.Line("private readonly ulong _tag;");
        writer.Line("private readonly long _place;");
        if (model.IsWord)
            writer.Line($"private readonly {KnownNames.WordSize} _word;");
        writer.Gap();

        CSharpText.Summary(writer, "Looks at bytes as what a number chooses.");
        writer.Line("/// <param name=\"bytes\">The bytes.</param>");
        writer.Line("/// <param name=\"tag\">The number that chooses.</param>");
        if (model.IsWord)
            writer.Line("/// <param name=\"word\">The variant.</param>");
        writer.Line("/// <param name=\"place\">Where the bytes start, for the offsets in errors.</param>");
        string word = model.IsWord ? $", {KnownNames.WordSize} word" : "";
        writer.Open($"public {model.CSharpName}({KnownNames.ReadOnlyBytes} bytes, ulong tag{word}, long place = 0)");
        writer.Line("_bytes = bytes;");
        writer.Line("_tag = tag;");
        if (model.IsWord)
            writer.Line("_word = word;");
        writer.Line("_place = place;");
        writer.CloseMember();

        CSharpText.Summary(writer, "The number that chooses.");
        writer.Line($"public {model.TagType} Tag => unchecked(({model.TagType})_tag);");
        writer.Gap();
        CSharpText.Summary(writer, "What it chooses.");
        writer.Open($"public {model.CSharpName}Kind Kind => _tag switch");
        foreach (AlternativeModel alternative in model.Alternatives)
        {
            string last = $"{CSharpText.Hex(alternative.Last)}UL";
            string values = alternative.First == alternative.Last ? last
                : alternative is { First: 0, Last: ulong.MaxValue } ? "_"
                : $">= {CSharpText.Hex(alternative.First)}UL and <= {last}";
            writer.Line($"{values} => {model.CSharpName}Kind.{alternative.CSharpName},");
        }

        if (!HasAll(model))
            writer.Line($"_ => {model.CSharpName}Kind.Unknown,");
        writer.CloseMember(";");
        CSharpText.Summary(writer, "The bytes, whatever they are.");
        writer.Line($"public {KnownNames.ReadOnlyBytes} AsSpan() => _bytes;");
        writer.Gap();
    }

    /// <summary>Whether the alternatives have all numbers of 64 bits, so that C# would refuse anything behind them.</summary>
    private static bool HasAll(ChoiceModel model)
    {
        ulong next = 0;
        foreach (AlternativeModel alternative in model.Alternatives.OrderBy(alternative => alternative.First))
        {
            if (alternative.First != next)
                return false;
            if (alternative.Last == ulong.MaxValue)
                return true;
            next = alternative.Last + 1;
        }

        return false;
    }

    /// <summary>Writes how large what is chosen is, for rows that are as large as that.</summary>
    private static void Measure(IndentedWriter writer, ChoiceModel model)
    {
        CSharpText.Summary(writer, "Finds how many bytes the chosen takes. For generated code.");
        writer.Line("/// <param name=\"bytes\">The bytes; what goes beyond it is left out.</param>");
        writer.Line("/// <param name=\"tag\">The number that chooses.</param>");
        if (model.IsWord)
            writer.Line("/// <param name=\"word\">The variant.</param>");
        writer.Line("/// <param name=\"length\">Its size in bytes.</param>");
        writer.Line("/// <param name=\"error\">Why it is not there; left alone if it is.</param>");
        writer.Line("/// <returns>Whether it is there.</returns>");
        writer.Line(KnownNames.Hidden);
        string word = model.IsWord ? $", {KnownNames.WordSize} word" : "";
        writer.Open(
            $"public static bool TryMeasure({KnownNames.ReadOnlyBytes} bytes, ulong tag{word}, out int length, scoped ref {KnownNames.ParseError} error)");
        writer.Open($"switch (new {model.CSharpName}(bytes, tag{(model.IsWord ? ", word" : "")}).Kind)");
        string variant = model.IsWord ? "word" : $"{KnownNames.WordSize}.Bits64";
        foreach (AlternativeModel alternative in model.Alternatives)
        {
            writer.Line($"case {model.CSharpName}Kind.{alternative.CSharpName}:");
            string type = alternative.CSharpType;
            switch (alternative)
            {
                case { Kind: TypeKind.Structure, IsVarying: true }:
                    writer.Continuation($"return {KnownNames.ViewAccess}.TryMeasureOne<{type}>(bytes, {variant}, out length, ref error);");
                    break;
                case { Kind: TypeKind.Structure }:
                    string name = CSharpText.Quote(alternative.TypeText);
                    writer.Continuation($"return {KnownNames.ViewAccess}.TryMeasureFixed<{type}>(bytes, {variant}, {name}, out length, ref error);");
                    break;
                default:
                    writer.Continuation($"length = {(alternative.Kind == TypeKind.Pad ? "0" : "bytes.Length")};");
                    writer.Continuation("return true;");
                    break;
            }
        }

        writer.Line("default:");
        writer.Continuation("length = 0;");
        writer.Continuation($"error = {KnownNames.ViewFaults}.NotChosen({CSharpText.Quote(model.Name)}, tag);");
        writer.Continuation("return false;");
        writer.Close();
        writer.CloseMember();
    }

    private static void Getter(IndentedWriter writer, ChoiceModel model, AlternativeModel alternative)
    {
        // Nothing has no bytes to look at: its kind says all.
        if (alternative.Kind == TypeKind.Pad)
            return;

        string kind = $"{model.CSharpName}Kind.{alternative.CSharpName}";
        CSharpText.Doc(writer, alternative.Doc, $"It as {alternative.Name}.", Remarks(alternative));
        if (alternative.Kind != TypeKind.Structure)
        {
            string text = alternative.Kind == TypeKind.Text ? $"{KnownNames.FieldText}.Cut(_bytes)" : "_bytes";
            writer.Line("/// <param name=\"value\">What it is; empty if it is something else.</param>");
            writer.Line("/// <returns>Whether it is that.</returns>");
            writer.Open($"public bool TryGet{alternative.CSharpName}(out {KnownNames.ReadOnlyBytes} value)");
            writer.Line($"bool isChosen = Kind == {kind};");
            writer.Line($"value = isChosen ? {text} : default;");
            writer.Line("return isChosen;");
            writer.CloseMember();
            return;
        }

        writer.Line("/// <param name=\"value\">The structure; not to be used if this returns false.</param>");
        writer.Line("/// <param name=\"error\">Why the bytes are no such structure; no error if the number chooses something else.</param>");
        writer.Line("/// <returns>Whether it is that.</returns>");
        writer.Open($"public bool TryGet{alternative.CSharpName}(out {alternative.CSharpType} value, out {KnownNames.ParseError} error)");
        writer.Open($"if (Kind != {kind})");
        writer.Line("value = default;");
        writer.Line("error = default;");
        writer.Line("return false;");
        writer.CloseMember();
        writer.Line($"bool isWhole = {alternative.CSharpType}.TryParse(_bytes{(alternative.IsWord ? ", _word" : "")}, out value, out error);");
        writer.Line("error = error.MovedBy(_place);");
        writer.Line("return isWhole;");
        writer.CloseMember();
    }

    private static void Layout(IndentedWriter writer, ChoiceModel model)
    {
        CSharpText.Summary(writer, $"<c>{CSharpText.Escape(model.Name)}</c> as data.");
        writer.Open("public static class Layout");
        TableFrame.Open(writer, SpecChoice, "All alternatives; made when they are asked for.");
        writer.Line($"Name = {CSharpText.Quote(model.Name)},");
        writer.Line($"Protocol = {CSharpText.Quote(model.Protocol)},");
        writer.Line($"Doc = {CSharpText.Quote(model.Doc)},");
        writer.Line($"TagType = {CSharpText.Quote(model.TagTypeText)},");
        writer.Line($"TagSize = {model.TagSize},");
        if (model.TagIsEnumeration)
            writer.Line($"Enumeration = static () => {model.TagType}Layout.Info,");
        TableFrame.OpenList(writer, "Alternatives", SpecAlternative);
        foreach (AlternativeModel alternative in model.Alternatives)
            writer.Line($"new {SpecAlternative} {{ {string.Join(", ", Properties(alternative))} }},");
        TableFrame.CloseList(writer);
        TableFrame.Close(writer);
        writer.CloseMember();
    }

    private static IEnumerable<string> Properties(AlternativeModel alternative)
    {
        yield return $"First = {CSharpText.LongOrNull(alternative.First)}";
        yield return $"Last = {CSharpText.LongOrNull(alternative.Last)}";
        yield return $"Name = {CSharpText.Quote(alternative.Name)}";
        yield return $"Type = {CSharpText.Quote(alternative.TypeText)}";
        yield return $"Kind = {TableFrame.Kind(alternative.Kind)}";
        yield return $"Doc = {CSharpText.Quote(alternative.Doc)}";
        foreach (string link in TableFrame.Links(alternative.Kind, alternative.CSharpType))
            yield return link;
    }
}
