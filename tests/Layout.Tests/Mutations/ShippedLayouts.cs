using System.Collections.Immutable;
using BootProtocol.Generators.Binding;
using BootProtocol.Generators.Syntax;
using BootProtocol.Generators.Tests;

namespace BootProtocol.Layout.Tests.Mutations;

/// <summary>The specs of this repository, bound in this process, with the texts that their snapshots hold.</summary>
internal sealed class ShippedLayouts
{
    private readonly ImmutableArray<SpecSource> _sources;

    /// <summary>For each file, its own text, and the files that it needs, itself among them.</summary>
    private readonly ImmutableArray<(string Text, ImmutableArray<int> Needs)> _alone;

    public ShippedLayouts()
    {
        Files = [.. ShippedSpecs.All.Select(file => new SpecText(file.Name, file.Text))];
        _sources = [.. Files.Select(file => Source(file.Path, file.Lines))];
        Bound = SpecBinder.Bind(_sources);
        Texts = LayoutText.Of(Bound, _sources.Select(source => source.File));
        _alone = [.. Enumerable.Range(0, _sources.Length).Select(file => (TextOf(Bound, _sources[file]), Needs(file)))];
    }

    public ImmutableArray<SpecText> Files { get; }

    public BindResult Bound { get; }

    /// <summary>The texts by protocol.</summary>
    public SortedDictionary<string, string> Texts { get; }

    /// <summary>Whether a change of one file is noticed: a problem of the build, or a text that is not the snapshot's.</summary>
    public bool Notices(int file, IEnumerable<string> changed)
    {
        ImmutableArray<SpecSource> sources = _sources.SetItem(file, Source(Files[file].Path, changed));

        // Mostly the file's own text is another; to bind all files and to write all texts takes longer.
        (string text, ImmutableArray<int> needs) = _alone[file];
        BindResult alone = SpecBinder.Bind([.. needs.Select(needed => sources[needed])]);
        if (alone.Problems.Length > 0 || TextOf(alone, sources[file]) != text)
            return true;
        BindResult bound = SpecBinder.Bind(sources);
        return bound.Problems.Length > 0 || !LayoutText.Of(bound, sources.Select(source => source.File)).SequenceEqual(Texts);
    }

    private static string TextOf(BindResult bound, SpecSource source) => LayoutText.Of(bound, [source.File]).Values.Single();

    /// <summary>The files that declare what a file names, and those that they need.</summary>
    private ImmutableArray<int> Needs(int file)
    {
        var needs = new SortedSet<int> { file };
        var open = new Queue<int>(needs);
        while (open.TryDequeue(out int next))
        {
            var words = Files[next].Lines.SelectMany(line => line.Split(['|', '#'])[0].Split([' ', '[', ']'])).ToHashSet(StringComparer.Ordinal);
            for (int other = 0; other < _sources.Length; other++)
            {
                if (_sources[other].File.Blocks.Any(block => words.Contains(block.Name.Value)) && needs.Add(other))
                    open.Enqueue(other);
            }
        }

        return [.. needs];
    }

    private static SpecSource Source(string path, IEnumerable<string> lines) => new(SpecParser.Parse(path, lines), "BootProtocol", false);
}
