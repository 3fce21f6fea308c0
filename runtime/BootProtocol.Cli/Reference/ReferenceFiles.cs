using System.Text;
using BootProtocol.Output;

namespace BootProtocol.Cli.Reference;

/// <summary>Writes a reference into a directory of its own.</summary>
internal static class ReferenceFiles
{
    /// <summary>The first line of all files, by which those of an earlier run are found.</summary>
    public const string Marker = "<!-- Written by \"bootproto docs\" -->";

    /// <summary>Begins a page.</summary>
    public static MarkdownText Begin() => new MarkdownText().Line(Marker);

    /// <summary>Writes the files, and takes away those of an earlier run that are not among them.</summary>
    /// <param name="directory">The directory: a new one, an empty one, or one that an earlier run has written.</param>
    /// <param name="pages">The files.</param>
    /// <exception cref="ToolException">Something else is in the directory, or it cannot be written.</exception>
    public static void Write(string directory, IReadOnlyList<ReferencePage> pages) => Guard(directory, () =>
    {
        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        bool isNew = !Directory.Exists(root);
        HashSet<string> old = isNew ? [] : [.. Entries(root)];
        if (old.Order(StringComparer.Ordinal).FirstOrDefault(static path => !IsOwn(path)) is { } foreign)
        {
            string name = Path.GetRelativePath(root, foreign);
            throw new ToolException(ExitCode.BadInput, $"{directory}: holds {name}, which 'bootproto docs' has not written; name another directory");
        }

        if (isNew && !Directory.Exists(Path.GetDirectoryName(root)))
            throw new DirectoryNotFoundException("there is no such folder");
        try
        {
            Interruption.During(interruption => Write(root, pages, interruption.Token));
            foreach (string gone in old.Except(pages.Select(page => Place(root, page)), StringComparer.Ordinal))
                File.Delete(gone);
        }
        finally
        {
            RemoveEmptyFolders(root);
            if (isNew && Directory.Exists(root) && !Directory.EnumerateFileSystemEntries(root).Any())
                Directory.Delete(root);
        }
    });

    private static void Write(string root, IReadOnlyList<ReferencePage> pages, CancellationToken stop)
    {
        using var files = new OutputFiles();
        foreach (ReferencePage page in pages)
        {
            stop.ThrowIfCancellationRequested();
            string path = Place(root, page);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using WrittenFile stream = files.Create(path);
            stream.Write(Encoding.UTF8.GetBytes(page.Text));
        }

        files.Commit();
    }

    private static string Place(string root, ReferencePage page) => Path.Combine(root, page.Path);

    /// <summary>What is in the directory, and in the folders in it.</summary>
    private static IEnumerable<string> Entries(string root) => Directory.EnumerateFileSystemEntries(root).SelectMany(
        static path => IsFolder(path) ? Directory.EnumerateFileSystemEntries(path) : [path]);

    private static bool IsFolder(string path) =>
        (File.GetAttributes(path) & (FileAttributes.Directory | FileAttributes.ReparsePoint)) == FileAttributes.Directory;

    private static bool IsOwn(string path)
    {
        if ((File.GetAttributes(path) & (FileAttributes.Directory | FileAttributes.ReparsePoint)) != 0)
            return false;
        var start = new byte[Marker.Length];
        using FileStream stream = File.OpenRead(path);
        int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return Encoding.ASCII.GetString(start, 0, length) == Marker;
    }

    private static void RemoveEmptyFolders(string root)
    {
        if (!Directory.Exists(root))
            return;
        foreach (string folder in Directory.EnumerateDirectories(root).Where(IsFolder))
        {
            if (!Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
        }
    }

    private static void Guard(string directory, Action write)
    {
        if (directory.Length == 0 || directory.Contains('\0', StringComparison.Ordinal))
            throw new ToolException(ExitCode.Usage, "a directory to write needs a name");
        if (File.Exists(directory))
            throw new ToolException(ExitCode.BadInput, $"{directory}: is a file, expected a directory");
        try
        {
            write();
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new ToolException(ExitCode.BadInput, $"{directory}: cannot be written: {exception.Message}");
        }
        catch (IOException exception)
        {
            throw new ToolException(ExitCode.BadInput, $"{directory}: cannot be written: {exception.Message}");
        }
    }
}
