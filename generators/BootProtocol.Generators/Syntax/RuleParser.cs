using System.Collections.Generic;

namespace BootProtocol.Generators.Syntax;

/// <summary>Reads what a row says of its value beyond its type: the values that it may have, and whether it is a checksum.</summary>
internal static class RuleParser
{
    /// <summary>The words that start a rule.</summary>
    internal static readonly string[] Words = ["in", "one", "aligned", "known"];

    /// <summary>Reads a rule behind its first word. Null means that it could not be read; why has been reported.</summary>
    public static RuleSyntax? Rule(TokenReader reader, Token word) => word.Text switch
    {
        "in" => Range(reader, word),
        "one" => OneOf(reader, word),
        "aligned" => reader.Number("the number that the value is a multiple of") is { } number
            ? new RuleSyntax("aligned", [number.Value], word.Range.To(number.Range), $"aligned {reader.Last.Text}")
            : null,
        _ => new RuleSyntax("known", [], word.Range, "known"),
    };

    /// <summary>Reads a checksum behind its first word: a function, and <c>all</c>, or rows such as <c>magic..size</c>. Null as for rules.</summary>
    public static ChecksumSyntax? Checksum(TokenReader reader)
    {
        if (reader.Word("the function, such as crc32") is not { } function)
            return null;
        if (reader.TryTake("all"))
            return Shifted(reader, new ChecksumSyntax(function, null, null, 0, $"{function.Value} all"));
        if (reader.Word("'all', or the first row and the last one, such as magic..size") is not { } first)
            return null;
        if (!reader.Symbol(".", "'..' and the last row") || !reader.Symbol(".", "'..' and the last row") || reader.Word("the last row") is not { } last)
            return null;
        return Shifted(reader, new ChecksumSyntax(function, first, last, 0, $"{function.Value} {first.Value}..{last.Value}"));
    }

    private static ChecksumSyntax? Shifted(TokenReader reader, ChecksumSyntax whole)
    {
        if (!reader.TryTake(">>"))
            return whole;
        return reader.Number("the number of bits that are left out") is { } bits
            ? whole with { Shift = bits.Value, Text = $"{whole.Text} >> {bits.Value}" }
            : null;
    }

    private static RuleSyntax? Range(TokenReader reader, Token word)
    {
        if (reader.IsAtEnd || reader.Current.Kind != TokenKind.Digits)
        {
            reader.ReportMissing("values such as 1..15");
            return null;
        }

        return RowParser.Values(reader) is { } values
            ? new RuleSyntax("in", [values.First, values.Last], word.Range.To(reader.Last.Range), $"in {values.Text}")
            : null;
    }

    private static RuleSyntax? OneOf(TokenReader reader, Token word)
    {
        if (!reader.TryTake("of"))
        {
            reader.ReportMissing("'of' and the values");
            return null;
        }

        if (reader.Number("a value") is not { } first)
            return null;
        List<ulong> values = [first.Value];
        List<string> texts = [reader.Last.Text];
        while (!reader.IsAtEnd && reader.Current.Kind == TokenKind.Digits && Numbers.TryNumber(reader.Current.Text, out ulong value))
        {
            values.Add(value);
            texts.Add(reader.Take().Text);
        }

        return new RuleSyntax("one", values, word.Range.To(reader.Last.Range), $"one of {string.Join(" ", texts)}");
    }
}
