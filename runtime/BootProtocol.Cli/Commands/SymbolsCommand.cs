using System.Collections.Immutable;
using System.CommandLine;
using BootProtocol.Cli.Inspection;
using BootProtocol.Cli.SymbolLists;
using BootProtocol.Kernels;
using BootProtocol.Symbols;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto symbols [IMAGE]</c>: the symbols of the kernel in an image, or of Xen.</summary>
internal static class SymbolsCommand
{
    private const string Map = "map";
    private const string Json = "json";

    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var image = new ImageSource();
        var format = new Option<string>("--format")
        {
            Description = "What is written: lines as /proc/kallsyms and System.map have them (map is the default), or JSON.",
            HelpName = $"{Map}|{Json}",
            DefaultValueFactory = static _ => Map,
        };
        format.AcceptOnlyFromAmong(Map, Json);
        var json = new Option<bool>("--json") { Description = "Write JSON: the same as --format json." };
        var grep = new Option<string?>("--grep")
        {
            Description = "Only symbols whose names match a regular expression.",
            HelpName = "RE",
        };
        var at = new Option<string?>("--at")
        {
            Description = "The symbol that an address belongs to, as linked, as NAME+0xOFFSET/0xSIZE.",
            HelpName = "ADDRESS",
        };
        var exports = new Option<bool>("--exports")
        {
            Description = "What the kernel exports to its modules, as Module.symvers has it: checksum, name, who may use it, namespace.",
        };
        var demangle = new Option<bool>("--demangle") { Description = "Names of Rust as people write them, for --grep, too." };
        var command = new Command("symbols", "Show the symbols that a kernel, or Xen, has for its own messages (CONFIG_KALLSYMS).");
        image.AddTo(command);
        command.Add(format);
        command.Add(json);
        command.Add(grep);
        command.Add(at);
        command.Add(demangle);
        command.Add(exports);
        command.SetAction(parsed =>
        {
            bool isExports = parsed.GetValue(exports);
            if (isExports && parsed.GetValue(at) is not null)
                throw new ToolException(ExitCode.Usage, "--exports and --at exclude each other; see 'bootproto symbols --help'");
            if (isExports && parsed.GetValue(demangle))
                throw new ToolException(ExitCode.Usage, "--exports and --demangle exclude each other; see 'bootproto symbols --help'");
            SymbolFilter filter = SymbolFilter.Parse(parsed.GetValue(grep), parsed.GetValue(at), parsed.GetValue(demangle));
            bool asJson = parsed.GetValue(json) || parsed.GetValue(format) == Json;
            using OpenedImage opened = image.Open(parsed);
            return isExports ? ShowExports(opened, filter, asJson, console) : Run(opened, filter, asJson, console);
        });
        return command;
    }

    private static int Run(OpenedImage opened, SymbolFilter filter, bool asJson, ToolConsole console)
    {
        KernelSymbols symbols = opened.Read(_ => Read(opened, console, static kernel => kernel.Symbols))
            ?? throw new ToolException(ExitCode.BadInput, $"{opened.Name}: it has no symbols: built without KALLSYMS");
        if (asJson)
            SymbolJson.Write(opened.Name, symbols, filter, console.Output);
        else if (filter.Address is { } address)
            SymbolMap.WritePlace(filter.Of(symbols).Single(), address, filter.IsDemangled, console.Output);
        else if (filter.IsDemangled)
            SymbolMap.WriteDemangled(filter.Of(symbols), console.Output);
        else
            SymbolMap.Write(filter.Of(symbols), symbols.Word, console.Output);
        return ExitCode.Done;
    }

    private static int ShowExports(OpenedImage opened, SymbolFilter filter, bool asJson, ToolConsole console)
    {
        ImmutableArray<KernelExport> all = opened.Read(_ => Read(opened, console, static kernel =>
        {
            kernel.DecodeAll();
            return KernelExports.Read(kernel.Elf);
        })) ?? throw new ToolException(ExitCode.BadInput, $"{opened.Name}: it exports nothing: built without MODULES");
        IEnumerable<KernelExport> asked = filter.Pattern is { } pattern ? all.Where(export => pattern.IsMatch(export.Name)) : all;
        if (asJson)
            ExportList.WriteJson(opened.Name, asked, console.Output);
        else
            ExportList.WriteMap(asked, console.Output);
        return ExitCode.Done;
    }

    private static T Read<T>(OpenedImage opened, ToolConsole console, Func<Kernel, T> read)
    {
        opened.UnwrapWhole();
        if (opened.Image.FindPayload() is not { } payload)
            throw new ToolException(ExitCode.BadInput, $"{opened.Name}: it has no kernel");
        using var bar = new ProgressBar(console);
        using Kernel kernel = payload.Decompress(progress: bar);
        bar.Total = kernel.Length;
        return read(kernel);
    }
}
