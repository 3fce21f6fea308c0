namespace BootProtocol.Cli;

/// <summary>Opens files that the command line names.</summary>
internal static class InputFile
{
    /// <summary>What stands for standard input, and standard output, in place of a file.</summary>
    public const string Standard = "-";

    /// <summary>Standard input's name for people.</summary>
    public const string StandardInputName = "(standard input)";

    /// <summary>The most bytes of a file that is read whole: none comes near it, and a device may have no end.</summary>
    private const int MaximumLength = 1 << 26;

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

    /// <summary>Reads a file that is no image: certificates, lists, descriptions. For <see cref="Open{T}(string, Func{string, T})"/>.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BootFormatException">It has more than 64 MiB.</exception>
    public static byte[] ReadBytes(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        return ReadBytes(stream);
    }

    /// <summary>Reads a file of text, or standard input.</summary>
    /// <param name="path">The file; <see cref="Standard"/> for standard input.</param>
    /// <exception cref="ToolException">It cannot be read, or has more than 64 MiB; the line says which.</exception>
    public static string ReadText(string path)
    {
        using var reader = new StreamReader(new MemoryStream(Open(path, ReadBytes, ReadBytes)));
        return reader.ReadToEnd();
    }

    /// <summary>Refuses command lines that name standard input twice: it can be read once.</summary>
    /// <param name="paths">All files that are to be read.</param>
    /// <exception cref="ToolException">Two of them are standard input.</exception>
    public static void RequireOneStandard(params IEnumerable<string?> paths)
    {
        if (paths.Count(static path => path == Standard) > 1)
            throw new ToolException(ExitCode.Usage, "only one file can be standard input (-)");
    }

    private static byte[] ReadBytes(Stream stream)
    {
        using var bytes = new MemoryStream();
        byte[] part = new byte[1 << 16];
        for (int count = stream.Read(part); count > 0; count = stream.Read(part))
        {
            if (bytes.Length + count > MaximumLength)
            {
                string most = FormattableString.Invariant($"at most {MaximumLength} bytes");
                throw new BootFormatException(BootErrorCode.TooLarge, "file", "", null, most, "more");
            }

            bytes.Write(part, 0, count);
        }

        return bytes.ToArray();
    }

    private static bool IsPath(string path) => path.Length > 0 && !path.Contains('\0', StringComparison.Ordinal);
}
