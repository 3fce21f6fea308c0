using System.CommandLine;
using BootProtocol.Cli.Inspection;

namespace BootProtocol.Cli.Commands;

/// <summary>The argument and the option by which commands are given the image that they work on.</summary>
internal sealed class ImageSource
{
    /// <summary>The argument's name in help.</summary>
    public const string HelpName = "IMAGE";

    private readonly Argument<string?> _image = new(HelpName)
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "A kernel image; - is standard input. Without it: the running system's kernel.",
    };

    private readonly Option<bool> _sample = new("--sample") { Description = "Take the sample guest that is built in, in place of an image." };

    /// <summary>Makes them.</summary>
    public ImageSource() => ArgumentRules.RefuseOptions(_image);

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_image);
        command.Add(_sample);
    }

    /// <summary>The file; null if none was named.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="isSample">Whether the sample guest is to be taken.</param>
    /// <exception cref="ToolException">A file was named, and the sample guest asked for.</exception>
    public string? Read(ParseResult parsed, out bool isSample)
    {
        string? image = parsed.GetValue(_image);
        isSample = parsed.GetValue(_sample);
        return image is null || !isSample
            ? image
            : throw new ToolException(ExitCode.Usage, "--sample is for the built-in sample guest, and an image was given");
    }

    /// <summary>Opens the image.</summary>
    /// <exception cref="ToolException">It cannot be read, or is none, or the command line is wrong.</exception>
    public OpenedImage Open(ParseResult parsed)
    {
        string? path = Read(parsed, out bool isSample);
        return isSample ? OpenedImage.OpenSample(WordSize.Bits64) : OpenedImage.Open(path);
    }
}
