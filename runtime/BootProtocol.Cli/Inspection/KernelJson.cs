using System.Text.Json;
using BootProtocol.Decompress;
using BootProtocol.Elf;
using BootProtocol.Kernels;
using BootProtocol.Relocate;
using BootProtocol.Rules;

namespace BootProtocol.Cli.Inspection;

/// <summary>Writes what the kernel in an image says as JSON.</summary>
internal static class KernelJson
{
    /// <summary>Writes the property <c>payload</c>, an object or null.</summary>
    /// <param name="writer">Where it goes.</param>
    /// <param name="payload">The payload; null if there is none.</param>
    /// <param name="size">The kernel's size in bytes; null if it is not known.</param>
    public static void WritePayload(Utf8JsonWriter writer, KernelPayload? payload, int? size)
    {
        if (payload is null or { Origin: PayloadOrigin.Image })
        {
            writer.WriteNull("payload");
            return;
        }

        writer.WriteStartObject("payload");
        writer.WriteString("format", PayloadFormats.Name(payload.Format));
        writer.WriteNumber("offset", payload.Offset);
        writer.WriteNumber("length", payload.Length);
        if (size is { } known)
            writer.WriteNumber("decompressed_size", known);
        else
            writer.WriteNull("decompressed_size");
        writer.WriteEndObject();
    }

    /// <summary>Writes the property <c>boots</c>, an array.</summary>
    public static void WriteWays(Utf8JsonWriter writer, KernelFacts kernel)
    {
        writer.WriteStartArray("boots");
        foreach (BootWayCheck way in kernel.Ways)
        {
            writer.WriteStartObject();
            writer.WriteString("name", way.Name);
            writer.WriteBoolean("possible", way.Possible);
            writer.WriteString("reason", way.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes the ELF file as an object, or null.</summary>
    public static void WriteElf(Utf8JsonWriter writer, KernelFacts? kernel)
    {
        if (kernel?.Elf is not { } elf)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteNumber("class", (int)elf.Word);
        writer.WriteString("entry", elf.Header.Entry.ToString());
        writer.WritePropertyName("segments");
        WriteSegments(writer, kernel);
        writer.WriteEndObject();
    }

    /// <summary>Writes the segments as an array, or null for a kernel that is no ELF file.</summary>
    public static void WriteSegments(Utf8JsonWriter writer, KernelFacts? kernel)
    {
        if (kernel?.Elf is not { } elf)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartArray();
        foreach (Segment segment in elf.Segments)
        {
            writer.WriteStartObject();
            writer.WriteString("type", SegmentText.Type(segment));
            writer.WriteNumber("offset", segment.FileOffset);
            writer.WriteString("vaddr", segment.VirtualAddress.ToString());
            writer.WriteString("paddr", segment.PhysicalAddress.ToString());
            writer.WriteNumber("filesz", segment.FileSize);
            writer.WriteNumber("memsz", segment.MemorySize);
            writer.WriteString("flags", SegmentText.Flags(segment));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes the property <c>relocations</c>, an object or null.</summary>
    public static void WriteRelocations(Utf8JsonWriter writer, RelocationTable? relocations)
    {
        if (relocations is null)
        {
            writer.WriteNull("relocations");
            return;
        }

        writer.WriteStartObject("relocations");
        foreach (RelocationKind kind in relocations.Kinds)
            writer.WriteNumber(RelocationNames.Of(kind), relocations.Count(kind)!.Value);
        writer.WriteEndObject();
    }
}
