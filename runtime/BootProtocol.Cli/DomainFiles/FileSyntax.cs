using System.Collections.Immutable;
using System.Text;

namespace BootProtocol.Cli.DomainFiles;

/// <summary>Reads a domain's file as xl does: <c>KEY = VALUE</c>, a value being a text in quotes, a number or a list of values in brackets.</summary>
/// <remarks>
/// Source: Xen's docs/man/xl.cfg.5.pod, SYNTAX, tools/libs/util/libxlu_cfg.c for what a backslash means, and libxlu_cfg_y.y for <c>+=</c>.
/// </remarks>
internal sealed class FileSyntax
{
    /// <summary>Lists within each other; files that people write have two.</summary>
    private const int DeepestList = 16;

    /// <summary>What bytes are decoded to that are not UTF-8: a guest would be given others than those of the file.</summary>
    private const char NoText = '\ufffd';

    private readonly string _name;
    private readonly string _text;
    private int _at;
    private int _line = 1;

    private FileSyntax(string name, string text)
    {
        _name = name;
        _text = text;
    }

    /// <summary>Reads all settings, in their order.</summary>
    /// <param name="name">The file's name, for errors.</param>
    /// <param name="text">What is in it.</param>
    /// <exception cref="ToolException">It is no such file; the line is named.</exception>
    public static List<FileSetting> Read(string name, string text)
    {
        var syntax = new FileSyntax(name, text);
        var settings = new List<FileSetting>();
        for (syntax.Skip(";\n"); syntax._at < text.Length; syntax.Skip(";\n"))
            settings.Add(syntax.ReadSetting());
        return settings;
    }

    private char Next => _at < _text.Length ? _text[_at] : '\0';

    private FileSetting ReadSetting()
    {
        int line = _line;
        int start = _at;
        while (char.IsAsciiLetterOrDigit(Next) || Next == '_')
            _at++;
        string key = _text[start.._at];
        Skip("");
        bool isAddition = Next == '+' && _at + 1 < _text.Length && _text[_at + 1] == '=';
        if (isAddition)
            _at++;
        if (key.Length == 0 || char.IsAsciiDigit(key[0]) || Next != '=')
            throw Bad("a line such as memory = 256");
        _at++;
        Skip("");
        bool isList = Next == '[';
        ImmutableArray<string?> values = isList ? ReadList(1) : [ReadValue()];
        Skip("");
        return Next is ';' or '\n' or '\0' ? new FileSetting(key, values, isList, isAddition, line) : throw Bad("the end of the line");
    }

    private ImmutableArray<string?> ReadList(int depth)
    {
        if (depth > DeepestList)
            throw Bad($"at most {DeepestList} lists within each other");
        ImmutableArray<string?>.Builder values = ImmutableArray.CreateBuilder<string?>();
        _at++;
        for (Skip("\n"); Next != ']'; Skip("\n"))
        {
            bool isList = Next == '[';
            if (isList)
                ReadList(depth + 1);
            values.Add(isList ? null : ReadValue());
            Skip("\n");
            if (Next == ',')
                _at++;
            else if (Next != ']')
                throw Bad("',' or ']'");
        }

        _at++;
        return values.ToImmutable();
    }

    private string ReadValue()
    {
        if (Next is '\'' or '"')
            return ReadText();
        int start = _at;
        while (char.IsAsciiLetterOrDigit(Next))
            _at++;
        string number = _text[start.._at];
        return number.Length > 0 && char.IsAsciiDigit(number[0]) ? number : throw Bad("a number, a text in quotes or a list of such");
    }

    private string ReadText()
    {
        char quote = _text[_at++];
        var text = new StringBuilder();
        while (Next != quote)
        {
            if (Next is '\0' or '\n')
                throw Bad($"the {quote} that ends the text");
            if (Next == NoText)
                throw Bad("a text in UTF-8");
            bool isEscaped = Next == '\\';
            if (isEscaped)
                _at++;
            text.Append(isEscaped ? Escaped(Next) ?? throw Bad("one of \\'\"abfnrtv behind the backslash") : Next);
            _at++;
        }

        _at++;
        return text.ToString();
    }

    /// <summary>What a character behind a backslash stands for; null if nothing. Numbers are left out: xl itself loses what they stand for.</summary>
    private static char? Escaped(char letter) => letter switch
    {
        '\\' or '\'' or '"' => letter,
        'a' => '\a',
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\v',
        _ => null,
    };

    /// <summary>Skips spaces, comments, and the characters that are named.</summary>
    private void Skip(string more)
    {
        while (_at < _text.Length && (Next is ' ' or '\t' or '\r' or '#' || more.Contains(Next, StringComparison.Ordinal)))
        {
            if (Next == '#')
            {
                while (_at < _text.Length && Next != '\n')
                    _at++;
                continue;
            }

            if (Next == '\n')
                _line++;
            _at++;
        }
    }

    private ToolException Bad(string expected)
    {
        string found = Next switch { '\0' => "the end of the file", '\n' => "the end of the line", NoText => "other bytes", _ => $"'{Next}'" };
        return new ToolException(ExitCode.BadInput, $"{_name}: line {_line}: expected {expected}, found {found}");
    }
}
