namespace BootProtocol.Cli;

/// <summary>Writes files that appear whole or not at all.</summary>
internal static class OutputFile
{
    /// <summary>Writes a file, in place of one that is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytes">All its bytes.</param>
    /// <exception cref="ToolException">It cannot be written; what was there before still is.</exception>
    public static void Write(string path, ReadOnlyMemory<byte> bytes) =>
        Write(path, stream => stream.Write(bytes.Span), bytes.Length);

    /// <summary>Writes a file, in place of one that is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes all its bytes, front to back.</param>
    /// <param name="length">How many these are; 0 if that is not known.</param>
    /// <exception cref="ToolException">It cannot be written; what was there before still is.</exception>
    public static void Write(string path, Action<Stream> write, long length = 0)
    {
        Guard(path, () =>
        {
            string target = Path.GetFullPath(path);
            if (File.Exists(target) && File.ResolveLinkTarget(target, returnFinalTarget: true) is { } final)
                target = final.FullName;
            if (IsDevice(target))
                WriteTo(target, FileMode.Open, write, 0);
            else
                Replace(target, write, length);
        });
    }

    /// <summary>Runs something that writes a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">What writes it.</param>
    /// <exception cref="ToolException">It cannot be written; the line says why.</exception>
    public static void Guard(string path, Action write)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            throw new ToolException(ExitCode.Usage, "a file to write needs a name");
        if (Directory.Exists(path))
            throw new ToolException(ExitCode.BadInput, $"{path}: is a directory, expected a file to write");
        try
        {
            write();
        }
        catch (UnauthorizedAccessException)
        {
            throw new ToolException(ExitCode.BadInput, $"{path}: may not be written by this user");
        }
        catch (IOException exception)
        {
            string reason = exception is DirectoryNotFoundException ? "there is no such folder" : exception.Message;
            throw new ToolException(ExitCode.BadInput, $"{path}: cannot be written: {reason}");
        }
    }

    /// <summary>Devices and pipes must be written where they are; a file in their place would be no device.</summary>
    private static bool IsDevice(string path) =>
        (path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/dev/shm/", StringComparison.Ordinal))
        || path.StartsWith("/proc/", StringComparison.Ordinal);

    private static void Replace(string target, Action<Stream> write, long length)
    {
        string temporary = $"{target}.{Path.GetRandomFileName()}";
        try
        {
            WriteTo(temporary, FileMode.CreateNew, write, length);
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void WriteTo(string path, FileMode mode, Action<Stream> write, long length)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,

            // Room for all at once: a full disk shows at once, and the file system need not look for a place for each part.
            PreallocationSize = length,
        };
        using var stream = new FileStream(path, options);
        write(stream);
    }
}
