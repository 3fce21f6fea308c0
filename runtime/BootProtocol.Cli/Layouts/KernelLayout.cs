using BootProtocol.Cli.Inspection;
using BootProtocol.Cli.Reports;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Kernels;
using BootProtocol.Types;

namespace BootProtocol.Cli.Layouts;

/// <summary>Shows structures of a kernel by the types of its C code.</summary>
internal static class KernelLayout
{
    /// <summary>Shows one, or lists all.</summary>
    /// <param name="image">The image; <c>-</c> for standard input.</param>
    /// <param name="name">The structure's name; null for all.</param>
    /// <param name="isOther">Whether something is asked for that is for specs alone.</param>
    /// <param name="asJson">Whether JSON is written.</param>
    /// <param name="console">Where it goes.</param>
    /// <exception cref="ToolException">The image is broken, has no types, or none of that name.</exception>
    public static int Run(string image, string? name, bool isOther, bool asJson, ToolConsole console)
    {
        if (isOther)
        {
            throw new ToolException(
                ExitCode.Usage, "--from shows a kernel's own structures, and --spec and --c are for those of specs; see 'bootproto layout --help'");
        }

        using OpenedImage opened = OpenedImage.Open(image);
        return opened.Read(_ =>
        {
            opened.UnwrapWhole();
            if (opened.Image.FindPayload() is not { } payload)
                throw new ToolException(ExitCode.BadInput, $"{opened.Name}: it has no kernel");
            using var bar = new ProgressBar(console);
            using Kernel kernel = payload.Decompress(progress: bar);
            bar.Total = kernel.Length;
            kernel.DecodeAll();
            KernelTypes types = KernelTypes.Read(kernel.Elf)
                ?? throw new ToolException(ExitCode.BadInput, $"{opened.Name}: it has no types: built without DEBUG_INFO_BTF");
            Show(opened.Name, types, name, asJson, console);
            return ExitCode.Done;
        });
    }

    private static void Show(string file, KernelTypes types, string? name, bool asJson, ToolConsole console)
    {
        if (name is null)
        {
            if (asJson)
                KernelLayoutJson.Write(file, All(types), console.Output);
            else
                ReportPrinter.Print(KernelLayoutReport.Create(file, All(types)), console);
            return;
        }

        if (!types.TryFind(name, out KernelType type))
            throw Unknown(file, types, name);
        if (asJson)
            KernelLayoutJson.Write(file, type, console.Output);
        else
            ReportPrinter.Print(KernelLayoutReport.Create(type), console);
    }

    /// <summary>Structures, unions and enumerations that have a name, each name of a kind once, in the order of names.</summary>
    private static List<KernelType> All(KernelTypes types) =>
    [
        .. Enumerable.Range(1, types.Count - 1).Select(id => types[id])
            .Where(static type => (type.Members.Any() || type.Values.Any()) && type.Name.Length > 0)
            .DistinctBy(static type => (type.Kind, type.Name))
            .OrderBy(static type => type.Name, StringComparer.Ordinal),
    ];

    private static ToolException Unknown(string file, KernelTypes types, string name)
    {
        string hint = NearName.Find(name, All(types).Select(static type => type.Name)) is { } near
            ? $"did you mean '{near}'?"
            : "without a name, all are listed";
        return new ToolException(ExitCode.Usage, $"{file}: no structure of the kernel has the name '{name}'; {hint}");
    }
}
