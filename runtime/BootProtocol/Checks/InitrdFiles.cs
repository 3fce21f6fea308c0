namespace BootProtocol.Checks;

/// <summary>The files of an initial ramdisk, as they lie when all archives are unpacked one after the other.</summary>
/// <remarks>
/// Source: init/initramfs.c of Linux: names are paths from the root, and a later file takes the place of an earlier one of its name.
/// Directories that no archive names are taken to be there.
/// </remarks>
internal sealed class InitrdFiles
{
    /// <summary>The kernel follows no more links in one path (MAXSYMLINKS in include/linux/namei.h).</summary>
    private const int MostLinks = 40;

    private readonly Dictionary<string, InitrdFile> _files = [];
    private readonly HashSet<string> _filled = [];

    /// <summary>How many there are.</summary>
    public int Count => _files.Count;

    /// <summary>Adds a file by the name that an archive gives it.</summary>
    public void Add(string name, InitrdFile file)
    {
        string[] parts = Parts(name);
        if (parts.Length == 0 || !TryResolve(parts[..^1], out string? folder))
            return;
        string path = Joined(folder, parts[^1]);
        // A directory with files in it stays what it is.
        if (_filled.Contains(path) && !file.IsFolder)
            return;
        _files[path] = file;
        _filled.Add(folder);
    }

    /// <summary>Finds what a path leads to, through links.</summary>
    /// <param name="path">The path, from the root.</param>
    /// <param name="file">The file; null if there is none.</param>
    /// <returns>Whether it can be said.</returns>
    public bool TryFind(string path, out InitrdFile? file)
    {
        file = null;
        if (!TryResolve(Parts(path), out string? found))
            return false;
        file = _files.GetValueOrDefault(found);
        return true;
    }

    private static string[] Parts(string path) => [.. path.Split('/').Where(static part => part is not ("" or "."))];

    private static string Joined(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";

    /// <summary>Follows links, one component after the other.</summary>
    /// <returns>Whether there are not too many of them.</returns>
    private bool TryResolve(string[] parts, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? path)
    {
        path = "";
        var left = new Stack<string>(parts.Reverse());
        for (int links = 0; left.TryPop(out string? part);)
        {
            if (part == "..")
            {
                path = path[..Math.Max(path.LastIndexOf('/'), 0)];
                continue;
            }

            string next = Joined(path, part);
            if (_files.GetValueOrDefault(next)?.Link is not { } target)
            {
                path = next;
                continue;
            }

            if (++links > MostLinks)
                return false;
            if (target.StartsWith('/'))
                path = "";
            foreach (string one in Parts(target).Reverse())
                left.Push(one);
        }

        return true;
    }
}
