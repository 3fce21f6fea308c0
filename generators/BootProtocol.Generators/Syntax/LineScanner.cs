using System.Collections.Generic;
using System.Globalization;
using System.Text;
using BootProtocol.Generators.Diagnostics;

namespace BootProtocol.Generators.Syntax;

/// <summary>Cuts one line into tokens and doc. A character that has no place is reported, and the rest of the line still read.</summary>
internal sealed class LineScanner(string line, int number, ProblemList problems)
{
    private readonly List<Token> _tokens = [];
    private int _at;
    private bool _isBroken;

    /// <summary>Reads the line; null if nothing stands on it but blanks and a comment.</summary>
    public SpecLine? Scan()
    {
        string? doc = null;
        int start = SkipBlanks();
        while (_at < line.Length && line[_at] != '#')
        {
            if (IsBar())
            {
                doc = line.Substring(_at + 1).Trim();
                break;
            }

            ScanToken();
            int end = _at;
            SkipBlanks();
            if (_at < line.Length && line[_at] == '#' && _at == end)
            {
                Reject(_at, 1);
                _at++;
                SkipBlanks();
            }
        }

        if (_tokens.Count == 0 && doc is null && !_isBroken)
            return null;
        int length = line.TrimEnd().Length - start;
        return new SpecLine(_tokens, doc, start == 0, _isBroken, new SourceRange(number, start, length));
    }

    private int SkipBlanks()
    {
        while (_at < line.Length && char.IsWhiteSpace(line[_at]))
            _at++;
        return _at;
    }

    /// <summary>A bar starts the doc only where it stands alone, so that <c>32|64</c> can be written.</summary>
    private bool IsBar()
        => line[_at] == '|'
            && (_at == 0 || char.IsWhiteSpace(line[_at - 1]))
            && (_at + 1 == line.Length || char.IsWhiteSpace(line[_at + 1]));

    private void ScanToken()
    {
        int start = _at;
        char first = line[_at];
        if (first == '"')
        {
            ScanText();
        }
        else if (IsDigit(first))
        {
            while (_at < line.Length && ContinuesDigits())
                _at++;
            Add(TokenKind.Digits, start);
        }
        else if (IsWordStart(first))
        {
            while (_at < line.Length && (IsWordStart(line[_at]) || IsDigit(line[_at])))
                _at++;
            Add(TokenKind.Word, start);
        }
        else if (first == '-' && _at + 1 < line.Length && line[_at + 1] == '>')
        {
            _at += 2;
            Add(TokenKind.Symbol, start);
        }
        else if (first is '<' or '>' && _at + 1 < line.Length && line[_at + 1] == first)
        {
            _at += 2;
            Add(TokenKind.Symbol, start);
        }
        else if (first is '.' or '=' or ':' or '[' or ']' or '(' or ')' or '+' or '-' or '*' or '/')
        {
            _at++;
            Add(TokenKind.Symbol, start);
        }
        else
        {
            _at += char.IsHighSurrogate(first) && _at + 1 < line.Length ? 2 : 1;
            Reject(start, _at - start);
        }
    }

    private bool ContinuesDigits()
    {
        char c = line[_at];
        if (IsDigit(c) || IsWordStart(c) || c is '.' or '+')
            return true;
        return c is '-' or '|' && _at + 1 < line.Length && IsDigit(line[_at + 1]);
    }

    /// <summary>Reads what stands behind a backslash; what is no escape is reported.</summary>
    private char Escape()
    {
        char escape = line[_at++];
        bool isByte = escape == 'x'
            && _at + 2 <= line.Length
            && byte.TryParse(line.Substring(_at, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);
        if (!isByte)
            return escape switch { '0' => '\0', 'n' => '\n', 'r' => '\r', 't' => '\t', '\\' or '"' => escape, _ => NoEscape(escape) };
        _at += 2;
        return (char)byte.Parse(line.Substring(_at - 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    private char NoEscape(char written)
    {
        const string Escapes = @"\n, \r, \t, \0, \\, \"" or a byte as in \xfd";
        problems.Add(SpecDescriptors.Missing, new SourceRange(number, _at - 2, 2), Escapes, $"instead of '\\{Printable($"{written}")}'");
        _isBroken = true;
        return written;
    }

    private void ScanText()
    {
        int start = _at++;
        var text = new StringBuilder();
        bool isForeign = false;
        while (_at < line.Length && line[_at] != '"')
        {
            char c = line[_at++];
            isForeign |= c > '\x7f';
            text.Append(c == '\\' && _at < line.Length ? Escape() : c);
        }

        var range = new SourceRange(number, start, _at - start);
        if (_at == line.Length)
        {
            problems.Add(SpecDescriptors.UnterminatedText, range, line.Substring(start).TrimEnd());
            _isBroken = true;
            return;
        }

        _at++;
        _tokens.Add(new Token(TokenKind.Text, text.ToString(), range with { Length = range.Length + 1 }) { HasForeignCharacters = isForeign });
    }

    private void Add(TokenKind kind, int start)
        => _tokens.Add(new Token(kind, line.Substring(start, _at - start), new SourceRange(number, start, _at - start)));

    private void Reject(int start, int length)
    {
        problems.Add(SpecDescriptors.StrayCharacter, new SourceRange(number, start, length), Printable(line.Substring(start, length)));
        _isBroken = true;
    }

    /// <summary>A character as a message can show it: one that cannot be seen, or that joins what stands around it, as its number.</summary>
    private static string Printable(string text)
    {
        bool isVisible = CharUnicodeInfo.GetUnicodeCategory(text, 0)
            is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
        if (isVisible)
            return text;
        int code = text.Length == 2 && char.IsSurrogatePair(text, 0) ? char.ConvertToUtf32(text, 0) : text[0];
        return $"U+{code:X4}";
    }

    private static bool IsDigit(char c) => c is >= '0' and <= '9';

    private static bool IsWordStart(char c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '_';
}
