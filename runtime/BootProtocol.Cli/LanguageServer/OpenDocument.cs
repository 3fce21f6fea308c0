using BootProtocol.Cli.OwnSpecs;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Cli.LanguageServer;

/// <summary>A spec that is open in the editor: what stands in its buffer counts, not what is on disk.</summary>
/// <param name="uri">What the editor calls it.</param>
/// <param name="text">What the buffer holds.</param>
/// <param name="version">The editor's number of that state.</param>
internal sealed class OpenDocument(string uri, string text, int? version)
{
    private SpecFile? _file;

    /// <summary>What the editor calls it.</summary>
    public string Uri { get; } = uri;

    /// <summary>The path of the file; of a buffer without one, the address.</summary>
    public string Path { get; } = FileAddress.Path(uri) ?? uri;

    /// <summary>What the buffer holds.</summary>
    public DocumentText Text { get; } = new(text);

    /// <summary>The editor's number of that state.</summary>
    public int? Version { get; private set; } = version;

    /// <summary>Whether it is too large to be a spec; then nothing is read of it.</summary>
    public bool IsTooLarge => Text.Text.Length > SpecFiles.LargestFile;

    /// <summary>The buffer as a spec.</summary>
    public SpecFile File => _file ??= IsTooLarge ? new SpecFile(Path, null, [], []) : SpecParser.Parse(Path, Text.Lines);

    /// <summary>Changes the text.</summary>
    /// <param name="changes">The changes, each to what those before it have left.</param>
    /// <param name="version">The editor's number of the state behind them.</param>
    public void Apply(IEnumerable<TextChange> changes, int? version)
    {
        foreach (TextChange change in changes)
            Text.Apply(change);
        Version = version;
        _file = null;
    }
}
