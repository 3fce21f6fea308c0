using BootProtocol.Decompress;
using BootProtocol.Images;
using BootProtocol.Sample;

namespace BootProtocol.Cli.Inspection;

/// <summary>The image that a command works on, and its name for people.</summary>
internal sealed class OpenedImage : IDisposable
{
    private OpenedImage(string name, BootImage image)
    {
        Name = name;
        File = image;
        Image = image;
    }

    /// <summary>The file, or a word for standard input or for the image that the tool made.</summary>
    public string Name { get; }

    /// <summary>The file itself.</summary>
    public BootImage File { get; }

    /// <summary>The image that it is about: once it is unwrapped, the innermost that can be opened.</summary>
    public BootImage Image { get; private set; }

    /// <summary>The unified kernel image that the image is in; null if it is in none.</summary>
    public UnifiedKernelImage? UnifiedKernel { get; private set; }

    /// <summary>The compressions around the image, the outermost first, by their names.</summary>
    public IReadOnlyList<string> Compressions { get; private set; } = [];

    /// <summary>The outermost image that has PE headers, which is the one that firmware and signatures are about.</summary>
    public BootImage PeImage => UnifiedKernelFile ?? (File.TryGetPe(out _) ? File : Image);

    private BootImage? UnifiedKernelFile { get; set; }

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

    /// <summary>Goes from a compressed file or a unified kernel image to the image in it, as far as that can be opened.</summary>
    /// <exception cref="BootFormatException">What is in it cannot be decoded, or is no image.</exception>
    public void Unwrap()
    {
        while (true)
        {
            if (Image.UnifiedKernel is { } unified)
            {
                UnifiedKernel = unified;
                UnifiedKernelFile = Image;
            }

            bool isCompressed = Image.Kind == ImageKind.Compressed;
            if (isCompressed && PayloadFormats.TryDetect(Image.Bytes, out PayloadFormat format))
                Compressions = [.. Compressions, PayloadFormats.Name(format)];
            if (Image.Inner is not { } inner)
                return;
            Image = inner;
        }
    }

    /// <summary>Checks that the file, and each image in it, is whole, and goes to the innermost.</summary>
    /// <exception cref="BootFormatException">One is not, or is no image.</exception>
    public void UnwrapWhole()
    {
        File.EnsureComplete();
        Unwrap();
        Image.EnsureComplete();
    }

    /// <summary>Reads something of the image.</summary>
    /// <exception cref="ToolException">The image is broken.</exception>
    public T Read<T>(Func<OpenedImage, T> read)
    {
        try
        {
            return read(this);
        }
        catch (BootException exception)
        {
            throw new ToolException(ExitCode.BadInput, $"{Name}: {exception.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => File.Dispose();
}
