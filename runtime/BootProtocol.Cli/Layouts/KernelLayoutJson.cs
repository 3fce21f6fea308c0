using System.Globalization;
using System.Text.Json;
using BootProtocol.Types;

namespace BootProtocol.Cli.Layouts;

/// <summary>Writes types of a kernel as JSON.</summary>
internal static class KernelLayoutJson
{
    /// <summary>Writes one type with its members or values.</summary>
    public static void Write(string file, KernelType type, TextWriter output) => JsonOutput.Write(output, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("file", file);
        Head(writer, type);
        writer.WriteStartArray("members");
        foreach (KernelRow row in KernelRow.Of(type))
            Write(writer, row);
        writer.WriteEndArray();
        writer.WriteStartArray("values");
        foreach (KernelTypeValue value in type.Values)
        {
            writer.WriteStartObject();
            writer.WriteString("name", value.Name);
            writer.WritePropertyName("value");
            writer.WriteRawValue(value.Value.ToString(CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>Writes the names and sizes of types.</summary>
    public static void Write(string file, IReadOnlyList<KernelType> types, TextWriter output) => JsonOutput.WriteLong(output, (writer, flush) =>
    {
        writer.WriteStartObject();
        writer.WriteString("file", file);
        writer.WriteStartArray("types");
        foreach (KernelType type in types)
        {
            writer.WriteStartObject();
            Head(writer, type);
            writer.WriteEndObject();
            flush();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void Head(Utf8JsonWriter writer, KernelType type)
    {
        writer.WriteString("type", type.ToString());
        writer.WriteNumber("size", type.Size);
    }

    private static void Write(Utf8JsonWriter writer, KernelRow row)
    {
        writer.WriteStartObject();
        writer.WriteString("name", row.Name);
        writer.WriteNumber("offset", row.BitOffset / 8);
        writer.WriteNumber("size", row.Type.Size);
        writer.WriteString("type", row.Type.ToString());
        if (row.BitSize > 0)
        {
            writer.WriteNumber("bit_offset", row.BitOffset % 8);
            writer.WriteNumber("bits", row.BitSize);
        }

        writer.WriteEndObject();
    }
}
