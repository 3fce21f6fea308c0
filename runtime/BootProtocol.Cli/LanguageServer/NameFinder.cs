using BootProtocol.Cli.OwnSpecs;
using BootProtocol.Generators.Binding;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Cli.LanguageServer;

/// <summary>Finds what the names in a spec stand for.</summary>
/// <param name="scope">The specs that it is read with.</param>
/// <param name="document">The spec.</param>
internal sealed class NameFinder(SpecScope scope, OpenDocument document)
{
    /// <summary>The words before the name of a field, which may be a name that is a word as well.</summary>
    private static readonly string[] _beforeFields = ["by", "bytes", "until", "when", "gate", "after", "length"];

    /// <summary>What stands at a place; null where that is no name, or one that nothing declares.</summary>
    public FoundName? Find(TextPlace place)
    {
        BlockLine line = BlockLine.Of(document.Text, place.Line, document.Text.Line(place.Line));
        int at = line.Tokens.ToList().FindLastIndex(token => token.Kind == TokenKind.Word
            && token.Range.Column <= place.Character && place.Character <= token.Range.Column + token.Range.Length);
        if (at < 0 || line.Head is null)
            return null;
        SpecDeclaration? block = document.File.Blocks.FirstOrDefault(block => block.Name.Range.Line == line.Head.Range.Line) is { } syntax
            ? new SpecDeclaration(syntax, document.Path)
            : null;
        return line.IsHead ? InHead(line, at, block) : block is null ? null : InRow(line, at, block);
    }

    /// <summary>
    /// The block whose fields a word at the end of a line can name: of <c>until</c> that of the elements, of a path that of its last structure or flags.
    /// </summary>
    /// <param name="tokens">The line up to the word.</param>
    /// <param name="block">The block that the line belongs to.</param>
    public SpecDeclaration? Holder(IReadOnlyList<Token> tokens, SpecDeclaration block)
    {
        if (tokens.Count > 2 && tokens[^1].Is("until"))
            return scope.Find(tokens[1].Text);
        int end = tokens.Count;
        var path = new Stack<string>();
        for (; end > 2 && tokens[end - 1].Is(".") && tokens[end - 2].Kind == TokenKind.Word; end -= 2)
            path.Push(tokens[end - 2].Text);
        SpecDeclaration? holder = block;
        foreach (string name in path)
            holder = holder is not null && Row(holder, name) is StructRow row ? scope.Find(row.Type.Name.Value) : null;
        return holder;
    }

    private FoundName? InHead(BlockLine line, int at, SpecDeclaration? block)
    {
        Token token = line.Tokens[at];
        if (at == 1 && block is not null)
            return new FoundName(token.Range, token.Text, block, null);
        if (at < 2)
            return null;
        Token before = line.Tokens[at - 1];
        return before.Is(":") ? Type(token) : block is not null && _beforeFields.Contains(before.Text) ? Field(token, block) : null;
    }

    private FoundName? InRow(BlockLine line, int at, SpecDeclaration block)
    {
        Token token = line.Tokens[at];
        if (block.Block.AllRows.FirstOrDefault(row => row?.Name.Range == token.Range) is { } own && line.Keyword != "choice")
            return new FoundName(token.Range, token.Text, block, own);
        bool isLet = line.Tokens[0].Is("let");
        if (at == 0)
            return isLet ? null : Enumerator(token, block);
        if (at == 1 && !isLet)
            return Type(token);
        Token before = line.Tokens[at - 1];
        if (before.Is("->"))
            return Type(token);
        if (before.Is("as"))
            return null;
        if (block.Block.AllRows.FirstOrDefault(row => row?.Name.Range == token.Range) is { } chosen)
            return new FoundName(token.Range, token.Text, block, chosen);
        bool isWord = !isLet
            && !_beforeFields.Contains(before.Text)
            && !before.Is("[")
            && RowParser.Kinds.TryGetValue(line.Keyword, out RowKind? kind)
            && kind.Words.Contains(token.Text);
        return isWord || Holder([.. line.Tokens.Take(at)], block) is not { } holder ? null : Field(token, holder);
    }

    private FoundName? Type(Token token) =>
        scope.Find(token.Text) is { } declaration ? new FoundName(token.Range, token.Text, declaration, null)
        : PrimitiveType.All.ContainsKey(token.Text) ? new FoundName(token.Range, token.Text, null, null)
        : null;

    private static FoundName? Field(Token token, SpecDeclaration holder) =>
        Row(holder, token.Text) is { } row ? new FoundName(token.Range, token.Text, holder, row) : null;

    /// <summary>The name of a value by which a choice chooses.</summary>
    private FoundName? Enumerator(Token token, SpecDeclaration block) =>
        block.Block is ChoiceSyntax choice && scope.Find(choice.Tag.Value) is { } values ? Field(token, values) : null;

    private static RowSyntax? Row(SpecDeclaration block, string name) => block.Block.AllRows.FirstOrDefault(row => row?.Name.Value == name);
}
