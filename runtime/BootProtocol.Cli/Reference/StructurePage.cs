using System.Globalization;
using BootProtocol.Cli.Layouts;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Reference;

/// <summary>The page of a structure.</summary>
internal static class StructurePage
{
    private static readonly string[] _words = ["type", "name", "versions", "rights", "meaning", "values"];

    /// <summary>Makes the page, which shows the drawing beside it.</summary>
    public static ReferencePage Create(ReferenceIndex index, SpecStructure structure)
    {
        ReferenceEntry entry = index[structure.Name];
        var page = new EntryPage(index, entry);
        page.Begin(StructureReport.AllFacts(structure));
        page.Text.Paragraph($"![Layout of {MarkdownText.Escape(structure.Name)}]({entry.File}.svg)");
        AddFields(page, structure);
        AddTail(page, structure);
        AddComputed(page, structure);
        return page.End();
    }

    private static void AddFields(EntryPage page, SpecStructure structure)
    {
        if (structure.Variants.All(static variant => variant.Fields.IsEmpty))
            return;
        page.Text.Heading(2, "Fields");
        if (structure.Variants.Length == 1)
        {
            IEnumerable<string[]> rows = structure.Variants[0].Fields.Select(string[] (field) =>
            [
                Hex(field.Offset),
                structure.BaseOffset != 0 ? Hex(structure.BaseOffset + field.Offset) : "",
                Decimal(field.Size),
                .. Words(page, field),
            ]);
            page.Text.Table(["offset", "in file", "size", .. _words], [.. rows]);
        }
        else
        {
            IEnumerable<string[]> rows = StructureReport.Pair(structure).Select(string[] (pair) =>
            [
                pair.Narrow is null ? "" : Hex(pair.Narrow.Offset),
                pair.Narrow is null ? "" : Decimal(pair.Narrow.Size),
                pair.Wide is null ? "" : Hex(pair.Wide.Offset),
                pair.Wide is null ? "" : Decimal(pair.Wide.Size),
                .. Words(page, (pair.Wide ?? pair.Narrow)!),
            ]);
            page.Text.Table(["32: offset", "size", "64: offset", "size", .. _words], [.. rows]);
        }
    }

    private static void AddTail(EntryPage page, SpecStructure structure)
    {
        if (structure.Variants[^1].Tail.IsEmpty)
            return;
        IEnumerable<string[]> rows = structure.Variants[^1].Tail.Select(string[] (row, i) =>
        {
            string[] words = Words(page, row.Field);
            return [words[0], words[1], MarkdownText.Escape(StructureReport.Extent(row, structure.Variants[0].Tail[i])), .. words[2..]];
        });
        page.Text.Heading(2, "Behind them").Table(["type", "name", "extent", "versions", "rights", "meaning", "values"], [.. rows]);
    }

    private static void AddComputed(EntryPage page, SpecStructure structure)
    {
        if (structure.Computed.IsEmpty)
            return;
        IEnumerable<string[]> rows = structure.Computed.Select(static computed => new[]
        {
            MarkdownText.Code(computed.Name),
            MarkdownText.Code(computed.Formula.Text),
            computed.Gate?.Text ?? "",
            MarkdownText.Escape(computed.Doc),
        });
        page.Text.Heading(2, "Computed").Table(["name", "computed as", "versions", "meaning"], [.. rows]);
    }

    private static string[] Words(EntryPage page, SpecField field)
    {
        IEnumerable<string> values = StructureReport.Remarks(field).Select(MarkdownText.Escape);
        if (field.Pointee is { } pointee)
            values = values.Append($"points at {page.Type(pointee)}");
        return
        [
            page.Type(field.Type),
            field.Name.Length > 0 ? MarkdownText.Code(field.Name) : "(pad)",
            field.Gate?.Text ?? "",
            field.Access,
            MarkdownText.Escape(field.Doc),
            string.Join(", ", values),
        ];
    }

    private static string Hex(int value) => $"0x{value:x}";

    private static string Decimal(int value) => value.ToString(CultureInfo.InvariantCulture);
}
