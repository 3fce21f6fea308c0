using BootProtocol.Cli.Layouts;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Reference;

/// <summary>The pages of flags, enumerations, choices and notes.</summary>
internal static class ValuePages
{
    /// <summary>Makes the page of flags, of an enumeration or of constants.</summary>
    public static ReferencePage Create(ReferenceIndex index, SpecEnumeration enumeration)
    {
        var page = new EntryPage(index, index[enumeration.Name]);
        page.Begin([enumeration.Size == 1 ? "1 byte" : $"{enumeration.Size} bytes"]);
        string[] columns = enumeration.IsFlags
            ? ["bit", "mask", "name", "type", "versions", "rights", "meaning"]
            : ["value", "hex", "name", "type", "versions", "rights", "meaning"];
        IEnumerable<string[]> rows = enumeration.Enumerators.Select(row => new[]
        {
            EnumerationLayout.Place(enumeration, row),
            $"0x{row.Value:x}",
            MarkdownText.Code(row.Name),
            row.Enumeration is { } type ? page.Type(type().Name) : "",
            row.Gate,
            row.Access,
            MarkdownText.Escape(row.Doc),
        });
        page.Text.Heading(2, enumeration.IsFlags ? "Bits" : "Values").Table(columns, [.. rows]);
        return page.End();
    }

    /// <summary>Makes the page of a choice.</summary>
    public static ReferencePage Create(ReferenceIndex index, SpecChoice choice)
    {
        var page = new EntryPage(index, index[choice.Name]);
        page.Begin([]);
        page.Text.Paragraph($"What is chosen by a {page.Type(choice.TagType)}:");
        SpecEnumeration? values = choice.Enumeration?.Invoke();
        IEnumerable<string[]> rows = choice.Alternatives.Select(row => new[]
        {
            ChoiceLayout.Values(row),
            MarkdownText.Code(ChoiceLayout.Called(row, values)),
            page.Type(row.Type),
            MarkdownText.Code(row.Name),
            MarkdownText.Escape(row.Doc),
        });
        page.Text.Table(["value", "called", "type", "name", "meaning"], [.. rows]);
        return page.End();
    }

    /// <summary>Makes the page of notes.</summary>
    public static ReferencePage Create(ReferenceIndex index, SpecNotes notes)
    {
        var page = new EntryPage(index, index[notes.Name]);
        page.Begin([$"owner \"{notes.Owner}\""]);
        IEnumerable<string[]> rows = notes.Notes.Select(note => new[]
        {
            NotesLayout.Number(note.Number),
            page.Type(note.Type),
            MarkdownText.Code(note.Name),
            note.Else is { } other ? $"0x{other:x}" : "",
            MarkdownText.Escape(note.Doc),
        });
        page.Text.Heading(2, "Notes").Table(["type", "holds", "name", "without it", "meaning"], [.. rows]);
        return page.End();
    }
}
