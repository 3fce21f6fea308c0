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
    /// <summary>The blocks of rows by protocol, namespace and name: specs under different namespaces are versions of each other.</summary>
    private readonly Dictionary<(string Protocol, string Root, string Name), (SpecSource Source, SharedRows Rows)> _own = [];

    /// <summary>The first of each protocol and name under any namespace.</summary>
    private readonly Dictionary<(string Protocol, string Name), SharedRows> _any = [];

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
            (string, string, string) key = (Protocol(source), source.RootNamespace, rows.Name.Value);
            if (!_own.TryGetValue(key, out (SpecSource Source, SharedRows Rows) first))
            {
                _own.Add(key, (source, rows));
                if (!_any.ContainsKey((Protocol(source), rows.Name.Value)))
                    _any.Add((Protocol(source), rows.Name.Value), rows);
                continue;
            }

            string place = $"{Path.GetFileName(first.Source.File.Path)} line {first.Rows.Name.Range.Line + 1}";
            problems.Add(SpecDescriptors.DuplicateType, rows.Name.Range, rows.Name.Value, place);
        }
    }

    private static string Protocol(SpecSource source) => source.File.Protocol?.Name.Value ?? "";

    private SpecFile Fill(SpecSource source, ProblemList problems)
    {
        SpecFile file = source.File;
        if (file.Missing.Count == 0)
            return file;
        var filled = new List<BlockSyntax>();
        ILookup<int, MissingRows> missingByLine = file.Missing.ToLookup(missing => missing.Block.Name.Range.Line);
        foreach (BlockSyntax block in file.Blocks)
        {
            List<RowSyntax?>? rows = null;
            int included = 0;
            foreach (MissingRows missing in missingByLine[block.Name.Range.Line])
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
        string protocol = Protocol(source);
        SharedRows? found = _own.TryGetValue((protocol, source.RootNamespace, name.Value), out (SpecSource Source, SharedRows Rows) own) ? own.Rows
            : _any.TryGetValue((protocol, name.Value), out SharedRows? any) ? any
            : null;
        if (found is not null)
            return found.Lines.Select(line => missing.Read(line.At(name.Range), problems));
        string? near = NearName.Find(name.Value, _any.Keys.Where(key => key.Protocol == protocol).Select(key => key.Name));
        problems.AddNear(SpecDescriptors.UnknownRows, name.Range, near, name.Value);
        // A hole, as a row that cannot be read leaves one.
        return [null];
    }
}
