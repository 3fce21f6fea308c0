using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>Puts rows into blocks that include them from another file of the same protocol.</summary>
internal sealed class RowIncluder
{
    private readonly List<(SpecSource Source, SharedRows Rows)> _shared = [];

    private RowIncluder()
    {
    }

    /// <summary>The files with all their rows, and a list for what is wrong with each.</summary>
    /// <param name="sources">The files, imports first.</param>
    public static List<(SpecSource Source, ProblemList List)> Include(IEnumerable<SpecSource> sources)
    {
        var includer = new RowIncluder();
        var files = sources.Select(source => (Source: source, List: new ProblemList())).ToList();
        foreach ((SpecSource source, ProblemList list) in files)
            includer.Declare(source, list);
        return [.. files.Select(file => (file.Source with { File = includer.Fill(file.Source, file.List) }, file.List))];
    }

    private void Declare(SpecSource source, ProblemList problems)
    {
        foreach (SharedRows rows in source.File.Shared)
        {
            // Specs under different namespaces are versions of each other; a name may stand in both.
            (SpecSource Source, SharedRows Rows) first = Of(source).FirstOrDefault(known =>
                known.Rows.Name.Value == rows.Name.Value && known.Source.RootNamespace == source.RootNamespace);
            if (first.Rows is null)
            {
                _shared.Add((source, rows));
                continue;
            }

            string place = $"{Path.GetFileName(first.Source.File.Path)} line {first.Rows.Name.Range.Line + 1}";
            problems.Add(SpecDescriptors.DuplicateType, rows.Name.Range, rows.Name.Value, place);
        }
    }

    /// <summary>The blocks of rows of a file's protocol, those of its own namespace first.</summary>
    private IEnumerable<(SpecSource Source, SharedRows Rows)> Of(SpecSource source) => _shared
        .Where(known => known.Source.File.Protocol?.Name.Value == source.File.Protocol?.Name.Value)
        .OrderByDescending(known => known.Source.RootNamespace == source.RootNamespace);

    private SpecFile Fill(SpecSource source, ProblemList problems)
    {
        SpecFile file = source.File;
        if (file.Missing.Count == 0)
            return file;
        var filled = new List<BlockSyntax>();
        foreach (BlockSyntax block in file.Blocks)
        {
            List<RowSyntax?>? rows = null;
            int included = 0;
            foreach (MissingRows missing in file.Missing.Where(missing => ReferenceEquals(missing.Block, block)))
            {
                rows ??= [.. block.AllRows];
                RowSyntax?[] more = [.. Rows(source, missing, problems)];
                rows.InsertRange(missing.Place + included, more);
                included += more.Length;
            }

            filled.Add(rows is null ? block : block.With(rows));
        }

        return file with { Blocks = filled };
    }

    private IEnumerable<RowSyntax?> Rows(SpecSource source, MissingRows missing, ProblemList problems)
    {
        Located<string> name = missing.Name;
        List<SharedRows> known = [.. Of(source).Select(entry => entry.Rows)];
        if (known.Find(rows => rows.Name.Value == name.Value) is { } found)
            return found.Lines.Select(line => missing.Read(line.At(name.Range), problems));
        string? near = NearName.Find(name.Value, known.Select(rows => rows.Name.Value));
        problems.AddNear(SpecDescriptors.UnknownRows, name.Range, near, name.Value);
        // A hole, as a row that cannot be read leaves one.
        return [null];
    }
}
