using System.CommandLine;
using System.Globalization;
using BootProtocol.Cli.Inspection;
using BootProtocol.Elf;
using BootProtocol.Kernels;
using BootProtocol.Specs;
using BootProtocol.Symbols;
using BootProtocol.Types;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto extract [IMAGE] -o FILE [--what PART]</c>: takes a part out of an image, byte for byte.</summary>
internal static class ExtractCommand
{
    private const string Vmlinux = "vmlinux";
    private const string Payload = "payload";
    private const string Setup = "setup";
    private const string Relocations = "relocs";
    private const string Configuration = "config";
    private const string Types = "btf";
    private static readonly string[] _parts = [Vmlinux, Payload, Setup, Relocations, Configuration, Types];

    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var image = new ImageSource();
        var file = new Option<string>("--output", "-o")
        {
            Description = "The file to write, which appears whole or not at all; - is standard output.",
            HelpName = "FILE",
            Required = true,
        };
        var what = new Option<string>("--what")
        {
            Description = "The decompressed kernel with what is appended to it (vmlinux, unless another is named), the compressed payload, "
                + "the setup part, the appended relocations, the embedded configuration, the types of its C code (BTF), "
                + "or a section of a unified kernel image (.initrd).",
            HelpName = "vmlinux|payload|setup|relocs|config|btf|.SECTION",
            DefaultValueFactory = _ => Vmlinux,
        };
        what.CompletionSources.Add(_parts);
        what.Validators.Add(static result =>
        {
            string part = result.GetValueOrDefault<string>();
            if (!part.StartsWith('.') && !_parts.Contains(part))
                result.AddError($"'{part}' is no part of an image: {string.Join(", ", _parts)}, or a section such as .initrd");
        });
        var symbols = new Option<bool>("--symbols")
        {
            Description = "Write the decompressed kernel with the symbols that it has for its own messages as a symbol table, for gdb, nm and objdump.",
        };
        var command = new Command("extract", "Take a part out of an image, byte for byte.");
        image.AddTo(command);
        command.Add(file);
        command.Add(what);
        command.Add(symbols);
        command.SetAction(parsed =>
        {
            bool withSymbols = parsed.GetValue(symbols);
            if (withSymbols && parsed.GetValue(what) != Vmlinux)
            {
                throw new ToolException(
                    ExitCode.Usage, "--symbols is for the decompressed kernel, and --what names another part; see 'bootproto extract --help'");
            }

            using OpenedImage opened = image.Open(parsed);
            return Run(opened, parsed.GetValue(file)!, parsed.GetValue(what)!, withSymbols, console);
        });
        return command;
    }

    private static int Run(OpenedImage opened, string file, string what, bool withSymbols, ToolConsole console)
    {
        long length = opened.Read<long>(_ =>
        {
            opened.UnwrapWhole();
            if (withSymbols)
                return SaveWithSymbols(opened, file, console);
            if (what.StartsWith('.'))
                return Save(file, SectionOf(opened, what));
            return what switch
            {
                Setup => Save(file, SetupOf(opened)),
                Payload => Save(file, PayloadOf(opened).Bytes),
                _ => SaveFromKernel(opened, file, what, console),
            };
        });
        if (OutputFile.IsStandardOutput(file))
            return ExitCode.Done;
        string name = SpecText.Printable($"{file}: {what}{(withSymbols ? " with symbols" : "")}");
        console.Output.Write(string.Create(CultureInfo.InvariantCulture, $"{name}, {length} bytes\n"));
        return ExitCode.Done;
    }

    private static int SaveFromKernel(OpenedImage opened, string file, string what, ToolConsole console)
    {
        using var bar = new ProgressBar(console);
        using Kernel kernel = PayloadOf(opened).Decompress(progress: bar);
        bar.Total = kernel.Length;
        ReadOnlyMemory<byte> all = kernel.DecodeAll();
        return Save(file, what switch
        {
            Relocations => kernel.Relocations is { } table ? all[(int)table.Offset..] : throw None(opened, "appended relocations"),
            Configuration => kernel.Configuration ?? throw None(opened, "embedded configuration (CONFIG_IKCONFIG)"),
            Types => TypesOf(opened, kernel, all),
            _ => all,
        });
    }

    private static long SaveWithSymbols(OpenedImage opened, string file, ToolConsole console)
    {
        // A kernel that is no packed one may have symbols for its own messages, too.
        if (opened.Image.FindPayload() is not { } payload)
            throw None(opened, "kernel");
        using var bar = new ProgressBar(console);
        using Kernel kernel = payload.Decompress(progress: bar);
        bar.Total = kernel.Length;
        KernelSymbols symbols = kernel.Symbols ?? throw None(opened, "symbols: built without KALLSYMS");
        long length = 0;
        KernelFrames? frames = FramesOf(opened, kernel, symbols, console);
        OutputFile.Write(file, stream => length = SymbolElf.Write(kernel.Elf, symbols, stream, frames));
        return length;
    }

    /// <summary>The stack frames; without them, symbols are still of use.</summary>
    private static KernelFrames? FramesOf(OpenedImage opened, Kernel kernel, KernelSymbols symbols, ToolConsole console)
    {
        try
        {
            return KernelFrames.Read(kernel.Elf, symbols);
        }
        catch (BootFormatException exception)
        {
            console.Error.Write($"warning: {SpecText.Printable(opened.Name)}: backtraces end early: {SpecText.Printable(exception.Message)}\n");
            return null;
        }
    }

    /// <summary>The section whole, as the running kernel shows it in /sys/kernel/btf/vmlinux.</summary>
    private static ReadOnlyMemory<byte> TypesOf(OpenedImage opened, Kernel kernel, ReadOnlyMemory<byte> all)
    {
        if (!kernel.Elf.Sections.TryFind(KernelTypes.SectionName, out Section section) || section.Bytes.IsEmpty)
            throw None(opened, "types (CONFIG_DEBUG_INFO_BTF)");
        return all.Slice((int)section.FileOffset, (int)section.Size);
    }

    private static int Save(string file, ReadOnlyMemory<byte> part)
    {
        OutputFile.Write(file, stream => stream.Write(part.Span), part.Length);
        return part.Length;
    }

    private static ReadOnlyMemory<byte> SetupOf(OpenedImage opened) => opened.Image.IsLinux
        ? opened.Image.Memory[..opened.Image.SetupLength]
        : throw None(opened, "setup part (it is no Linux image)");

    private static KernelPayload PayloadOf(OpenedImage opened) => opened.Image.FindPayload() switch
    {
        null => throw None(opened, "payload"),
        { Origin: PayloadOrigin.Image } => throw None(opened, "packed kernel: it is its own kernel"),
        { } payload => payload,
    };

    private static ReadOnlyMemory<byte> SectionOf(OpenedImage opened, string name)
    {
        if (opened.UnifiedKernel is not { } unified)
            throw new ToolException(ExitCode.BadInput, $"{opened.Name}: section {name}: it is no unified kernel image, which has a section .linux");
        return unified.Profiles[0].Find(name)?.Bytes ?? throw None(opened, $"section {name} of a unified kernel image");
    }

    private static ToolException None(OpenedImage opened, string what) =>
        new(ExitCode.BadInput, $"{opened.Name}: it has no {what}");
}
