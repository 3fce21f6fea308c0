using System.Collections.Immutable;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Binding;

/// <summary>What all spec files of a compilation come to: models without places, and problems with them.</summary>
internal sealed record BindResult(
    EquatableArray<StructModel> Structures,
    EquatableArray<ChoiceModel> Choices,
    EquatableArray<EnumModel> Enumerations,
    EquatableArray<NotesModel> Notes,
    CatalogModel? Catalog,
    ImmutableArray<FileProblem> Problems);

/// <summary>A problem and the file that has it.</summary>
internal sealed record FileProblem(string Path, SpecProblem Problem);
