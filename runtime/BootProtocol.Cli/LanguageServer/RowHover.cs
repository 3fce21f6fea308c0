using System.Globalization;
using BootProtocol.Cli.Layouts;
using BootProtocol.Generators.Syntax;
using BootProtocol.Specs;

namespace BootProtocol.Cli.LanguageServer;

/// <summary>What an editor shows about a row of a structure: where it stands in each variant.</summary>
internal static class RowHover
{
    /// <summary>Makes the text.</summary>
    /// <param name="structure">The name of the structure.</param>
    /// <param name="row">The row.</param>
    /// <param name="table">The structure's table; null if it is broken.</param>
    /// <param name="rules">Versions and rights.</param>
    public static HoverText Field(string structure, StructRow row, SpecStructure? table, IEnumerable<string> rules)
    {
        string name = row.Name.Value;
        var facts = new List<string>();
        SpecField? field = null;
        foreach (SpecVariant variant in table?.Variants ?? [])
        {
            if (variant.Fields.FirstOrDefault(candidate => candidate.Name == name) is not { } found)
                continue;
            field = found;
            string bits = variant.Bits == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{variant.Bits} bits: ");
            facts.Add($"{bits}{Place(found, table!)}");
        }

        if (table?.Variants[^1].Tail.FirstOrDefault(candidate => candidate.Field.Name == name) is { } tail)
        {
            field = tail.Field;
            SpecTail narrow = table.Variants[0].Tail.First(candidate => candidate.Field.Name == name);
            facts.AddRange(["behind the fixed part", .. StructureReport.Extent(tail, narrow) is { Length: > 0 } extent ? [extent] : (string[])[]]);
        }

        facts.Insert(0, $"field of {structure}");
        return new HoverText($"{row.Type.Text}  {name}", [.. facts, .. rules], field is null ? row.Doc : StructureReport.Meaning(field));
    }

    private static string Place(SpecField field, SpecStructure structure)
    {
        int shown = structure.BaseOffset + field.Offset;
        string own = structure.BaseOffset == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {field.Offset} from the start of the structure");
        return string.Create(CultureInfo.InvariantCulture, $"offset 0x{shown:x} ({shown}){own}, size {field.Size}");
    }
}
