namespace BootProtocol.Cli.Reference;

/// <summary>Gives names of files that differ in more than capitals: not every file system keeps those apart.</summary>
/// <param name="taken">Names that are not to be given.</param>
internal sealed class FileNames(params string[] taken)
{
    private readonly HashSet<string> _taken = new(taken, StringComparer.OrdinalIgnoreCase);

    /// <summary>The name of a file, without extension.</summary>
    /// <param name="name">What the file is about.</param>
    public string Next(string name)
    {
        string file = name;
        for (int number = 2; !_taken.Add(file); number++)
            file = $"{name}-{number}";
        return file;
    }
}
