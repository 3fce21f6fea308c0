using BootProtocol.Images;
using BootProtocol.Sample;

namespace BootProtocol.Cli.Inspection;

/// <summary>The image that a command works on, and its name for people.</summary>
internal sealed class OpenedImage : IDisposable
{
    private OpenedImage(string name, BootImage image)
    {
        Name = name;
        Image = image;
    }

    /// <summary>The file, or a word for the image that the tool made.</summary>
    public string Name { get; }

    /// <summary>The image.</summary>
    public BootImage Image { get; }

    /// <summary>Opens an image.</summary>
    /// <param name="path">The file; null for the running system's kernel if it can be read, and else for the tool's own image.</param>
    /// <exception cref="ToolException">The file cannot be read, or is no image.</exception>
    public static OpenedImage Open(string? path)
    {
        if (path is not null)
            return OpenFile(path);
        return RunningKernel.TryOpen(out string? file, out BootImage? image)
            ? new OpenedImage(file, image)
            : new OpenedImage("(built-in sample)", BootImage.Open(SampleGuest.Create(WordSize.Bits64)));
    }

    /// <summary>Reads something of the image.</summary>
    /// <exception cref="ToolException">The image is broken.</exception>
    public T Read<T>(Func<BootImage, T> read)
    {
        try
        {
            return read(Image);
        }
        catch (BootFormatException exception)
        {
            throw new ToolException(ExitCode.BadInput, $"{Name}: {exception.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Image.Dispose();

    private static bool IsPath(string path) => path.Length > 0 && !path.Contains('\0', StringComparison.Ordinal);

    private static OpenedImage OpenFile(string path)
    {
        try
        {
            return new OpenedImage(path, BootImage.Open(path));
        }
        catch (BootFormatException exception)
        {
            throw new ToolException(ExitCode.BadInput, $"{path}: {exception.Message}");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException || !IsPath(path))
        {
            throw new ToolException(ExitCode.BadInput, $"{(path.Length == 0 ? "''" : path)}: no such file");
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
}
