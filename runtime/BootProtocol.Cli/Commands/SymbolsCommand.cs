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
            Description = "What is written: lines as /proc/kallsyms and System.map have them (map, unless told), or JSON.",
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
        var command = new Command("symbols", "Show the symbols that a kernel, or Xen, has for its own messages (CONFIG_KALLSYMS).");
        image.AddTo(command);
        command.Add(format);
        command.Add(json);
        command.Add(grep);
        command.Add(at);
        command.SetAction(parsed =>
        {
            SymbolFilter filter = SymbolFilter.Parse(parsed.GetValue(grep), parsed.GetValue(at));
            bool asJson = parsed.GetValue(json) || parsed.GetValue(format) == Json;
            using OpenedImage opened = image.Open(parsed);
            return Run(opened, filter, asJson, console);
        });
        return command;
    }

    private static int Run(OpenedImage opened, SymbolFilter filter, bool asJson, ToolConsole console)
    {
        KernelSymbols symbols = opened.Read(_ => Read(opened, console));
        if (asJson)
            SymbolJson.Write(opened.Name, symbols, filter, console.Output);
        else if (filter.Address is { } address)
            SymbolMap.WritePlace(filter.Of(symbols).Single(), address, console.Output);
        else
            SymbolMap.Write(filter.Of(symbols), symbols.Word, console.Output);
        return ExitCode.Done;
    }

    private static KernelSymbols Read(OpenedImage opened, ToolConsole console)
    {
        opened.UnwrapWhole();
        if (opened.Image.FindPayload() is not { } payload)
            throw new ToolException(ExitCode.BadInput, $"{opened.Name}: it has no kernel");
        using var bar = new ProgressBar(console);
        using Kernel kernel = payload.Decompress(progress: bar);
        bar.Total = kernel.Length;
        return kernel.Symbols
            ?? throw new ToolException(ExitCode.BadInput, $"{opened.Name}: it has no symbols: built without KALLSYMS");
    }
}
