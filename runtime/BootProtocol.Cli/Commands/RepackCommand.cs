using System.CommandLine;
using System.Globalization;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Inspection;
using BootProtocol.Repack;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto repack IMAGE -o FILE ...</c>: makes another image of one.</summary>
internal static class RepackCommand
{
    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var image = new Argument<string>(ImageSource.HelpName) { Description = "A bzImage or a unified kernel image; - is standard input." };
        ArgumentRules.RefuseOptions(image);
        var file = new Option<string>("--output", "-o")
        {
            Description = "The file to write, which appears whole or not at all; - is standard output.",
            HelpName = "FILE",
            Required = true,
        };
        var vmlinux = new Option<string?>("--vmlinux")
        {
            Description = "The decompressed kernel with what is appended to it, as 'extract' writes it, changed, but of the same size.",
            HelpName = "FILE",
        };
        var strip = new Option<bool>("--strip-signature")
        {
            Description = "Take the signature off, which a change makes wrong; without this a signed image is refused.",
        };
        var command = new Command("repack", "Make another image of one: with another kernel, initial ramdisk, command line or sections in it.")
        {
            image, file, vmlinux, strip,
        };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(image)!;
            InputFile.RequireOneStandard(path, parsed.GetValue(vmlinux));
            return Interruption.During(interruption =>
            {
                using var inputs = new InputFiles();
                using OpenedImage opened = OpenedImage.Open(path);
                var request = new ImageRepacker
                {
                    Vmlinux = OpenIfGiven(inputs, parsed.GetValue(vmlinux)),
                    StripSignature = parsed.GetValue(strip),
                    Cancellation = interruption.Token,
                };
                RepackedImage changed = opened.Read(_ => request.Repack(opened.File));
                Save(parsed.GetValue(file)!, changed, console);
                return ExitCode.Done;
            });
        });
        return command;
    }

    /// <summary>No file is not an empty one.</summary>
    private static ReadOnlyMemory<byte>? OpenIfGiven(InputFiles inputs, string? path)
    {
        if (path is null)
            return null;
        return inputs.Open(path);
    }

    private static void Save(string file, RepackedImage image, ToolConsole console)
    {
        OutputFile.Write(file, image.WriteTo, image.Length);
        if (OutputFile.IsStandardOutput(file))
            return;
        string packed = image.Packing is { } packing
            ? string.Create(CultureInfo.InvariantCulture, $"; kernel packed with {packing.Method}: {packing.Length} of {packing.Room} bytes")
            : "";
        console.Output.Write(string.Create(CultureInfo.InvariantCulture, $"{file}: {image.Length} bytes{packed}\n"));
    }
}
