using BootProtocol.Cli.OwnSpecs;
using BootProtocol.Generators.Binding;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Cli.LanguageServer;

/// <summary>Finds the words that can stand at a place of a spec.</summary>
/// <param name="scope">The specs that it is read with.</param>
/// <param name="document">The spec.</param>
internal sealed class Completion(SpecScope scope, OpenDocument document)
{
    private const string AnyWord = "x";

    private static readonly string[] _numbers = ["u8", "u16", "u32", "u64"];

    private readonly NameFinder _names = new(scope, document);

    /// <summary>The words that can stand at a place, without repetitions.</summary>
    public IEnumerable<CompletionItem> At(TextPlace place)
    {
        string content = document.Text.Line(place.Line);
        string before = content[..Math.Min(place.Character, content.Length)];
        int start = before.Length;
        while (start > 0 && (char.IsAsciiLetterOrDigit(before[start - 1]) || before[start - 1] == '_'))
            start--;

        // A number, or a part of a gate.
        if (start < before.Length && char.IsAsciiDigit(before[start]))
            return [];
        // A word at the place shows whether words are read there at all: in comments, docs and texts they are none.
        BlockLine line = BlockLine.Of(document.Text, place.Line, $"{before[..start]}{AnyWord}");
        if (line.Line.IsBroken || line.Tokens.Count == 0 || line.Tokens[^1].Range.Column != start)
            return [];
        line = line with { Line = line.Line with { Tokens = [.. line.Tokens.SkipLast(1)] } };
        IEnumerable<CompletionItem> found = start == 0 ? Words(HeadParser.Blocks) : line.IsHead ? InHead(line) : InRow(line);
        return found.DistinctBy(static item => item.Label);
    }

    private IEnumerable<CompletionItem> InHead(BlockLine line)
    {
        IReadOnlyList<Token> tokens = line.Tokens;
        if (tokens.Count == 1)
            return [];
        Token last = tokens[^1];
        if (last.Is(":"))
        {
            IEnumerable<CompletionItem> numbers = Words(_numbers, CompletionKind.Type);
            return line.Keyword == "choice" ? numbers.Concat(Blocks(static block => block is EnumSyntax { Word: "enum" })) : numbers;
        }

        if (last.Is("as"))
            return [];
        if (tokens.Count > 2 && line.Keyword == "struct" && (last.Is("gate") || last.Is("after") || last.Is("length")))
            return Own(line) is { } block ? Fields(block) : [];
        string[] more = line.Keyword == "struct" && tokens.Count > 3 && tokens[^2].Is("gate") ? ["after"] : [];
        return Words([.. HeadParser.Words.GetValueOrDefault(line.Keyword) ?? [], .. more]);
    }

    private IEnumerable<CompletionItem> InRow(BlockLine line)
    {
        IReadOnlyList<Token> tokens = line.Tokens;
        if (tokens.Count == 0)
            return line.Keyword switch
            {
                "struct" => Words(["include", "let"]),
                "choice" => Enumerators(line),
                "flags" or "enum" or "const" or "notes" => Words(["include"]),
                _ => [],
            };
        bool isLet = tokens[0].Is("let");
        Token last = tokens[^1];
        if (isLet)
            return last.Is(".") ? FieldsAt(line) : tokens.Any(static token => token.Is("=")) ? FieldsAbove(line) : [];
        if (IsInBrackets(tokens))
            return tokens[1].Is("pad") ? Words(["to"]) : last.Kind == TokenKind.Word ? Words(["max"]) : FieldsAt(line);
        if (last.Is("->"))
            return Types(line.Keyword);
        if (tokens.Count == 1)
            return line.Keyword is "enum" or "const" ? [] : Types(line.Keyword);
        if (last.Is("as"))
            return [];
        if (last.Is("."))
            return FieldsAt(line);
        bool isBehindName = IsBehindName(line);
        if (isBehindName && (last.Is("by") || last.Is("bytes") || last.Is("until") || last.Is("when")))
            return FieldsAt(line);
        if (isBehindName && last.Is("checksum"))
            return Words(RuleBinder.Functions.Keys, CompletionKind.Function);
        if (isBehindName && tokens[^2].Is("checksum"))
            return Words(["all"]).Concat(Own(line) is { } own ? Fields(own) : []);
        if (isBehindName && last.Is("one"))
            return Words(["of"]);
        return isBehindName && RowParser.Kinds.TryGetValue(line.Keyword, out RowKind? kind) ? Words(kind.Words) : [];
    }

    /// <summary>Whether the name of a row, or of a pad what stands in its place, has been written.</summary>
    private static bool IsBehindName(BlockLine line)
    {
        IReadOnlyList<Token> tokens = line.Tokens;
        if (line.Keyword is "enum" or "flags" or "const" || tokens[1].Is("pad"))
            return tokens.Count > 1;
        int name = 2;
        if (tokens.Count > 2 && tokens[2].Is("["))
            name = tokens.ToList().FindIndex(static token => token.Is("]")) + 1;
        // Arrays of arrays have brackets behind the brackets.
        while (name > 0 && name < tokens.Count && tokens[name].Is("["))
            name = tokens.ToList().FindIndex(name, static token => token.Is("]")) + 1;
        return tokens.Count > name && tokens[name].Kind == TokenKind.Word;
    }

    private static bool IsInBrackets(IReadOnlyList<Token> tokens) =>
        tokens.Count > 1 && tokens.Count(static token => token.Is("[")) > tokens.Count(static token => token.Is("]"));

    /// <summary>The fields that the word behind a line's tokens can name.</summary>
    private IEnumerable<CompletionItem> FieldsAt(BlockLine line)
    {
        if (Own(line) is not { } block || _names.Holder(line.Tokens, block) is not { } holder)
            return [];
        return ReferenceEquals(holder.Block, block.Block) ? FieldsAbove(line) : Fields(holder);
    }

    private IEnumerable<CompletionItem> FieldsAbove(BlockLine line) =>
        Own(line) is { } block ? Fields(block, row => row.Range.Line < line.Line.Range.Line) : [];

    private static IEnumerable<CompletionItem> Fields(SpecDeclaration block, Func<RowSyntax, bool>? filter = null) => block.Block.AllRows
        .OfType<RowSyntax>()
        .Where(row => row.Name.Value.Length > 0 && filter?.Invoke(row) != false)
        .Select(static row => new CompletionItem(row.Name.Value, CompletionKind.Field, (row as StructRow)?.Type.Text ?? "", row.Doc));

    private IEnumerable<CompletionItem> Enumerators(BlockLine line) =>
        Own(line)?.Block is ChoiceSyntax choice && scope.Find(choice.Tag.Value) is { Block: EnumSyntax } values
            ? Fields(values).Select(static item => item with { Kind = CompletionKind.EnumMember })
            : [];

    private IEnumerable<CompletionItem> Types(string keyword) => keyword switch
    {
        "choice" => Words(["bytes", "char", "nothing"], CompletionKind.Type).Concat(Blocks(static block => block is StructSyntax)),
        "flags" => Blocks(static block => block is EnumSyntax { Word: "enum" }),
        "notes" => Words(["string", "paddr", .. PrimitiveType.All.Keys], CompletionKind.Type)
            .Concat(Blocks(static block => block is StructSyntax or EnumSyntax { IsConst: false })),
        _ => Words(PrimitiveType.All.Keys, CompletionKind.Type).Concat(Blocks(static block => block is not (NotesSyntax or EnumSyntax { IsConst: true }))),
    };

    private IEnumerable<CompletionItem> Blocks(Func<BlockSyntax, bool> filter) => scope.Declarations
        .Select(static declaration => declaration.Block)
        .Where(filter)
        .OrderBy(static block => block.Name.Value, StringComparer.Ordinal)
        .Select(static block => new CompletionItem(
            block.Name.Value,
            block is EnumSyntax ? CompletionKind.Enum : CompletionKind.Struct,
            block switch { StructSyntax => "struct", ChoiceSyntax => "choice", EnumSyntax values => values.Word, _ => "" },
            block.Doc));

    private static IEnumerable<CompletionItem> Words(IEnumerable<string> words, CompletionKind kind = CompletionKind.Keyword) =>
        words.Select(word => new CompletionItem(word, kind, "", ""));

    private SpecDeclaration? Own(BlockLine line) =>
        document.File.Blocks.FirstOrDefault(block => block.Name.Range.Line == line.Head?.Range.Line) is { } block
            ? new SpecDeclaration(block, document.Path)
            : null;
}
