using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Diagnostics;

namespace BootProtocol.Generators.Syntax;

/// <summary>
/// Reads formulas such as <c>(setup_sects + 1) * 512</c>: products before sums, sums before shifts, from the left, as in C.
/// </summary>
internal sealed class FormulaParser(TokenReader reader)
{
    /// <summary>Parts and parentheses above which a formula is refused: nothing that is derived from it may grow without a limit.</summary>
    private const int Longest = 64;

    private static readonly string[][] Operators = [["<<", ">>"], ["+", "-"], ["*", "/"]];

    private readonly List<FormulaPart> _parts = [];
    private readonly List<string> _words = [];
    private int _depth;

    /// <summary>Reads a formula up to what is no part of one. Null means that it could not be read; why has been reported.</summary>
    public static FormulaSyntax? Parse(TokenReader reader)
    {
        var parser = new FormulaParser(reader);
        return parser.Operation(0) ? new FormulaSyntax(parser._parts, parser.Text()) : null;
    }

    private bool Operation(int level)
    {
        if (level == Operators.Length)
            return Operand();
        if (!Operation(level + 1))
            return false;
        while (!reader.IsAtEnd && reader.Current.Kind == TokenKind.Symbol && Operators[level].Contains(reader.Current.Text))
        {
            Token symbol = Take();
            if (!Operation(level + 1) || !Add(new FormulaPart(symbol.Text, null, false, symbol.Range)))
                return false;
        }

        return true;
    }

    private bool Operand()
    {
        if (!reader.IsAtEnd && reader.Current.Is("("))
        {
            Token open = Take();
            if (++_depth > Longest)
                return TooLong(open);
            bool isWhole = Operation(0) && reader.Symbol(")", "')'");
            _words.Add(")");
            _depth--;
            return isWhole;
        }

        if (!reader.IsAtEnd && reader.Current.Kind == TokenKind.Digits)
        {
            Token token = reader.Current;
            _words.Add(token.Text);
            return reader.Number("a number") is { } number && Add(new FormulaPart(token.Text, number.Value, false, token.Range));
        }

        if (reader.Path("a number, a field or '('") is not { } name)
            return false;
        _words.Add(name.Value);
        return Add(new FormulaPart(name.Value, null, true, name.Range));
    }

    private Token Take()
    {
        Token token = reader.Take();
        _words.Add(token.Text);
        return token;
    }

    private bool Add(FormulaPart part)
    {
        _parts.Add(part);
        return _parts.Count <= Longest || TooLong(new Token(TokenKind.Symbol, part.Text, part.Range));
    }

    private bool TooLong(Token at)
    {
        reader.Problems.Add(SpecDescriptors.LongFormula, at.Range, $"{Longest}");
        return false;
    }

    private string Text() => string.Join(" ", _words).Replace("( ", "(").Replace(" )", ")");
}
