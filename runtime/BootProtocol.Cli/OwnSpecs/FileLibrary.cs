using BootProtocol.Generators.Binding;
using BootProtocol.Generators.Model;
using BootProtocol.Specs;

namespace BootProtocol.Cli.OwnSpecs;

/// <summary>The tables of spec files, and of the shipped specs beside them. The files' own are listed, all are found.</summary>
internal sealed class FileLibrary : SpecLibrary
{
    private readonly Dictionary<string, SpecStructure> _structures = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SpecChoice> _choices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SpecEnumeration> _enumerations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SpecNotes> _notes = new(StringComparer.Ordinal);

    /// <summary>Makes the tables.</summary>
    /// <param name="bound">What all files declare.</param>
    /// <param name="isOwn">Whether a C# namespace is that of types to list.</param>
    public FileLibrary(BindResult bound, Func<string, bool> isOwn)
    {
        var tables = new TableMaker(this);
        foreach (EnumModel model in bound.Enumerations)
            _enumerations.Add(model.Name, tables.Enumeration(model));
        foreach (ChoiceModel model in bound.Choices)
            _choices.Add(model.Name, tables.Choice(model));
        foreach (StructModel model in bound.Structures)
            _structures.Add(model.Name, tables.Structure(model));
        foreach (NotesModel model in bound.Notes)
            _notes.Add(model.Name, tables.Notes(model));
        Structures = Listed(bound.Structures.Select(static model => (model.Namespace, model.Name)), _structures, isOwn);
        Choices = Listed(bound.Choices.Select(static model => (model.Namespace, model.Name)), _choices, isOwn);
        Enumerations = Listed(bound.Enumerations.Select(static model => (model.Namespace, model.Name)), _enumerations, isOwn);
        Notes = Listed(bound.Notes.Select(static model => (model.Namespace, model.Name)), _notes, isOwn);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<SpecStructure> Structures { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<SpecChoice> Choices { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<SpecEnumeration> Enumerations { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<SpecNotes> Notes { get; }

    /// <inheritdoc/>
    public override SpecStructure? FindStructure(string name) => _structures.GetValueOrDefault(name);

    /// <inheritdoc/>
    public override SpecChoice? FindChoice(string name) => _choices.GetValueOrDefault(name);

    /// <inheritdoc/>
    public override SpecEnumeration? FindEnumeration(string name) => _enumerations.GetValueOrDefault(name);

    /// <inheritdoc/>
    public override SpecNotes? FindNotes(string name) => _notes.GetValueOrDefault(name);

    private static T[] Listed<T>(IEnumerable<(string Namespace, string Name)> models, Dictionary<string, T> tables, Func<string, bool> isOwn) =>
    [
        .. models.Where(model => isOwn(model.Namespace))
            .OrderBy(static model => model.Namespace, StringComparer.Ordinal)
            .ThenBy(static model => model.Name, StringComparer.Ordinal)
            .Select(model => tables[model.Name]),
    ];
}
