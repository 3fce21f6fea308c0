using BootProtocol.Cli.OwnSpecs;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Reference;

/// <summary>All files of a reference.</summary>
internal static class ReferencePages
{
    /// <summary>Makes the files of what a library lists.</summary>
    public static IEnumerable<ReferencePage> Create(SpecLibrary library)
    {
        var index = new ReferenceIndex(library);
        yield return IndexPage.Create(index);
        foreach (IGrouping<string, ReferenceEntry> protocol in index.Protocols)
            yield return IndexPage.Create(protocol);
        foreach (SpecStructure structure in library.Structures)
        {
            yield return StructurePage.Create(index, structure);
            ReferenceEntry entry = index[structure.Name];
            yield return new ReferencePage($"{entry.Folder}/{entry.File}.svg", StructureDrawing.Create(structure));
        }

        foreach (SpecEnumeration enumeration in library.Enumerations)
            yield return ValuePages.Create(index, enumeration);
        foreach (SpecChoice choice in library.Choices)
            yield return ValuePages.Create(index, choice);
        foreach (SpecNotes notes in library.Notes)
            yield return ValuePages.Create(index, notes);
    }
}
