using System.IO.Enumeration;
using BootProtocol.Cli.OwnSpecs;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Cli.LanguageServer;

/// <summary>
/// The specs of the folders that an editor works in, and those that are open in it. Files of one folder belong together; those of other folders
/// are looked up where none of them declares a name.
/// </summary>
internal sealed class Workspace
{
    /// <summary>The most files that are read; a folder with more specs is none that a person wrote.</summary>
    private const int MostFiles = 1000;

    /// <summary>The most folders that one stands in.</summary>
    private const int DeepestFolder = 16;

    /// <summary>Folders of build output and packages.</summary>
    private static readonly string[] _skipped = ["bin", "obj", "artifacts", "node_modules"];

    private readonly Dictionary<string, SpecFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OpenDocument> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SpecScope> _scopes = new(StringComparer.Ordinal);

    /// <summary>The documents that are open, in the order of their paths.</summary>
    public IEnumerable<OpenDocument> Open => _open.Values.OrderBy(static document => document.Path, StringComparer.Ordinal);

    /// <summary>Reads the specs of a folder and of those in it.</summary>
    public void AddFolder(string folder)
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = DeepestFolder,
            AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint,
        };
        var paths = new FileSystemEnumerable<string>(folder, static (ref FileSystemEntry entry) => entry.ToFullPath(), options)
        {
            ShouldIncludePredicate = static (ref FileSystemEntry entry) => !entry.IsDirectory && IsSpec(entry.FileName),
            ShouldRecursePredicate = static (ref FileSystemEntry entry) => !_skipped.Contains(entry.FileName.ToString()),
        };
        try
        {
            foreach (string path in paths.Take(MostFiles))
                Reload(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A folder that is not there, or not for this user, has no specs.
        }
    }

    /// <summary>Reads a file that was made or changed on disk, or forgets it if it is gone.</summary>
    public void Reload(string path)
    {
        if (!IsSpec(path))
            return;
        _scopes.Clear();
        if (Read(path) is { } file)
            _files[path] = file;
        else
            _files.Remove(path);
    }

    /// <summary>Takes a document that was opened.</summary>
    public void Add(OpenDocument document)
    {
        _scopes.Clear();
        _open[document.Uri] = document;
    }

    /// <summary>Forgets a document that was closed: what is on disk counts again.</summary>
    public void Remove(OpenDocument document)
    {
        _scopes.Clear();
        _open.Remove(document.Uri);
        Reload(document.Path);
    }

    /// <summary>Notes that the text of a document has changed.</summary>
    public void Changed() => _scopes.Clear();

    /// <summary>The document of an address; null if it is not open.</summary>
    public OpenDocument? Find(string uri) => _open.GetValueOrDefault(uri);

    /// <summary>The address of a file: the editor's own, if it is open there.</summary>
    public string AddressOf(string path) =>
        _open.Values.FirstOrDefault(document => document.Path == path) is { } document ? document.Uri : FileAddress.Of(path);

    /// <summary>The specs that a document is read with.</summary>
    public SpecScope ScopeOf(OpenDocument document)
    {
        string folder = Folder(document.Path);
        if (_scopes.TryGetValue(folder, out SpecScope? scope))
            return scope;
        var files = new Dictionary<string, SpecFile>(_files, StringComparer.Ordinal);
        foreach (OpenDocument open in Open)
            files[open.Path] = open.File;
        ILookup<bool, SpecFile> byFolder = files.Values.ToLookup(file => Folder(file.Path) == folder);
        return _scopes[folder] = new SpecScope(byFolder[true], byFolder[false]);
    }

    /// <summary>The folder of a path; of a buffer without a path, the buffer itself: it belongs to no other.</summary>
    private static string Folder(string path) => Path.IsPathFullyQualified(path) ? Path.GetDirectoryName(path) ?? path : path;

    private static bool IsSpec(ReadOnlySpan<char> name) => name.EndsWith(SpecFiles.Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a file; null if that is not possible: the editor shows what is open, and whoever builds sees the rest.</summary>
    private static SpecFile? Read(string path)
    {
        try
        {
            return SpecParser.Parse(path, new DocumentText(SpecFiles.Text(File.OpenRead(path), path)).Lines);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ToolException)
        {
            return null;
        }
    }
}
