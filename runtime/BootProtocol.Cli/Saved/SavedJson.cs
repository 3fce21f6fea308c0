using System.Text.Json;
using BootProtocol.Saved;

namespace BootProtocol.Cli.Saved;

/// <summary>Writes what a saved domain's file says as JSON.</summary>
internal static class SavedJson
{
    /// <summary>Writes one object.</summary>
    public static void Write(string file, SavedDomain domain, TextWriter output) => JsonOutput.Write(output, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("file", file);
        writer.WriteString("kind", SavedFacts.Kind(domain));
        writer.WriteString("name", domain.Name);
        if (domain.Handle is { } handle)
            writer.WriteString("uuid", handle);
        else
            writer.WriteNull("uuid");
        writer.WriteString("configuration", domain.Configuration);
        writer.WriteBoolean("configuration_is_json", domain.IsJson);
        WriteNumber(writer, "libxl_version", domain.LibxlVersion);
        writer.WriteNumber("stream_version", domain.StreamVersion);
        writer.WriteString("xen", SavedFacts.Version(domain));
        writer.WriteString("domain", SavedFacts.Type(domain));
        WriteNumber(writer, "bits", domain.Word is { } word ? (ulong)word : null);
        WriteNumber(writer, "page_table_levels", domain.Word is null ? null : (ulong)domain.PageTableLevels);
        WriteNumber(writer, "frames", domain.FrameCount);
        writer.WriteBoolean("has_run", domain.HasRun);
        writer.WriteStartArray("vcpus");
        foreach (SavedProcessor processor in domain.Processors)
            Write(writer, domain, processor);
        writer.WriteEndArray();
        writer.WriteStartObject("pages");
        foreach ((XenStream.XcPageType kind, ulong count) in domain.Pages)
            writer.WriteNumber(SavedFacts.Name(kind), count);
        writer.WriteEndObject();
        writer.WriteStartArray("records");
        foreach (SavedRecord record in domain.Records)
        {
            writer.WriteStartObject();
            writer.WriteString("of", SavedFacts.Layer(record));
            writer.WriteString("type", SavedFacts.Name(record));
            writer.WriteNumber("offset", record.Offset);
            writer.WriteNumber("length", record.Length);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter writer, SavedDomain domain, SavedProcessor processor)
    {
        writer.WriteStartObject();
        writer.WriteNumber("id", processor.Id);
        var state = SavedFacts.State(domain, processor);
        writer.WriteString("instruction_pointer", state is { } at ? $"0x{at.InstructionPointer:x}" : null);
        writer.WriteString("stack_pointer", state is { } stack ? $"0x{stack.StackPointer:x}" : null);
        writer.WriteString("top_table", state is { } table ? $"{table.TopTable}" : null);
        writer.WriteString("flags", state is { } flags ? $"0x{(ulong)flags.Flags:x}" : null);
        writer.WriteNumber("extended_bytes", processor.ExtendedLength);
        writer.WriteNumber("xsave_bytes", processor.XsaveLength);
        writer.WriteNumber("msr_bytes", processor.RegistersLength);
        writer.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, ulong? number)
    {
        if (number is { } value)
            writer.WriteNumber(name, value);
        else
            writer.WriteNull(name);
    }
}
