namespace BootProtocol.Cli.Reference;

/// <summary>What the pages of structures, flags, enumerations, choices and notes have in common.</summary>
/// <param name="index">What has a page.</param>
/// <param name="entry">What the page is about.</param>
internal sealed class EntryPage(ReferenceIndex index, ReferenceEntry entry)
{
    /// <summary>The page.</summary>
    public MarkdownText Text { get; } = ReferenceFiles.Begin();

    /// <summary>Begins the page: what it is about, and facts about that.</summary>
    public void Begin(IEnumerable<string> facts)
    {
        string protocol = $"[{MarkdownText.Code(entry.Protocol)}]({IndexPage.FileName}.md)";
        Text.Heading(1, entry.Name)
            .Paragraph(MarkdownText.Escape(entry.Doc))
            .List([$"{entry.Kind} of {protocol}", .. facts.Select(MarkdownText.Escape)]);
    }

    /// <summary>Ends the page with what refers to what it is about.</summary>
    public ReferencePage End()
    {
        string[] uses =
        [
            .. index.UsesOf(entry).Select(use =>
                $"[{MarkdownText.Code(use.User.Name)}]({use.User.LinkFrom(entry)}){(use.Rows.Count > 0 ? ": " : "")}"
                + string.Join(", ", use.Rows.Select(MarkdownText.Code))),
        ];
        if (uses.Length > 0)
            Text.Heading(2, "Used by").List(uses);
        return new ReferencePage(entry.Page, Text.ToString());
    }

    /// <summary>A type as the spec writes it, linked to its page if it has one.</summary>
    public string Type(string type)
    {
        if (index.Find(type) is not { } found || found == entry)
            return MarkdownText.Code(type);
        string name = ReferenceIndex.TypeName(type);
        return $"[{MarkdownText.Code(name)}]({found.LinkFrom(entry)}){MarkdownText.Code(type[name.Length..])}";
    }
}
