namespace BootProtocol.Cli;

/// <summary>Opens files that the command line names.</summary>
internal static class InputFile
{
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
        catch (BootFormatException exception)
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

    private static bool IsPath(string path) => path.Length > 0 && !path.Contains('\0', StringComparison.Ordinal);
}
