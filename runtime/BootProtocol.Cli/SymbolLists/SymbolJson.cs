using System.Globalization;
using System.Text.Json;
using BootProtocol.Symbols;
using BootProtocol.Symbols.Rust;

namespace BootProtocol.Cli.SymbolLists;

/// <summary>Writes symbols as JSON.</summary>
internal static class SymbolJson
{
    /// <summary>Writes the document.</summary>
    /// <param name="name">The image's name.</param>
    /// <param name="symbols">What the kernel has.</param>
    /// <param name="filter">Which of it is asked for.</param>
    /// <param name="output">Where it goes.</param>
    public static void Write(string name, KernelSymbols symbols, SymbolFilter filter, TextWriter output)
    {
        IEnumerable<KernelSymbol> asked = filter.Of(symbols);
        JsonOutput.WriteLong(output, (writer, flush) =>
        {
            writer.WriteStartObject();
            writer.WriteString("file", name);
            writer.WriteString("form", FormName(symbols.Form));
            writer.WriteBoolean("sorted_by_name", symbols.HasOrder);
            writer.WriteNumber("total", symbols.Count);
            writer.WriteStartArray("symbols");
            foreach (KernelSymbol symbol in asked)
            {
                Write(writer, symbol, filter);
                flush();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter writer, KernelSymbol symbol, SymbolFilter filter)
    {
        writer.WriteStartObject();
        writer.WriteString("address", symbol.Address.ToString());
        writer.WriteString("kind", [symbol.Kind]);
        writer.WriteString("name", symbol.NameBytes);
        if (filter.IsDemangled)
            writer.WriteString("demangled", RustName.Demangle(symbol.Name));
        writer.WriteNumber("size", symbol.Size);
        if (filter.Address is { } place)
            writer.WriteString("offset", string.Create(CultureInfo.InvariantCulture, $"0x{place - symbol.Address.Value:x}"));
        writer.WriteEndObject();
    }

    private static string FormName(KernelSymbolForm form) => form switch
    {
        KernelSymbolForm.Absolute => "absolute",
        KernelSymbolForm.BaseRelative => "base-relative",
        KernelSymbolForm.BaseRelativeOrAbsolute => "base-relative-or-absolute",
        KernelSymbolForm.PlaceRelative => "place-relative",
        _ => "image-relative",
    };
}
