using System.CommandLine;
using System.Globalization;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Inspection;
using BootProtocol.Repack;
using BootProtocol.Specs;

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
            Description = "The decompressed kernel with what is appended to it, as 'extract' writes it, changed, but of the same size. "
                + "In a unified kernel image: that of the kernel in it (--section .linux=FILE takes a whole one).",
            HelpName = "FILE",
        };
        var initramfs = new Option<string?>("--initramfs")
        {
            Description = "The initial RAM file system: a folder, or an archive. In a bzImage: the one that is linked into the kernel, no longer than "
                + "that is; in a unified kernel image: section .initrd.",
            HelpName = "DIR|FILE",
        };
        var commandLine = new Option<string?>("--cmdline")
        {
            Description = "The command line. In a bzImage: the one that is built into the kernel, which few have; in a unified kernel image: section .cmdline.",
            HelpName = "TEXT",
        };
        var sections = new Option<string[]>("--section")
        {
            Description = "A section of a unified kernel image, replaced or added; may be given several times.",
            HelpName = "NAME=FILE",
            AllowMultipleArgumentsPerToken = false,
        };
        sections.Validators.Add(static result =>
        {
            foreach (string value in result.GetValueOrDefault<string[]>() ?? [])
            {
                if (value.IndexOf('=', StringComparison.Ordinal) < 1)
                    result.AddError($"--section takes NAME=FILE, and '{value}' is none");
            }
        });
        var removed = new Option<string[]>("--remove-section")
        {
            Description = "A section of a unified kernel image that is taken out; may be given several times.",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = false,
        };
        var strip = new Option<bool>("--strip-signature")
        {
            Description = "Take signatures off, which a change makes wrong; without this a signed image is refused.",
        };
        var command = new Command("repack", "Make another image of one: with another kernel, initial ramdisk, command line or sections in it.")
        {
            image, file, vmlinux, initramfs, commandLine, sections, removed, strip,
        };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(image)!;
            (string Name, string File)[] given = [.. (parsed.GetValue(sections) ?? []).Select(Split)];
            string?[] files = [parsed.GetValue(vmlinux), parsed.GetValue(initramfs), .. given.Select(static section => section.File)];
            string[] taken = parsed.GetValue(removed) ?? [];
            bool isStripped = parsed.GetValue(strip);
            if (Array.TrueForAll(files, static file => file is null) && taken.Length == 0 && parsed.GetValue(commandLine) is null && !isStripped)
                throw new ToolException(ExitCode.Usage, "nothing is to be changed; see 'bootproto repack --help'");
            InputFile.RequireOneStandard([path, .. files]);
            return Interruption.During(interruption =>
            {
                using var inputs = new InputFiles();
                using var opened = OpenedImage.Open(path);
                var request = new ImageRepacker
                {
                    Vmlinux = OpenIfGiven(inputs, parsed.GetValue(vmlinux)),
                    Initramfs = OpenArchive(inputs, parsed.GetValue(initramfs)),
                    CommandLine = parsed.GetValue(commandLine),
                    Sections =
                    [
                        .. given.Select(section => new SectionChange(section.Name, inputs.Open(section.File))),
                        .. taken.Select(static name => new SectionChange(name, null)),
                    ],
                    StripSignature = isStripped,
                    Cancellation = interruption.Token,
                };
                Save(parsed.GetValue(file)!, opened.Read(_ => request.Repack(opened.File)), console);
                return ExitCode.Done;
            });
        });
        return command;
    }

    private static (string Name, string File) Split(string section)
    {
        int at = section.IndexOf('=', StringComparison.Ordinal);
        return (section[..at], section[(at + 1)..]);
    }

    /// <summary>A folder is made into an archive.</summary>
    private static ReadOnlyMemory<byte>? OpenArchive(InputFiles inputs, string? path)
    {
        if (path is null || !Directory.Exists(path))
            return OpenIfGiven(inputs, path);
        return InputFile.Open(path, static folder =>
        {
            try
            {
                return InitramfsArchive.OfFolder(folder);
            }
            catch (UnauthorizedAccessException exception)
            {
                throw new ToolException(ExitCode.BadInput, $"{folder}: holds what may not be read by this user: {exception.Message}");
            }
        });
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
        console.Output.Write(string.Create(CultureInfo.InvariantCulture, $"{SpecText.Printable(file)}: {image.Length} bytes{packed}\n"));
    }
}
