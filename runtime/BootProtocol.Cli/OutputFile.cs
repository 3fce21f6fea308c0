namespace BootProtocol.Cli;

/// <summary>Writes files that appear whole or not at all.</summary>
internal static class OutputFile
{
    /// <summary>Writes a file, in place of one that is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytes">All its bytes.</param>
    /// <exception cref="ToolException">It cannot be written; what was there before still is.</exception>
    public static void Write(string path, ReadOnlyMemory<byte> bytes)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            throw new ToolException(ExitCode.Usage, "-o needs the name of a file");
        if (Directory.Exists(path))
            throw new ToolException(ExitCode.BadInput, $"{path}: is a directory, expected a file to write");
        try
        {
            string target = Path.GetFullPath(path);
            if (File.Exists(target) && File.ResolveLinkTarget(target, returnFinalTarget: true) is { } final)
                target = final.FullName;
            if (IsDevice(target))
                WriteTo(target, FileMode.Open, bytes);
            else
                Replace(target, bytes);
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

    private static void Replace(string target, ReadOnlyMemory<byte> bytes)
    {
        string temporary = $"{target}.{Path.GetRandomFileName()}";
        try
        {
            WriteTo(temporary, FileMode.CreateNew, bytes);
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void WriteTo(string path, FileMode mode, ReadOnlyMemory<byte> bytes)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,

            // Room for all at once: a full disk shows at once, and the file system need not look for a place for each part.
            PreallocationSize = mode == FileMode.CreateNew ? bytes.Length : 0,
        };
        using var stream = new FileStream(path, options);
        stream.Write(bytes.Span);
    }
}
