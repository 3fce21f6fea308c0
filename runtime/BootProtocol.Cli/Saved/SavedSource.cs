using BootProtocol.Saved;

namespace BootProtocol.Cli.Saved;

/// <summary>Tells files of saved domains from kernel images.</summary>
internal static class SavedSource
{
    /// <summary>Whether a file is one of a saved domain. Standard input is never: it cannot be looked at twice.</summary>
    public static bool IsSaved(string? path)
    {
        if (path is null or InputFile.Standard || !File.Exists(path))
            return false;
        try
        {
            using FileStream file = File.OpenRead(path);
            if (!file.CanSeek)
                return false;
            byte[] head = new byte[SavedDomain.HeadLength];
            int read = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            return SavedDomain.IsSaved(head.AsSpan(0, read));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Whoever opens it next says why it cannot be.
            return false;
        }
    }

    /// <summary>Reads a file of a saved domain.</summary>
    /// <exception cref="ToolException">It cannot be read, or is broken.</exception>
    public static SavedDomain Read(string path) => InputFile.Open(path, static file =>
    {
        using FileStream stream = File.OpenRead(file);
        return SavedDomain.Read(stream);
    });
}
