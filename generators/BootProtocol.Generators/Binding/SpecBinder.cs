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
        var problems = ordered.Select(source => (Source: source, List: new ProblemList())).ToList();
        var types = new TypeTable();
        foreach ((SpecSource source, ProblemList list) in problems)
        {
            foreach (BlockSyntax block in source.File.Blocks)
                types.Declare(source, block, list);
        }

        foreach (Declaration declaration in types.Declarations)
        {
            if (declaration.Syntax is EnumSyntax syntax)
                declaration.Enumeration = new EnumBinder(types, declaration, syntax).Bind();
        }

        List<StructModel> structures = [];
        List<NotesModel> notes = [];
        foreach (Declaration declaration in types.Declarations)
        {
            if (types.Structure(declaration) is { } structure && !declaration.Source.IsImport)
                structures.Add(structure);
            if (declaration.Syntax is NotesSyntax syntax && new NotesBinder(types, declaration, syntax).Bind() is var bound && !declaration.Source.IsImport)
                notes.Add(bound);
        }

        IEnumerable<EnumModel> enumerations = types.Declarations
            .Where(declaration => !declaration.Source.IsImport)
            .Select(declaration => declaration.Enumeration)
            .OfType<EnumModel>();
        return Result(problems, structures, [.. enumerations], notes);
    }

    private static BindResult Result(
        List<(SpecSource Source, ProblemList List)> problems, List<StructModel> structures, List<EnumModel> enumerations, List<NotesModel> notes)
    {
        var all = problems
            .Where(entry => !entry.Source.IsImport)
            .SelectMany(entry => entry.Source.File.Problems.Concat(entry.List.Problems).Select(problem => new FileProblem(entry.Source.File.Path, problem)))
            .OrderBy(problem => problem.Path, StringComparer.Ordinal)
            .ThenBy(problem => problem.Problem.Range.Line)
            .ThenBy(problem => problem.Problem.Range.Column)
            .Distinct()
            .ToImmutableArray();
        SpecSource? own = problems.Select(entry => entry.Source).FirstOrDefault(source => !source.IsImport);
        CatalogModel? catalog = own is null
            ? null
            : new CatalogModel(
                own.RootNamespace,
                Entries(structures.Select(model => (model.Name, model.Namespace, model.CSharpName))),
                Entries(enumerations.Select(model => (model.Name, model.Namespace, model.CSharpName))),
                Entries(notes.Select(model => (model.Name, model.Namespace, model.CSharpName))));
        return new BindResult(
            new EquatableArray<StructModel>(structures),
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
