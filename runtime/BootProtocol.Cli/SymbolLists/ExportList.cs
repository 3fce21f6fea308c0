using System.Globalization;
using BootProtocol.Specs;
using BootProtocol.Symbols;

namespace BootProtocol.Cli.SymbolLists;

/// <summary>Writes what a kernel exports to its modules.</summary>
internal static class ExportList
{
    /// <summary>Writes lines as <c>Module.symvers</c> has them: checksum, name, module, kind, namespace, with tabs between.</summary>
    public static void WriteMap(IEnumerable<KernelExport> exports, TextWriter output)
    {
        foreach (KernelExport export in exports)
        {
            string kind = export.IsGplOnly ? "EXPORT_SYMBOL_GPL" : "EXPORT_SYMBOL";
            string space = SpecText.Printable(export.NamespaceName);
            output.Write(string.Create(CultureInfo.InvariantCulture, $"0x{export.Crc:x8}\t{export.Name}\tvmlinux\t{kind}\t{space}\n"));
        }
    }

    /// <summary>Writes a JSON document.</summary>
    /// <param name="name">The image's name.</param>
    /// <param name="exports">What it exports.</param>
    /// <param name="output">Where it goes.</param>
    public static void WriteJson(string name, IEnumerable<KernelExport> exports, TextWriter output) => JsonOutput.WriteLong(output, (writer, flush) =>
    {
        writer.WriteStartObject();
        writer.WriteString("file", name);
        writer.WriteStartArray("exports");
        foreach (KernelExport export in exports)
        {
            writer.WriteStartObject();
            writer.WriteString("name", export.Name);
            writer.WriteString("address", export.Address.ToString());
            writer.WriteString("crc", string.Create(CultureInfo.InvariantCulture, $"0x{export.Crc:x8}"));
            writer.WriteBoolean("gpl_only", export.IsGplOnly);
            writer.WriteString("namespace", export.NamespaceName);
            writer.WriteEndObject();
            flush();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
