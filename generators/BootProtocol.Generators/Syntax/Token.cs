namespace BootProtocol.Generators.Syntax;

/// <summary>What a token is made of.</summary>
internal enum TokenKind
{
    /// <summary>A name or a keyword.</summary>
    Word,

    /// <summary>Something that starts with a digit: a number, a gate, a range of versions or bits, a pair of sizes.</summary>
    Digits,

    /// <summary>A quoted text; <see cref="Token.Text"/> is without its quotes, escapes resolved.</summary>
    Text,

    /// <summary>One of <c>. = : [ ] -> ( ) + - * / &lt;&lt; >></c>.</summary>
    Symbol,
}

/// <summary>The smallest piece of a line that means something.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, SourceRange Range)
{
    /// <summary>Of a text: whether it has characters beyond ASCII that are no escapes.</summary>
    public bool HasForeignCharacters { get; init; }

    public bool Is(string symbolOrWord) => Kind is TokenKind.Symbol or TokenKind.Word && Text == symbolOrWord;
}
