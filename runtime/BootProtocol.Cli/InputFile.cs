namespace BootProtocol.Cli;

/// <summary>Opens files that the command line names.</summary>
internal static class InputFile
{
    /// <summary>What stands for standard input, and standard output, in place of a file.</summary>
    public const string Standard = "-";

    /// <summary>Standard input's name for people.</summary>
    public const string StandardInputName = "(standard input)";

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="open">How.</param>
    /// <exception cref="ToolException">It cannot be opened; the line says why.</exception>
    public static T Open<T>(string path, Func<string, T> open)
    {
        try
        {
            return open(path);
        }
        catch (BootException exception)
        {
            throw new ToolException(ExitCode.BadInput, $"{path}: {exception.Message}");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException || !IsPath(path))
        {
            // It may be one that belongs to it.
            string missing = exception is FileNotFoundException { FileName: { } name } && IsPath(path) && name != Path.GetFullPath(path)
                ? name
                : path;
            throw new ToolException(ExitCode.BadInput, $"{(missing.Length == 0 ? "''" : missing)}: no such file");
        }
        catch (UnauthorizedAccessException)
        {
            string reason = Directory.Exists(path) ? "is a directory, expected a file" : "may not be read by this user";
            throw new ToolException(ExitCode.BadInput, $"{path}: {reason}");
        }
        catch (IOException exception)
        {
            throw new ToolException(ExitCode.BadInput, $"{path}: cannot be read: {exception.Message}");
        }
    }

    /// <summary>Opens a file, or standard input.</summary>
    /// <param name="path">The file; <see cref="Standard"/> for standard input.</param>
    /// <param name="open">How a file is opened.</param>
    /// <param name="read">How a stream is read.</param>
    /// <exception cref="ToolException">It cannot be opened; the line says why.</exception>
    public static T Open<T>(string path, Func<string, T> open, Func<Stream, T> read)
    {
        if (path != Standard)
            return Open(path, open);
        using Stream stream = Console.OpenStandardInput();
        return Open(StandardInputName, _ => read(stream));
    }

    /// <summary>Refuses command lines that name standard input twice: it can be read once.</summary>
    /// <param name="paths">All files that are to be read.</param>
    /// <exception cref="ToolException">Two of them are standard input.</exception>
    public static void RequireOneStandard(params IEnumerable<string?> paths)
    {
        if (paths.Count(static path => path == Standard) > 1)
            throw new ToolException(ExitCode.Usage, "only one file can be standard input (-)");
    }

    private static bool IsPath(string path) => path.Length > 0 && !path.Contains('\0', StringComparison.Ordinal);
}
