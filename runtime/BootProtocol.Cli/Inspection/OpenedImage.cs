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

    /// <summary>The file, or a word for standard input or for the image that the tool made.</summary>
    public string Name { get; }

    /// <summary>The image.</summary>
    public BootImage Image { get; }

    /// <summary>Opens an image.</summary>
    /// <param name="path">The file, <c>-</c> for standard input; null for the running system's kernel.</param>
    /// <exception cref="ToolException">It cannot be read, or is no image.</exception>
    public static OpenedImage Open(string? path)
    {
        path ??= RunningKernel.OfSystem().Find();
        string name = path == InputFile.Standard ? InputFile.StandardInputName : path;
        return new OpenedImage(name, InputFile.Open(path, static file => BootImage.Open(file), static stream => BootImage.Open(stream)));
    }

    /// <summary>Opens the tool's own image.</summary>
    /// <param name="word">The word size of its kernel.</param>
    public static OpenedImage OpenSample(WordSize word) => new("(built-in sample)", BootImage.Open(SampleGuest.Create(word)));

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
}
