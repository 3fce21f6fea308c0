using System.Text.Json;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Layouts;

/// <summary>Writes the layout of structures as JSON. Offsets count from the structure's own start.</summary>
internal static class StructureJson
{
    /// <summary>Writes one structure as an object.</summary>
    public static void Write(SpecStructure structure, TextWriter output) =>
        JsonOutput.Write(output, writer => Write(writer, structure));

    /// <summary>Writes structures as an array.</summary>
    public static void Write(IReadOnlyList<SpecStructure> structures, TextWriter output) => JsonOutput.Write(output, writer =>
    {
        writer.WriteStartArray();
        foreach (SpecStructure structure in structures)
            Write(writer, structure);
        writer.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter writer, SpecStructure structure)
    {
        writer.WriteStartObject();
        writer.WriteString("name", structure.Name);
        writer.WriteBoolean("packed", structure.IsPacked);
        writer.WriteStartArray("variants");
        foreach (SpecVariant variant in structure.Variants)
        {
            writer.WriteStartObject();
            writer.WriteNumber("bits", variant.Bits);
            writer.WriteNumber("size", variant.Size);
            writer.WriteStartArray("fields");
            foreach (SpecField field in variant.Fields)
            {
                if (field.Name.Length > 0)
                    Write(writer, field);
            }

            writer.WriteEndArray();
            if (!variant.Tail.IsEmpty)
                Write(writer, variant);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("computed");
        foreach (SpecComputed computed in structure.Computed)
            Write(writer, computed);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Writes the rows behind the fixed part.</summary>
    private static void Write(Utf8JsonWriter writer, SpecVariant variant)
    {
        writer.WriteNumber("step", variant.Step);
        writer.WriteStartArray("following");
        foreach (SpecTail row in variant.Tail)
        {
            if (row.Field.Name.Length == 0)
                continue;
            writer.WriteStartObject();
            writer.WriteString("name", row.Field.Name);
            writer.WriteString("type", row.Field.Type);
            writer.WriteNumber("elementSize", row.Field.ElementSize);
            writer.WriteString("count", row.Extent == SpecExtent.Open ? ".." : row.CountName ?? "");
            writer.WriteString("bytes", row.BytesName ?? "");
            writer.WriteString("until", row.UntilField is { } until ? StructureReport.Until(until, row.UntilValue) : "");
            writer.WriteString("by", row.TagName ?? "");
            writer.WriteString("when", row.Condition?.Text ?? "");
            writer.WriteNumber("alignment", row.Alignment);
            writer.WriteString("access", row.Field.Access);
            writer.WriteString("doc", row.Field.Doc);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, SpecComputed computed)
    {
        writer.WriteStartObject();
        writer.WriteString("name", computed.Name);
        writer.WriteString("formula", computed.Formula.Text);
        writer.WriteString("gate", computed.Gate?.Text ?? "");
        writer.WriteString("doc", computed.Doc);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, SpecField field)
    {
        writer.WriteStartObject();
        writer.WriteString("name", field.Name);
        writer.WriteNumber("offset", field.Offset);
        writer.WriteNumber("size", field.Size);
        writer.WriteString("type", field.Type);
        writer.WriteString("gate", field.Gate?.Text ?? "");
        writer.WriteString("when", field.Condition?.Text ?? "");
        writer.WriteString("access", field.Access);
        writer.WriteString("doc", field.Doc);
        writer.WriteEndObject();
    }
}
