using System.Globalization;

namespace BootProtocol.Kexec.Host;

/// <summary>Files in which the running kernel shows what it is and what it runs on.</summary>
/// <param name="root">The folder under which the system's folders are.</param>
internal sealed class HostFiles(string root)
{
    /// <summary>Whether there is such a file or folder.</summary>
    public bool Exists(string path) => Path.Exists(Path.Combine(root, path));

    /// <summary>A file's text, without white space around it; null if it cannot be read.</summary>
    public string? TryReadText(string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, path)).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A file's text, without white space around it.</summary>
    /// <exception cref="KexecUnavailableException">It cannot be read.</exception>
    public string ReadText(string path) => Read(path, static file => File.ReadAllText(file).Trim());

    /// <summary>A file's lines.</summary>
    /// <exception cref="KexecUnavailableException">It cannot be read.</exception>
    public string[] ReadLines(string path) => Read(path, File.ReadAllLines);

    /// <summary>A file's bytes.</summary>
    /// <exception cref="KexecUnavailableException">It cannot be read.</exception>
    public byte[] ReadBytes(string path) => Read(path, File.ReadAllBytes);

    /// <summary>The first bytes of a file, as many as it has.</summary>
    /// <exception cref="KexecUnavailableException">It cannot be read.</exception>
    public byte[] ReadHead(string path, int length) => Read(path, file =>
    {
        byte[] bytes = new byte[length];
        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        int read = stream.ReadAtLeast(bytes, length, throwOnEndOfStream: false);
        return bytes[..read];
    });

    /// <summary>A file that holds one number: hexadecimal behind 0x, else decimal.</summary>
    /// <exception cref="KexecUnavailableException">It cannot be read, or holds something else.</exception>
    public ulong ReadNumber(string path)
    {
        string text = ReadText(path);
        return TryNumber(text, out ulong number) ? number : throw Unexpected(path, "a number", text);
    }

    /// <summary>Reads a number: hexadecimal behind 0x, else decimal.</summary>
    public static bool TryNumber(string text, out ulong number) => text.StartsWith("0x", StringComparison.Ordinal)
        ? TryHexadecimal(text[2..], out number)
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>Reads hexadecimal digits.</summary>
    public static bool TryHexadecimal(string text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);

    /// <summary>The folders in a folder whose names are a word and a number, ascending by it, as paths from the root; none if it is not there.</summary>
    public IEnumerable<string> NumberedFolders(string path, string word)
    {
        string folder = Path.Combine(root, path);
        if (!Directory.Exists(folder))
            return [];
        return Directory.GetDirectories(folder)
            .Select(static full => Path.GetFileName(full))
            .Where(name => name.StartsWith(word, StringComparison.Ordinal) && int.TryParse(name[word.Length..], out _))
            .OrderBy(name => int.Parse(name[word.Length..], CultureInfo.InvariantCulture))
            .Select(name => $"{path}/{name}");
    }

    /// <summary>The refusal of a file that does not hold what it should.</summary>
    public static KexecUnavailableException Unexpected(string path, string expected, string found) =>
        new($"/{path}: expected {expected}, found '{found}'");

    private T Read<T>(string path, Func<string, T> read)
    {
        try
        {
            return read(Path.Combine(root, path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KexecUnavailableException($"/{path} cannot be read: {exception.Message}", exception);
        }
    }
}
