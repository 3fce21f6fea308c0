using System.Collections.Immutable;
using BootProtocol.Images;

namespace BootProtocol.Cli.Building;

/// <summary>Files whose bytes go into a domain, in memory while it is built.</summary>
internal sealed class InputFiles : IDisposable
{
    private readonly List<LoadedFile> _files = [];

    /// <summary>Opens a file.</summary>
    /// <returns>Its bytes, until disposal.</returns>
    /// <exception cref="ToolException">It cannot be opened.</exception>
    public ReadOnlyMemory<byte> Open(string path)
    {
        LoadedFile file = InputFile.Open(path, LoadedFile.Open, LoadedFile.Open);
        _files.Add(file);
        return file.Memory;
    }

    /// <summary>Opens the initial ramdisks of a domain: the files that were named, or else those of its unified kernel image.</summary>
    /// <exception cref="ToolException">One cannot be opened.</exception>
    public ImmutableArray<ReadOnlyMemory<byte>> OpenInitrds(DomainRequest request) =>
        request.Initrds.IsEmpty && request.UnifiedKernel is { } unified ? unified.Initrds : Open(request.Initrds);

    /// <summary>Opens files.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Open(IEnumerable<string> paths) => [.. paths.Select(Open)];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LoadedFile file in _files)
            file.Dispose();
    }
}
