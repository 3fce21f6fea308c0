namespace BootProtocol.Output;

/// <summary>Files that are written together: each appears whole or not at all, and none before all are written.</summary>
internal sealed class OutputFiles : IDisposable
{
    private const int LongestPart = 64;

    private readonly List<(string Temporary, string Target)> _files = [];

    /// <summary>Where a file comes to: its full path, or where the link leads that is there, even if nothing is there yet.</summary>
    /// <exception cref="IOException">The link leads to itself.</exception>
    public static string PlaceOf(string path)
    {
        string place = Path.GetFullPath(path);
        return new FileInfo(place).LinkTarget is null ? place : File.ResolveLinkTarget(place, returnFinalTarget: true)?.FullName ?? place;
    }

    /// <summary>Opens a file to write; it stands beside its place until <see cref="Commit"/>.</summary>
    /// <param name="path">Its place: a file that is there is replaced; where a link leads, there the file goes.</param>
    /// <param name="length">How many bytes it will have; 0 if that is not known.</param>
    /// <exception cref="IOException">It cannot be written there, or a device or a pipe is there.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there, or it is a folder.</exception>
    public WrittenFile Create(string path, long length = 0)
    {
        string target = PlaceOf(path);
        if (Directory.Exists(target))
            throw new UnauthorizedAccessException($"{path} is a folder.");
        if (!OrdinaryFile.IsPlace(path))
            throw new IOException("a device or a pipe is there, expected a file");

        // A file system's longest name is one of 255 bytes, at most three of which make one of these characters.
        string name = Path.GetFileName(target);
        string temporary = Path.Combine(
            Path.GetDirectoryName(target)!, $"{name[..Math.Min(name.Length, LongestPart)]}.{Path.GetRandomFileName()}");
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
        return new WrittenFile(stream);
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
