using System.Text;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Reference;

/// <summary>Writes Markdown, as forges show it: texts as they are, tables without the columns that nothing stands in.</summary>
internal sealed class MarkdownText
{
    /// <summary>What means something to Markdown wherever it stands.</summary>
    private const string Special = "\\`*_[]<>|~$&";

    private readonly StringBuilder _text = new();

    /// <summary>A text that shows what is given, wherever it stands.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        string line = SpecText.Printable(text.Replace('\n', ' ')).Trim();

        // At the start of a line there are lists, headings and lines.
        int digits = line.Length - line.TrimStart("0123456789").Length;
        int opening = digits > 0 && digits < line.Length && line[digits] is '.' or ')' ? digits : line.Length > 0 && "#+-=:".Contains(line[0]) ? 0 : -1;
        for (int i = 0; i < line.Length; i++)
        {
            if (i == opening || Special.Contains(line[i], StringComparison.Ordinal))
                escaped.Append('\\');
            escaped.Append(line[i]);
        }

        return escaped.ToString();
    }

    /// <summary>A name, a type or a formula; nothing for none.</summary>
    public static string Code(string text) => text.Length == 0 ? "" : $"`{text}`";

    /// <summary>Adds a line as it is.</summary>
    public MarkdownText Line(string line)
    {
        _text.Append(line).Append('\n');
        return this;
    }

    /// <summary>Adds a paragraph of Markdown.</summary>
    public MarkdownText Paragraph(string markdown) => markdown.Length == 0 ? this : Line("").Line(markdown);

    /// <summary>Adds a heading with a text.</summary>
    public MarkdownText Heading(int level, string text) => Paragraph($"{new string('#', level)} {Escape(text)}");

    /// <summary>Adds a list of Markdown.</summary>
    public MarkdownText List(IEnumerable<string> items)
    {
        Line("");
        foreach (string item in items)
            Line($"- {item}");
        return this;
    }

    /// <summary>Adds a table of Markdown; nothing where it would have no rows.</summary>
    /// <param name="columns">Their headings.</param>
    /// <param name="rows">A cell for each column.</param>
    public MarkdownText Table(string[] columns, IReadOnlyList<string[]> rows)
    {
        int[] shown = [.. Enumerable.Range(0, columns.Length).Where(column => rows.Any(row => row[column].Length > 0))];
        if (shown.Length == 0)
            return this;
        Line("").Line(Row(columns, shown)).Line($"|{string.Concat(shown.Select(static _ => " --- |"))}");
        foreach (string[] row in rows)
            Line(Row(row, shown));
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private static string Row(string[] cells, int[] shown) => $"| {string.Join(" | ", shown.Select(column => cells[column]))} |";
}
