using System.Text.Json;

namespace BootProtocol.Cli.Inspection;

/// <summary>Writes notes as JSON.</summary>
internal static class NotesJson
{
    /// <summary>Writes an array.</summary>
    public static void WriteValue(Utf8JsonWriter writer, IReadOnlyList<NoteFact> notes)
    {
        writer.WriteStartArray();
        foreach (NoteFact note in notes)
        {
            writer.WriteStartObject();
            writer.WriteString("owner", note.Owner);
            if (note.Type is { } type)
                writer.WriteNumber("type", type);
            else
                writer.WriteNull("type");
            writer.WriteString("name", note.Name);
            SpecJson.Write(writer, "value", note.Value);
            writer.WriteString("desc", note.Descriptor is { } bytes ? Convert.ToHexStringLower(bytes.Span) : null);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
