namespace BootProtocol.Output;

/// <summary>Files that are written together: each appears whole or not at all, and none before all are written.</summary>
internal sealed class OutputFiles : IDisposable
{
    private readonly List<(string Temporary, string Target)> _files = [];

    /// <summary>Opens a file to write; it stands beside its place until <see cref="Commit"/>.</summary>
    /// <param name="path">Its place: a file that is there is replaced; where a link leads, there the file goes.</param>
    /// <param name="length">How many bytes it will have; 0 if that is not known.</param>
    /// <exception cref="IOException">It cannot be written there, or a device or a pipe is there.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there, or it is a folder.</exception>
    public FileStream Create(string path, long length = 0)
    {
        string target = Path.GetFullPath(path);
        if (Directory.Exists(target))
            throw new UnauthorizedAccessException($"{path} is a folder.");
        if (!OrdinaryFile.IsPlace(path))
            throw new IOException("a device or a pipe is there, expected a file");
        if (File.Exists(target) && File.ResolveLinkTarget(target, returnFinalTarget: true) is { } final)
            target = final.FullName;
        string temporary = $"{target}.{Path.GetRandomFileName()}";
        var stream = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,

            // Room for all at once: a full disk shows at once, and the file system need not look for a place for each part.
            PreallocationSize = length,
        });
        _files.Add((temporary, target));
        return stream;
    }

    /// <summary>Brings all files to their places, in the order in which they were opened. All must be closed.</summary>
    public void Commit()
    {
        while (_files.Count > 0)
        {
            (string temporary, string target) = _files[0];
            File.Move(temporary, target, overwrite: true);
            _files.RemoveAt(0);
        }
    }

    /// <summary>Takes away what did not come to its place.</summary>
    public void Dispose()
    {
        foreach ((string temporary, _) in _files)
            File.Delete(temporary);
    }
}
