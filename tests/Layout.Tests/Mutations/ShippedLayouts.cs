using System.Collections.Immutable;
using BootProtocol.Generators.Binding;
using BootProtocol.Generators.Syntax;
using BootProtocol.Generators.Tests;

namespace BootProtocol.Layout.Tests.Mutations;

/// <summary>The specs of this repository, bound in this process, with the texts that their snapshots hold.</summary>
internal sealed class ShippedLayouts
{
    private readonly ImmutableArray<SpecSource> _sources;

    public ShippedLayouts()
    {
        Files = [.. ShippedSpecs.All.Select(file => new SpecText(file.Name, file.Text))];
        _sources = [.. Files.Select(file => Source(file.Path, file.Lines))];
        Bound = SpecBinder.Bind(_sources);
        Texts = LayoutText.Of(Bound, _sources.Select(source => source.File));
    }

    public ImmutableArray<SpecText> Files { get; }

    public BindResult Bound { get; }

    /// <summary>The texts by protocol.</summary>
    public SortedDictionary<string, string> Texts { get; }

    /// <summary>Whether a change of one file is noticed: a problem of the build, or a text that is not the snapshot's.</summary>
    public bool Notices(int file, IEnumerable<string> changed)
    {
        ImmutableArray<SpecSource> sources = _sources.SetItem(file, Source(Files[file].Path, changed));
        BindResult bound = SpecBinder.Bind(sources);
        if (bound.Problems.Length > 0)
            return true;

        // Mostly the file's own text is another; those of all files take longer.
        SpecFile[] files = [.. sources.Select(source => source.File)];
        string protocol = files[file].Protocol?.Name.Value ?? "";
        SortedDictionary<string, string> own = LayoutText.Of(bound, files.Where(one => one.Protocol?.Name.Value == protocol));
        return own.Any(text => Texts.GetValueOrDefault(text.Key) != text.Value) || !LayoutText.Of(bound, files).SequenceEqual(Texts);
    }

    private static SpecSource Source(string path, IEnumerable<string> lines) => new(SpecParser.Parse(path, lines), "BootProtocol", false);
}
