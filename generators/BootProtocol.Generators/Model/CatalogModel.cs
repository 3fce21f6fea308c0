namespace BootProtocol.Generators.Model;

/// <summary>Everything that one compilation generates, in order of protocol and name: the catalog class lists it.</summary>
/// <param name="Namespace">The namespace of the catalog class.</param>
internal sealed record CatalogModel(
    string Namespace,
    EquatableArray<CatalogEntryModel> Structures,
    EquatableArray<CatalogEntryModel> Choices,
    EquatableArray<CatalogEntryModel> Enumerations,
    EquatableArray<CatalogEntryModel> Notes);

/// <summary>A generated type: the name in the spec and the full C# name (with <c>global::</c>).</summary>
internal sealed record CatalogEntryModel(string Name, string CSharpName);
