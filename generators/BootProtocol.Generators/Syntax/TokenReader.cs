using BootProtocol.Generators.Diagnostics;

namespace BootProtocol.Generators.Syntax;

/// <summary>Reads the tokens of one line from left to right, and reports what it expected where that is missing.</summary>
internal sealed class TokenReader(SpecLine line, ProblemList problems)
{
    private int _at;

    public ProblemList Problems { get; } = problems;

    public SourceRange LineRange { get; } = line.Range;

    public bool IsAtEnd => _at == line.Tokens.Count;

    public Token Current => line.Tokens[_at];

    /// <summary>The token that was taken last.</summary>
    public Token Last => line.Tokens[_at - 1];

    public Token Take() => line.Tokens[_at++];

    public bool TryTake(string symbolOrWord)
    {
        if (IsAtEnd || !Current.Is(symbolOrWord))
            return false;
        _at++;
        return true;
    }

    /// <summary>Takes a word; where something else stands, reports that <paramref name="what"/> was expected.</summary>
    public Located<string>? Word(string what)
    {
        if (!IsAtEnd && Current.Kind == TokenKind.Word)
        {
            Token token = Take();
            return new Located<string>(token.Text, token.Range);
        }

        ReportMissing(what);
        return null;
    }

    /// <summary>Takes the name of a number: a word, or words with points between them for a field of a structure inside.</summary>
    public Located<string>? Path(string what)
    {
        if (Word(what) is not { } path)
            return null;
        while (TryTake("."))
        {
            if (Word("the name of a field") is not { } next)
                return null;
            path = new Located<string>($"{path.Value}.{next.Value}", path.Range.To(next.Range));
        }

        return path;
    }

    /// <summary>Takes a quoted text.</summary>
    public Located<string>? Text(string what)
    {
        if (!IsAtEnd && Current.Kind == TokenKind.Text)
        {
            Token token = Take();
            return new Located<string>(token.Text, token.Range);
        }

        ReportMissing(what);
        return null;
    }

    /// <summary>Takes a number.</summary>
    public Located<ulong>? Number(string what)
    {
        if (IsAtEnd || Current.Kind != TokenKind.Digits)
        {
            ReportMissing(what);
            return null;
        }

        Token token = Take();
        if (Numbers.TryNumber(token.Text, out ulong value))
            return new Located<ulong>(value, token.Range);
        Problems.Add(SpecDescriptors.BadNumber, token.Range, token.Text);
        return null;
    }

    public bool Symbol(string symbol, string what)
    {
        if (TryTake(symbol))
            return true;
        ReportMissing(what);
        return false;
    }

    public void ReportMissing(string what)
    {
        if (!IsAtEnd)
        {
            Problems.Add(SpecDescriptors.Missing, Current.Range, what, $"instead of '{Current.Text}'");
            return;
        }

        Token? last = _at > 0 ? line.Tokens[_at - 1] : null;
        SourceRange range = last?.Range ?? LineRange;
        Problems.Add(SpecDescriptors.Missing, range, what, last is { } token ? $"after '{token.Text}'" : "here");
    }
}
