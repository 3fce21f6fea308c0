using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>Binds all spec files of a compilation together: a type may stand in another file than its use.</summary>
internal static class SpecBinder
{
    public static BindResult Bind(IEnumerable<SpecSource> sources)
    {
        // Imports come first: a file of one's own that repeats a name of theirs is the one to complain about.
        List<SpecSource> ordered = [.. sources.OrderByDescending(source => source.IsImport).ThenBy(source => source.File.Path, StringComparer.Ordinal)];
        List<(SpecSource Source, ProblemList List)> problems = RowIncluder.Include(ordered);
        var types = new TypeTable();
        SpecSource? own = ordered.FirstOrDefault(source => !source.IsImport);
        if (own is not null)
            types.DeclareCatalog(own.RootNamespace);
        var named = problems.Where(entry => types.DeclareNamespace(entry.Source, entry.List)).ToList();
        foreach ((SpecSource source, ProblemList list) in named)
        {
            foreach (BlockSyntax block in source.File.Blocks)
                types.Declare(source, block, list);
        }

        List<StructModel> structures = [];
        List<ChoiceModel> choices = [];
        List<EnumModel> enumerations = [];
        List<NotesModel> notes = [];
        foreach (Declaration declaration in types.Declarations)
        {
            StructModel? structure = types.Structure(declaration);
            ChoiceModel? choice = types.Choice(declaration);
            EnumModel? enumeration = types.Enumeration(declaration);
            NotesModel? bound = declaration is { IsGenerated: true, Syntax: NotesSyntax syntax } ? new NotesBinder(types, declaration, syntax).Bind() : null;
            if (declaration.Source.IsImport)
                continue;
            if (structure is not null)
                structures.Add(structure);
            if (choice is not null)
                choices.Add(choice);
            if (enumeration is not null)
                enumerations.Add(enumeration);
            if (bound is not null)
                notes.Add(bound);
        }

        return Result(own, problems, [.. structures.Select(structure => PointeeBinder.Bind(types, structure))], choices, enumerations, notes);
    }

    private static BindResult Result(
        SpecSource? own,
        List<(SpecSource Source, ProblemList List)> problems,
        List<StructModel> structures,
        List<ChoiceModel> choices,
        List<EnumModel> enumerations,
        List<NotesModel> notes)
    {
        var all = problems
            .Where(entry => !entry.Source.IsImport)
            .SelectMany(entry => entry.Source.File.Problems.Concat(entry.List.Problems).Select(problem => new FileProblem(entry.Source.File.Path, problem)))
            .OrderBy(problem => problem.Path, StringComparer.Ordinal)
            .ThenBy(problem => problem.Problem.Range.Line)
            .ThenBy(problem => problem.Problem.Range.Column)
            .Distinct()
            .ToImmutableArray();
        CatalogModel? catalog = own is null
            ? null
            : new CatalogModel(
                own.RootNamespace,
                Entries(structures.Select(model => (model.Name, model.Namespace, model.CSharpName))),
                Entries(choices.Select(model => (model.Name, model.Namespace, model.CSharpName))),
                Entries(enumerations.Select(model => (model.Name, model.Namespace, model.CSharpName))),
                Entries(notes.Select(model => (model.Name, model.Namespace, model.CSharpName))));
        return new BindResult(
            new EquatableArray<StructModel>(structures),
            new EquatableArray<ChoiceModel>(choices),
            new EquatableArray<EnumModel>(enumerations),
            new EquatableArray<NotesModel>(notes),
            catalog,
            all);
    }

    private static EquatableArray<CatalogEntryModel> Entries(IEnumerable<(string Name, string Namespace, string CSharpName)> models)
        => new(models
            .OrderBy(model => model.Namespace, StringComparer.Ordinal)
            .ThenBy(model => model.Name, StringComparer.Ordinal)
            .Select(model => new CatalogEntryModel(model.Name, $"global::{model.Namespace}.{model.CSharpName}")));
}
