using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>A page in Markdown, as another program reads it: with the extensions that forges have, and more.</summary>
internal sealed class MarkdownPage
{
    private static readonly MarkdownPipeline _pipeline = new MarkdownPipelineBuilder().UseAdvancedExtensions().Build();

    private readonly MarkdownDocument _document;
    private readonly string _path;

    private MarkdownPage(string path)
    {
        _path = path;
        _document = Markdown.Parse(File.ReadAllText(path), _pipeline);
    }

    /// <summary>The files that the page's links and drawings lead to.</summary>
    public IEnumerable<string> Targets => _document.Descendants<LinkInline>()
        .Select(link => Path.GetFullPath(link.Url!, Path.GetDirectoryName(_path)!));

    /// <summary>The texts of paragraphs and of the cells of tables.</summary>
    public IEnumerable<string> Texts =>
        _document.Descendants<LeafBlock>().Where(static block => block.Inline is not null).Select(static block => Text(block.Inline!));

    /// <summary>The texts of the rows of all tables, cell by cell, with their headings.</summary>
    public IEnumerable<string[]> Rows => _document.Descendants<TableRow>()
        .Select(static row => row.Cast<TableCell>().Select(static cell => string.Concat(cell.Descendants<LeafBlock>().Select(Text))).ToArray());

    public static MarkdownPage Read(string path) => new(path);

    private static string Text(LeafBlock block) => block.Inline is null ? "" : Text(block.Inline);

    /// <summary>What a reader sees; anything but texts, names and links is none of ours, and shows as its class.</summary>
    private static string Text(ContainerInline inlines) => string.Concat(inlines.Select(static inline => inline switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        LinkInline link => Text(link),
        EmphasisInline emphasis => $"<{emphasis.DelimiterChar}>{Text(emphasis)}",
        _ => $"<{inline.GetType().Name}>",
    }));
}
