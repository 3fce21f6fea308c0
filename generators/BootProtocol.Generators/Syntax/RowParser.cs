using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Diagnostics;

namespace BootProtocol.Generators.Syntax;

/// <summary>Reads one row. Null means that the row could not be read; why has been reported.</summary>
internal static class RowParser
{
    internal static readonly string[] AccessWords = ["read", "write", "modify", "internal", "obsolete", "obligatory", "optional", "reloc", "special"];

    private static readonly string[] TailWords =
    [
        .. AccessWords, .. RuleParser.Words,
        "as", "all", "only", "else", "zero", "check", "checksum", "align", "bytes", "by", "sized", "until", "when",
    ];

    private static readonly RowKind StructKind = new(
        "a row",
        [
            RowKind.Gate, RowKind.Access, "as", "=", "only", "else", "zero", .. RuleParser.Words, "check", "checksum",
            "->", "align", "bytes", "by", "sized", "until", "when",
        ]);

    private static readonly RowKind PadKind = new("a pad", [RowKind.Gate, RowKind.Access, "only", "zero", "check"]);

    private static readonly RowKind LetKind = new("a computed number", [RowKind.Gate]);

    private static readonly RowKind FlagsKind = new("a row of flags", [RowKind.Gate, RowKind.Access, "as", "zero"]);

    private static readonly RowKind EnumKind = new("a row of an enum", [RowKind.Gate, RowKind.Access, "as"]);

    private static readonly RowKind ConstKind = new("a row of constants", [RowKind.Gate, "as"]);

    private static readonly RowKind ChoiceKind = new("a row of a choice", ["as"]);

    private static readonly RowKind NoteKind = new("a row of notes", [RowKind.Access, "as", "else"]);

    /// <summary>What may stand behind the name in a row of a block, by the word that opens the block.</summary>
    internal static readonly IReadOnlyDictionary<string, RowKind> Kinds = new Dictionary<string, RowKind>
    {
        ["struct"] = StructKind,
        ["choice"] = ChoiceKind,
        ["flags"] = FlagsKind,
        ["enum"] = EnumKind,
        ["const"] = ConstKind,
        ["notes"] = NoteKind,
    };

    public static RowSyntax? Struct(TokenReader reader)
    {
        if (reader.TryTake("let"))
            return Let(reader);
        if (Position(reader) is not { } position || TypeParser.Type(reader, "a type") is not { } type)
            return null;
        var row = new StructRow(reader.LineRange, position, type);
        if (type.Name.Value == "pad")
        {
            if (!type.HasBrackets)
            {
                reader.ReportMissing("the number of bytes in brackets");
                return null;
            }

            row.Name = new Located<string>("", type.Range);
            return Tail(reader, row, PadKind) ? row : null;
        }

        return Name(reader, row) && Tail(reader, row, StructKind) ? row : null;
    }

    public static EnumRow? Enum(TokenReader reader, string block)
    {
        bool isFlags = block == "flags";
        string what = isFlags ? "a bit such as 7, or a field of bits such as 8..15" : "a value";
        if (reader.IsAtEnd || reader.Current.Kind != TokenKind.Digits)
        {
            reader.ReportMissing(what);
            return null;
        }

        Token number = reader.Take();
        if (!Numbers.TryRange(number.Text, out ulong low, out ulong high, out bool isRange))
        {
            reader.Problems.Add(SpecDescriptors.BadNumber, number.Range, number.Text);
            return null;
        }

        if (isRange && (!isFlags || high < low))
        {
            reader.Problems.Add(SpecDescriptors.BadPosition, number.Range, number.Text, isFlags ? "the lower bit first" : "one value");
            return null;
        }

        if (reader.Word("a name") is not { } name)
            return null;
        Located<string>? type = null;
        if (isRange && !reader.IsAtEnd && reader.Current.Kind == TokenKind.Word && !FlagsKind.Has(PartOf(reader.Current.Text)))
        {
            type = name;
            name = reader.Word("a name")!.Value;
        }

        var row = new EnumRow(reader.LineRange, new Located<ulong>(low, number.Range), high, isRange, type) { Name = name };
        return Tail(reader, row, Kinds[block]) ? row : null;
    }

    public static ChoiceRow? Choice(TokenReader reader)
    {
        Token tag = reader.IsAtEnd ? default : reader.Current;
        (ulong First, ulong Last)? values = null;
        if (!reader.IsAtEnd && tag.Kind == TokenKind.Digits)
        {
            if (Values(reader) is not { } read)
                return null;
            values = (read.First, read.Last);
        }
        else if (reader.Word("a value, values such as 2..5, or the name of an enumerator") is null)
        {
            return null;
        }

        if (TypeParser.Type(reader, "a structure, bytes[..], char[..] or nothing") is not { } type)
            return null;
        var row = new ChoiceRow(reader.LineRange, new Located<string>(tag.Text, tag.Range), values, type) { Name = type.Name };

        // A structure has a name already; bytes, texts and nothing at all are called what the row says.
        bool isNamed = type.HasBrackets || type.Name.Value == "nothing" || (!reader.IsAtEnd && !reader.Current.Is("as"));
        return (!isNamed || Name(reader, row)) && Tail(reader, row, ChoiceKind) ? row : null;
    }

    public static NoteRow? Note(TokenReader reader)
    {
        if (reader.Number("the note's type number") is not { } number || TypeParser.Type(reader, "the type of the note's descriptor") is not { } type)
            return null;
        var row = new NoteRow(reader.LineRange, number, type);
        return Name(reader, row) && Tail(reader, row, NoteKind) ? row : null;
    }

    private static LetRow? Let(TokenReader reader)
    {
        if (reader.Word("a name") is not { } name)
            return null;
        Located<string>? csharpName = null;
        if (reader.TryTake("as") && (csharpName = reader.Word("the C# name")) is null)
            return null;
        if (!reader.Symbol("=", "'=' and how the number is computed") || FormulaParser.Parse(reader) is not { } formula)
            return null;
        var row = new LetRow(reader.LineRange, formula) { Name = name, CSharpName = csharpName };
        return Tail(reader, row, LetKind) ? row : null;
    }

    private static bool Name(TokenReader reader, RowSyntax row)
    {
        if (reader.Word("a name") is not { } name)
            return false;
        row.Name = name;
        return true;
    }

    private static PositionSyntax? Position(TokenReader reader)
    {
        Token token = reader.Take();
        if (token.Is("."))
            return new PositionSyntax(PositionKind.Next, 0, token.Range);
        if (token.Is("="))
            return new PositionSyntax(PositionKind.Same, 0, token.Range);
        if (token.Kind == TokenKind.Digits && Numbers.TryNumber(token.Text, out ulong value))
            return new PositionSyntax(PositionKind.Number, value, token.Range);
        reader.Problems.Add(
            SpecDescriptors.BadPosition,
            token.Range,
            token.Text,
            "an offset such as 0x1f4, '.' for the next place, or '=' for the place of the row above");
        return null;
    }

    /// <summary>Reads everything behind the name, in any order; a part that cannot be read ends the row.</summary>
    private static bool Tail(TokenReader reader, RowSyntax row, RowKind kind)
    {
        while (!reader.IsAtEnd)
        {
            Token token = reader.Take();
            if (!kind.Has(PartOf(token)))
            {
                string? near = token.Kind == TokenKind.Word ? NearName.Find(token.Text, TailWords.Where(word => kind.Has(PartOf(word)))) : null;
                reader.Problems.AddNear(SpecDescriptors.UnknownRowWord, token.Range, near, token.Text, kind.Name, kind.Expected);
                return false;
            }

            if (!Part(reader, row, kind, token))
                return false;
        }

        return true;
    }

    private static bool Part(TokenReader reader, RowSyntax row, RowKind kind, Token token)
    {
        if (token.Kind == TokenKind.Digits)
        {
            GateSyntax? gate = Numbers.TryGate(token);
            if (gate is not null)
                return Gate(reader, row, gate);
            reader.Problems.Add(SpecDescriptors.BadGate, token.Range, token.Text, "versions such as '2.06+', '2.00-2.01' or '1+'");
            return false;
        }

        switch (token.Text)
        {
            case "all":
                return Gate(reader, row, new GateSyntax(true, false, 0, null, new Located<string>(token.Text, token.Range)));
            case "as":
                return Once(reader, token, row.CSharpName is null) && (row.CSharpName = reader.Word("the C# name")) is not null;
            case "=":
                return Once(reader, token, row.Constant is null) && (row.Constant = Constant(reader)) is not null;
            case "else":
                return Once(reader, token, row.Else is null) && (row.Else = reader.Number("the value of the absent field")) is not null;
            case "zero" when kind == StructKind && !reader.IsAtEnd && Numbers.TryNumber(reader.Current.Text, out _):
                return Once(reader, token, row.Zero is null) && (row.Zero = reader.Number("the value that 0 stands for")) is not null;
            case "zero":
                return Rule(reader, row, token, new RuleSyntax("zero", [], token.Range, "zero"));
            case "in" or "one" or "aligned" or "known":
                return RuleParser.Rule(reader, token) is { } rule && Rule(reader, row, token, rule);
            case "check":
                if (!Once(reader, token, row.Check is null))
                    return false;
                row.Check = token.Range;
                return true;
            case "checksum":
                return Once(reader, token, row.Checksum is null) && (row.Checksum = RuleParser.Checksum(reader)) is not null;
            case "only":
                return Once(reader, token, row.Only is null) && (row.Only = Only(reader)) is not null;
            case "->":
                return Once(reader, token, row.Pointee is null) && (row.Pointee = TypeParser.Pointee(reader)) is not null;
            case "align":
                return Once(reader, token, row.Align is null) && (row.Align = reader.Number("the number of bytes that the place is a multiple of")) is not null;
            case "bytes":
                return Once(reader, token, row.Bytes is null) && (row.Bytes = reader.Path("the number of bytes that the row has room for")) is not null;
            case "by":
                return Once(reader, token, row.By is null) && (row.By = reader.Path("the number that chooses what the row is")) is not null;
            case "sized":
                if (!Once(reader, token, row.Sized is null))
                    return false;
                row.Sized = token.Range;
                return true;
            case "until":
                return Once(reader, token, row.Until is null) && (row.Until = Until(reader)) is not null;
            case "when":
                return Once(reader, token, row.When is null) && (row.When = When(reader)) is not null;
        }

        if (!Once(reader, token, row.Access.All(word => word.Value != token.Text)))
            return false;
        row.Access.Add(new Located<string>(token.Text, token.Range));
        return true;
    }

    /// <summary>The part of a row that a token starts; its own text where it is no gate and no access word.</summary>
    private static string PartOf(Token token) => token.Kind switch
    {
        TokenKind.Digits => RowKind.Gate,
        TokenKind.Text => "",
        _ => PartOf(token.Text),
    };

    private static string PartOf(string word) => word == "all" ? RowKind.Gate : AccessWords.Contains(word) ? RowKind.Access : word;

    private static bool Once(TokenReader reader, Token token, bool isFirst)
    {
        if (!isFirst)
            reader.Problems.Add(SpecDescriptors.SaidTwice, token.Range, token.Text);
        return isFirst;
    }

    private static bool Rule(TokenReader reader, RowSyntax row, Token token, RuleSyntax rule)
    {
        if (!Once(reader, token, row.Rules.All(other => other.Word != rule.Word)))
            return false;
        row.Rules.Add(rule);
        return true;
    }

    private static bool Gate(TokenReader reader, RowSyntax row, GateSyntax gate)
    {
        if (row.Gate is null)
        {
            row.Gate = gate;
            return true;
        }

        if (row.SecondGate is not null)
        {
            reader.Problems.Add(SpecDescriptors.SaidTwice, gate.Text.Range, gate.Text.Value);
            return false;
        }

        row.SecondGate = gate;
        row.AccessBeforeSecondGate = row.Access.Count;
        return true;
    }

    private static Located<ConstantSyntax>? Constant(TokenReader reader)
    {
        if (!reader.IsAtEnd && reader.Current.Kind == TokenKind.Text)
        {
            Token text = reader.Take();
            return new Located<ConstantSyntax>(new ConstantSyntax(0, text.Text, HasForeignCharacters: text.HasForeignCharacters), text.Range);
        }

        SourceRange start = reader.IsAtEnd ? default : reader.Current.Range;
        bool isNegative = reader.TryTake("-");
        return reader.Number("a number or a quoted text") is { } number
            ? new Located<ConstantSyntax>(
                new ConstantSyntax(isNegative ? unchecked(0 - number.Value) : number.Value, null, isNegative), start.To(number.Range))
            : null;
    }

    private static (Located<string>? Field, Located<ulong> Value)? Until(TokenReader reader)
    {
        if (!reader.IsAtEnd && reader.Current.Kind == TokenKind.Digits)
            return reader.Number("the last byte") is { } mark ? (null, mark) : null;
        return reader.Word("the field that the last element is found by, or the last byte") is { } field
            && reader.Symbol("=", "'=' and the number that the field has in the last element")
            && reader.Number("the number that the field has in the last element") is { } value
            ? (field, value)
            : null;
    }

    private static WhenSyntax? When(TokenReader reader)
    {
        if (reader.Path("the number that says whether the row is there") is not { } number)
            return null;
        if (!reader.TryTake("="))
            return new WhenSyntax(number, 1, ulong.MaxValue, null, number.Value);
        if (!reader.IsAtEnd && reader.Current.Kind == TokenKind.Word)
        {
            Token name = reader.Take();
            return new WhenSyntax(number, 0, 0, new Located<string>(name.Text, name.Range), $"{number.Value} = {name.Text}");
        }

        if (reader.IsAtEnd || reader.Current.Kind != TokenKind.Digits)
        {
            reader.ReportMissing("a value, values such as 2..5, or the name of one");
            return null;
        }

        return Values(reader) is { } values ? new WhenSyntax(number, values.First, values.Last, null, $"{number.Value} = {values.Text}") : null;
    }

    /// <summary>Takes a value, or values such as <c>2..5</c>.</summary>
    internal static (ulong First, ulong Last, string Text)? Values(TokenReader reader)
    {
        Token token = reader.Take();
        if (!Numbers.TryRange(token.Text, out ulong first, out ulong last, out _))
        {
            reader.Problems.Add(SpecDescriptors.BadNumber, token.Range, token.Text);
            return null;
        }

        if (last < first)
        {
            reader.Problems.Add(SpecDescriptors.BadPosition, token.Range, token.Text, "the lower value first");
            return null;
        }

        return (first, last, token.Text);
    }

    private static Located<int>? Only(TokenReader reader)
    {
        if (!reader.IsAtEnd && reader.Current is { Kind: TokenKind.Digits, Text: "32" or "64" } token)
        {
            reader.Take();
            return new Located<int>(token.Text == "32" ? 32 : 64, token.Range);
        }

        reader.ReportMissing("32 or 64");
        return null;
    }
}
