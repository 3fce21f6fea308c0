using System.Collections.Immutable;
using System.Reflection;
using BootProtocol.Generators.Tests;
using BootProtocol.Layout.Tests.Tables;
using BootProtocol.Specs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Emit;

namespace BootProtocol.Layout.Tests;

/// <summary>The field tables of a catalog, found by the names that the specs spell.</summary>
internal sealed class SpecIndex(
    ImmutableArray<SpecStructure> structures, ImmutableArray<SpecEnumeration> enumerations, ImmutableArray<SpecNotes> notes)
{
    /// <summary>What the library has generated from the specs of this repository.</summary>
    public static SpecIndex Shipped { get; } = new(SpecCatalog.Structures, SpecCatalog.Enumerations, SpecCatalog.Notes);

    public ImmutableArray<SpecStructure> Structures { get; } = structures;

    public ImmutableArray<SpecEnumeration> Enumerations { get; } = enumerations;

    public ImmutableArray<SpecNotes> Notes { get; } = notes;

    /// <summary>The field tables of other specs: generated, compiled and loaded.</summary>
    public static SpecIndex Generated(params (string Name, string Text)[] files)
    {
        var run = new GeneratorRun(files);
        Assert.Empty(run.Messages);
        using var stream = new MemoryStream();
        EmitResult emitted = run.Compilation.Emit(stream);
        Assert.Empty(emitted.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        Type catalog = Assembly.Load(stream.ToArray()).GetType("Demo.SpecCatalog")!;
        return new SpecIndex(List<SpecStructure>("Structures"), List<SpecEnumeration>("Enumerations"), List<SpecNotes>("Notes"));

        ImmutableArray<T> List<T>(string property) => (ImmutableArray<T>)catalog.GetProperty(property)!.GetValue(null)!;
    }

    public SpecStructure? Structure(string name) => Structures.FirstOrDefault(structure => structure.Name == name);

    public SpecEnumeration? Enumeration(string name) => Enumerations.FirstOrDefault(enumeration => enumeration.Name == name);

    public SpecNotes? NotesOf(string name) => Notes.FirstOrDefault(notes => notes.Name == name);

    /// <summary>How many there are, with a name that two variants of a structure share counted once.</summary>
    public int Count(TwinKind kind) => kind switch
    {
        TwinKind.Structure => Structures.Length,
        TwinKind.Field => Structures.Sum(Fields),
        TwinKind.Enumerator => Enumerations.Sum(enumeration => enumeration.Enumerators.Length),
        TwinKind.Note => Notes.Sum(notes => notes.Notes.Length),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>The protocol of a structure, an enumeration or a notes block; null if there is none of that name.</summary>
    public string? ProtocolOf(string name) => Structure(name)?.Protocol ?? Enumeration(name)?.Protocol ?? NotesOf(name)?.Protocol;

    private static int Fields(SpecStructure structure)
        => structure.Variants
            .SelectMany(variant => variant.Fields)
            .Where(field => field.Kind != SpecKind.Pad)
            .Select(field => field.Name)
            .Distinct()
            .Count();
}
