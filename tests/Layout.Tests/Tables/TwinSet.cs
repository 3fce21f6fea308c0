using System.Collections.Immutable;
using BootProtocol.Specs;
using BootProtocol.Testing;

namespace BootProtocol.Layout.Tests.Tables;

/// <summary>All twin tables, checked against the field tables that they speak of.</summary>
internal sealed class TwinSet
{
    private readonly SpecIndex _specs;
    private readonly ILookup<(TwinKind Kind, string Block, string Member), TwinLine> _lines;
    private readonly List<string> _problems = [];

    public TwinSet(SpecIndex specs, ImmutableArray<TwinTable> tables)
    {
        _specs = specs;
        Tables = tables;
        TwinLine[] all = [.. tables.SelectMany(table => table.Lines)];
        _lines = all.ToLookup(line => (line.Kind, line.Block, line.Member));
        _problems.AddRange(tables.SelectMany(table => table.Problems));
        foreach (TwinLine line in all)
            Check(line);
        CheckDuplicates();
        CheckProtocols();
    }

    public static TwinSet Shipped { get; } = new(SpecIndex.Shipped, ReadShipped());

    public ImmutableArray<TwinTable> Tables { get; }

    /// <summary>Lines that are wrong: unreadable, about something that the specs do not have, or said twice.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public static ImmutableArray<TwinTable> ReadShipped() =>
    [
        .. Directory.GetFiles(Repository.File("tests", "Layout.Tests", "twins"), "*.twins")
            .Order(StringComparer.Ordinal)
            .Select(path => TwinReader.Read(Path.GetFileName(path), File.ReadAllText(path))),
    ];

    /// <summary>What the tables say of something, for one or for both word sizes; empty if they say nothing.</summary>
    public IEnumerable<TwinLine> Lines(TwinKind kind, string block, string member = "") => _lines[(kind, block, member)];

    /// <summary>The table that speaks of a protocol: it is the one whose C headers count.</summary>
    public TwinTable? TableOf(string protocol)
        => Tables.FirstOrDefault(table => table.Lines.Any(line => _specs.ProtocolOf(line.Block) == protocol));

    private void Check(TwinLine line)
    {
        string? problem = line.Kind switch
        {
            TwinKind.Structure => _specs.Structure(line.Block) is null ? "the specs have no structure of that name" : null,
            TwinKind.Field => CheckField(line),
            TwinKind.Flags or TwinKind.Enumeration or TwinKind.Constants => CheckEnumeration(line),
            TwinKind.Enumerator => CheckMember(line, _specs.Enumeration(line.Block)?.Enumerators.Select(row => row.Name), "enumeration", "enumerator"),
            TwinKind.Family => _specs.Enumeration(line.Block) is null && _specs.NotesOf(line.Block) is null
                ? "the specs have no enumeration or notes block of that name" : null,
            TwinKind.Notes => _specs.NotesOf(line.Block) is null ? "the specs have no notes of that name" : null,
            _ => CheckMember(line, _specs.NotesOf(line.Block)?.Notes.Select(note => note.Name), "notes block", "note"),
        };
        problem ??= CheckBlock(line);
        if (problem is not null)
            _problems.Add($"{line.Place}: '{line.Name}': {problem}");
    }

    private string? CheckField(TwinLine line)
    {
        SpecStructure? structure = _specs.Structure(line.Block);
        IEnumerable<SpecField>? fields = structure?.Variants
            .Where(variant => variant.Bits == 0 || line.HoldsFor(variant.Bits))
            .SelectMany(variant => variant.Fields);
        string? problem = CheckMember(line, fields?.Select(field => field.Name), "structure", "field");
        return problem ?? (Lines(TwinKind.Structure, line.Block).Any() ? null : "its structure has no twin in the tables");
    }

    private string? CheckEnumeration(TwinLine line)
    {
        string word = line.Kind switch { TwinKind.Flags => "flags", TwinKind.Constants => "const", _ => "enum" };
        return _specs.Enumeration(line.Block) switch
        {
            null => $"the specs have no {(word == "enum" ? "enumeration" : word)} of that name",
            { } other when other.Word != word => $"in the specs it is '{other.Word}'",
            _ => null,
        };
    }

    private static string? CheckMember(TwinLine line, IEnumerable<string>? members, string block, string member)
        => members is null ? $"the specs have no {block} of that name"
            : members.Contains(line.Member) ? null
            : $"the {block} has no {member} of that name{(line.Bits == 0 ? "" : $" for {line.Bits} bits")}";

    /// <summary>Where a whole block has no twin, a line about one of its members can only be stale.</summary>
    private string? CheckBlock(TwinLine line)
    {
        if (line.Member.Length == 0)
            return null;
        TwinKind[] blocks = line.Kind switch
        {
            TwinKind.Field => [TwinKind.Structure],
            TwinKind.Enumerator => [TwinKind.Flags, TwinKind.Enumeration, TwinKind.Constants],
            _ => [TwinKind.Notes],
        };
        TwinLine? none = blocks.SelectMany(kind => Lines(kind, line.Block)).FirstOrDefault(block => block.IsNone && Overlap(block, line));
        return none is null ? null : $"all of '{line.Block}' has no twin by {none.Place}";
    }

    private void CheckDuplicates()
    {
        foreach (IGrouping<(TwinKind, string, string), TwinLine> group in _lines)
        {
            TwinLine[] lines = [.. group];
            for (int i = 1; i < lines.Length; i++)
            {
                if (lines.Take(i).FirstOrDefault(earlier => Overlap(earlier, lines[i])) is { } first)
                    _problems.Add($"{lines[i].Place}: '{lines[i].Name}': said already by {first.Place}");
            }
        }
    }

    /// <summary>Enumerators without a line of their own are looked for in the headers of their protocol's table, so that it must be one.</summary>
    private void CheckProtocols()
    {
        IEnumerable<IGrouping<string, TwinLine>> protocols = Tables
            .SelectMany(table => table.Lines)
            .Where(line => _specs.ProtocolOf(line.Block) is not null)
            .GroupBy(line => _specs.ProtocolOf(line.Block)!);
        foreach (IGrouping<string, TwinLine> protocol in protocols)
        {
            TwinLine? stray = protocol.FirstOrDefault(line => line.File != protocol.First().File);
            if (stray is not null)
                _problems.Add($"{stray.Place}: '{stray.Name}': protocol {protocol.Key} belongs to {protocol.First().File}");
        }
    }

    private static bool Overlap(TwinLine first, TwinLine second)
        => (first.Bits == 0 || second.Bits == 0 || first.Bits == second.Bits)
            && (first.Range is null || second.Range is null || first.Range.Overlaps(second.Range));
}
