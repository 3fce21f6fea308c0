using System.Text.Json;
using BootProtocol.Cli.Inspection;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Dumping;

/// <summary>Writes structures field by field as JSON. Offsets count from the file's start.</summary>
internal static class DumpJson
{
    /// <summary>Writes an object with the structures and with what is wrong in them.</summary>
    public static void Write(string file, IReadOnlyList<DumpedStructure> structures, FaultList faults, TextWriter output) =>
        JsonOutput.Write(output, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("file", file);
            writer.WriteStartArray("structures");
            foreach (DumpedStructure dumped in structures)
                Write(writer, dumped);
            writer.WriteEndArray();
            writer.WriteStartArray("faults");
            foreach (string fault in faults.Messages)
                writer.WriteStringValue(fault);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });

    private static void Write(Utf8JsonWriter writer, DumpedStructure dumped)
    {
        writer.WriteStartObject();
        writer.WriteString("name", dumped.Record.Structure.Name);
        writer.WriteNumber("bits", dumped.Record.Variant.Bits);
        writer.WriteNumber("offset", dumped.Offset);
        writer.WriteNumber("length", dumped.Bytes.Length);
        writer.WriteStartArray("fields");
        foreach (RecordRow row in dumped.Rows)
        {
            writer.WriteStartObject();
            writer.WriteString("name", row.Name);
            if (row.Offset is { } offset)
                writer.WriteNumber("offset", offset);
            else
                writer.WriteNull("offset");
            writer.WriteString("bytes", Convert.ToHexStringLower(dumped.BytesOf(row)));
            SpecJson.Write(writer, "value", row.Value);
            writer.WriteString("doc", row.Doc);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
