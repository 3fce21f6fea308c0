using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Cli.LanguageServer;

/// <summary>A line of a spec, cut into tokens, and the head of the block that it belongs to.</summary>
/// <param name="Line">The line; without tokens where nothing stands before the doc.</param>
/// <param name="Head">The head of the block, which may be the line itself; null above the first block.</param>
internal sealed record BlockLine(SpecLine Line, SpecLine? Head)
{
    /// <summary>The tokens of the line.</summary>
    public IReadOnlyList<Token> Tokens => Line.Tokens;

    /// <summary>Whether the line is a head.</summary>
    public bool IsHead => Head is not null && Head.Range.Line == Line.Range.Line;

    /// <summary>The word that opens the block; empty above the first block.</summary>
    public string Keyword => Head?.Tokens[0].Text ?? "";

    /// <summary>Reads a line.</summary>
    /// <param name="text">The text that it is in.</param>
    /// <param name="number">Its number.</param>
    /// <param name="content">What stands on it, or a part of that.</param>
    public static BlockLine Of(DocumentText text, int number, string content)
    {
        SpecLine line = Scan(content, number) ?? new SpecLine([], null, false, false, new SourceRange(number, 0, 0));
        if (IsHeadLine(line))
            return new BlockLine(line, line);
        for (int above = number - 1; above >= 0; above--)
        {
            string head = text.Line(above);
            if (head.Length > 0 && !char.IsWhiteSpace(head[0]) && Scan(head, above) is { } scanned && IsHeadLine(scanned))
                return new BlockLine(line, scanned);
        }

        return new BlockLine(line, null);
    }

    private static bool IsHeadLine(SpecLine line) => line is { IsHead: true, Tokens.Count: > 0 };

    private static SpecLine? Scan(string content, int number) => new LineScanner(content, number, new ProblemList()).Scan();
}
