using System.Globalization;

namespace BootProtocol.Cli.Reference;

/// <summary>The page of all protocols, and those of the protocols.</summary>
internal static class IndexPage
{
    /// <summary>The name of such a page, without extension.</summary>
    public const string FileName = "README";

    private static readonly string[] _kinds = ["Structures", "Flags", "Enumerations", "Constants", "Choices", "Notes"];

    private static readonly string[] _legend =
    [
        "Offsets and sizes are in bytes; *32* and *64* are the word sizes of structures that have two variants.",
        "Rights are those of a boot loader: *read*, *write* and *modify*; *internal* is the kernel's own.",
        "In the drawings numbers are blue, addresses and frame numbers green, flags and enumerations violet, structures and choices yellow,"
            + " text and bytes grey.",
        "Boxes above each other behind a bar share their place; a zigzag cuts what is longer than it is drawn; dashed bands have no fixed"
            + " size or place.",
    ];

    /// <summary>Makes the page of all protocols.</summary>
    public static ReferencePage Create(ReferenceIndex index)
    {
        string[] columns = ["protocol", .. _kinds.Select(static kind => kind.ToLowerInvariant())];
        IEnumerable<string[]> rows = index.Protocols.Select(string[] (protocol) =>
        [
            $"[{MarkdownText.Code(protocol.Key)}]({protocol.First().Folder}/{FileName}.md)",
            .. Enum.GetValues<ReferenceKind>().Select(kind => Count(protocol.Count(entry => entry.Kind == kind))),
        ]);
        MarkdownText text = ReferenceFiles.Begin().Heading(1, "Protocols")
            .Table(columns, [.. rows])
            .List(_legend);
        return new ReferencePage($"{FileName}.md", text.ToString());
    }

    /// <summary>Makes the page of a protocol.</summary>
    public static ReferencePage Create(IGrouping<string, ReferenceEntry> protocol)
    {
        MarkdownText text = ReferenceFiles.Begin().Heading(1, protocol.Key).Paragraph($"One of the [protocols](../{FileName}.md).");
        foreach (IGrouping<ReferenceKind, ReferenceEntry> kind in protocol.GroupBy(static entry => entry.Kind))
        {
            IEnumerable<string[]> rows = kind.Select(static entry => new[]
            {
                $"[{MarkdownText.Code(entry.Name)}]({entry.File}.md)",
                MarkdownText.Escape(entry.Size),
                MarkdownText.Escape(Layouts.CatalogReport.FirstLine(entry.Doc)),
            });
            text.Heading(2, _kinds[(int)kind.Key]).Table(["name", "size", "meaning"], [.. rows]);
        }

        return new ReferencePage($"{protocol.First().Folder}/{FileName}.md", text.ToString());
    }

    private static string Count(int count) => count == 0 ? "" : count.ToString(CultureInfo.InvariantCulture);
}
