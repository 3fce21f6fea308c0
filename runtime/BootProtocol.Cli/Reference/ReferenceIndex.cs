using BootProtocol.Cli.Layouts;
using BootProtocol.Cli.OwnSpecs;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Reference;

/// <summary>What has a page, where that page is, and what refers to it.</summary>
internal sealed class ReferenceIndex
{
    private readonly Dictionary<string, ReferenceEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<string, List<string>>> _uses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Folder, FileNames Files)> _folders = new(StringComparer.Ordinal);
    private readonly FileNames _folderNames = new(IndexPage.FileName);

    /// <summary>Looks through the tables of a library.</summary>
    public ReferenceIndex(SpecLibrary library)
    {
        foreach (SpecStructure structure in library.Structures)
            Add(structure.Name, ReferenceKind.Structure, structure.Protocol, CatalogReport.Sizes(structure), structure.Doc);
        foreach (SpecEnumeration enumeration in library.Enumerations)
        {
            ReferenceKind kind = enumeration.IsFlags ? ReferenceKind.Flags : enumeration.IsConst ? ReferenceKind.Constants : ReferenceKind.Enumeration;
            Add(enumeration.Name, kind, enumeration.Protocol, $"{enumeration.Size}", enumeration.Doc);
        }

        foreach (SpecChoice choice in library.Choices)
            Add(choice.Name, ReferenceKind.Choice, choice.Protocol, "", choice.Doc);
        foreach (SpecNotes notes in library.Notes)
            Add(notes.Name, ReferenceKind.Notes, notes.Protocol, "", notes.Doc);

        foreach (SpecStructure structure in library.Structures)
            AddUses(structure);
        foreach (SpecEnumeration enumeration in library.Enumerations)
        {
            foreach (SpecEnumerator field in enumeration.Enumerators.Where(static row => row.Enumeration is not null))
                AddUse(field.Enumeration!().Name, enumeration.Name, field.Name);
        }

        foreach (SpecChoice choice in library.Choices)
        {
            AddUse(choice.TagType, choice.Name, "");
            foreach (SpecAlternative row in choice.Alternatives)
                AddUse(TypeName(row.Type), choice.Name, row.Name);
        }

        foreach (SpecNotes notes in library.Notes)
        {
            foreach (SpecNote note in notes.Notes)
                AddUse(TypeName(note.Type), notes.Name, note.Name);
        }
    }

    /// <summary>The protocols with what each has: by kind, then by name.</summary>
    public IEnumerable<IGrouping<string, ReferenceEntry>> Protocols => _entries.Values
        .OrderBy(static entry => entry.Kind)
        .ThenBy(static entry => entry.Name, StringComparer.Ordinal)
        .GroupBy(static entry => entry.Protocol)
        .OrderBy(static protocol => protocol.Key, StringComparer.Ordinal);

    /// <summary>What has a page.</summary>
    /// <param name="name">The name of something that the library lists.</param>
    public ReferenceEntry this[string name] => _entries[name];

    /// <summary>What has a page, by a type as the spec writes it; null if it has none.</summary>
    public ReferenceEntry? Find(string type) => _entries.GetValueOrDefault(TypeName(type));

    /// <summary>What refers to something, with the names of the rows that do; in order of names.</summary>
    public IEnumerable<(ReferenceEntry User, IReadOnlyList<string> Rows)> UsesOf(ReferenceEntry entry) =>
        _uses.TryGetValue(entry.Name, out SortedDictionary<string, List<string>>? users)
            ? users.Select(pair => (_entries[pair.Key], (IReadOnlyList<string>)pair.Value))
            : [];

    /// <summary>The name in a type, without the brackets of an array.</summary>
    public static string TypeName(string type) => type.Split('[')[0];

    private void Add(string name, ReferenceKind kind, string protocol, string size, string doc)
    {
        if (!_folders.TryGetValue(protocol, out (string Folder, FileNames Files) place))
            _folders.Add(protocol, place = (_folderNames.Next(protocol), new FileNames(IndexPage.FileName)));
        _entries.Add(name, new ReferenceEntry(name, kind, protocol, size, doc, place.Folder, place.Files.Next(name)));
    }

    private void AddUses(SpecStructure structure)
    {
        IEnumerable<SpecField> fields = structure.Variants
            .SelectMany(static variant => variant.Fields.Concat(variant.Tail.Select(static row => row.Field)));
        foreach (SpecField field in fields)
        {
            AddUse(TypeName(field.Type), structure.Name, field.Name);
            if (field.Pointee is { } pointee)
                AddUse(TypeName(pointee), structure.Name, field.Name);
        }
    }

    private void AddUse(string name, string user, string row)
    {
        if (!_entries.ContainsKey(name))
            return;
        if (!_uses.TryGetValue(name, out SortedDictionary<string, List<string>>? users))
            _uses.Add(name, users = new SortedDictionary<string, List<string>>(StringComparer.Ordinal));
        if (!users.TryGetValue(user, out List<string>? rows))
            users.Add(user, rows = []);
        if (row.Length > 0 && !rows.Contains(row))
            rows.Add(row);
    }
}
