using BootProtocol.Specs;

namespace BootProtocol.Cli.OwnSpecs;

/// <summary>The tables that a command works with.</summary>
internal abstract class SpecLibrary
{
    /// <summary>The shipped specs.</summary>
    public static SpecLibrary Shipped { get; } = new ShippedLibrary();

    /// <summary>The structures to list, in order of protocol and name.</summary>
    public abstract IReadOnlyList<SpecStructure> Structures { get; }

    /// <summary>The choices to list, in order of protocol and name.</summary>
    public abstract IReadOnlyList<SpecChoice> Choices { get; }

    /// <summary>The flags and enumerations to list, in order of protocol and name.</summary>
    public abstract IReadOnlyList<SpecEnumeration> Enumerations { get; }

    /// <summary>The notes to list, in order of protocol and name.</summary>
    public abstract IReadOnlyList<SpecNotes> Notes { get; }

    /// <summary>All names to list: structures, choices, flags and enumerations, notes.</summary>
    public IEnumerable<string> Names => StructureNames
        .Concat(Choices.Select(static choice => choice.Name))
        .Concat(Enumerations.Select(static enumeration => enumeration.Name))
        .Concat(Notes.Select(static notes => notes.Name));

    /// <summary>The names of the structures to list.</summary>
    public IEnumerable<string> StructureNames => Structures.Select(static structure => structure.Name);

    /// <summary>The structure of a name; null if there is none.</summary>
    public abstract SpecStructure? FindStructure(string name);

    /// <summary>The choice of a name; null if there is none.</summary>
    public abstract SpecChoice? FindChoice(string name);

    /// <summary>The flags or the enumeration of a name; null if there are none.</summary>
    public abstract SpecEnumeration? FindEnumeration(string name);

    /// <summary>The notes of a name; null if there are none.</summary>
    public abstract SpecNotes? FindNotes(string name);

    private sealed class ShippedLibrary : SpecLibrary
    {
        public override IReadOnlyList<SpecStructure> Structures => SpecCatalog.Structures;

        public override IReadOnlyList<SpecChoice> Choices => SpecCatalog.Choices;

        public override IReadOnlyList<SpecEnumeration> Enumerations => SpecCatalog.Enumerations;

        public override IReadOnlyList<SpecNotes> Notes => SpecCatalog.Notes;

        public override SpecStructure? FindStructure(string name) => SpecCatalog.FindStructure(name);

        public override SpecChoice? FindChoice(string name) => SpecCatalog.FindChoice(name);

        public override SpecEnumeration? FindEnumeration(string name) => SpecCatalog.FindEnumeration(name);

        public override SpecNotes? FindNotes(string name) => SpecCatalog.FindNotes(name);
    }
}
