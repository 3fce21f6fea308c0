using System.Text.Json;
using BootProtocol.Domains;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Rules;
using BootProtocol.Specs;

namespace BootProtocol.Reports;

/// <summary>Writes a domain as JSON: addresses are hexadecimal text, sizes are numbers of bytes, names are the protocols' own.</summary>
/// <example><code>
/// using var json = new Utf8JsonWriter(File.Create(Path.Combine(folder, "guest.json")), new JsonWriterOptions { Indented = true });
/// DomainJson.Write(linux, json);
/// </code></example>
public static class DomainJson
{
    /// <summary>Writes one object.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="writer">Where it goes; flushing it is the caller's part.</param>
    public static void Write(Domain domain, Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        WriteProperties(domain, writer);
        writer.WriteEndObject();
    }

    /// <summary>Writes the object's properties, for callers who have more to say in the same object.</summary>
    /// <inheritdoc cref="Write"/>
    public static void WriteProperties(Domain domain, Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteString("boot", BootWays.Name(domain.Way));
        writer.WriteNumber("ram", domain.Map.RamSize);
        WriteKernel(domain.Placement, writer);
        writer.WriteStartObject("cpu");
        domain.WriteRegisters(writer);
        writer.WriteEndObject();
        domain.WriteDetails(writer);
        WriteMap(domain, writer);
        writer.WriteStartArray("e820");
        foreach (MemoryRange range in domain.Map.Ranges)
        {
            writer.WriteStartObject();
            WriteRange(writer, range.Start, range.Length);
            writer.WriteNumber("type", (uint)range.Type);
            writer.WriteString("name", new SpecEnumValue(E820TypeLayout.Info, (ulong)range.Type).Name);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (domain is XenPvDomain pv)
            XenPvFrameJson.Write(pv, writer);
    }

    private static void WriteKernel(KernelPlacement kernel, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("kernel");
        writer.WriteNumber("class", (int)kernel.Word);
        WriteRange(writer, kernel.Start, kernel.Length);
        writer.WriteString("linked_start", kernel.LinkedStart.ToString());
        writer.WriteString("virtual_offset", $"0x{kernel.VirtualOffset:x}");
        writer.WriteString("entry", $"0x{kernel.Entry:x}");
        writer.WriteEndObject();
    }

    private static void WriteMap(Domain domain, Utf8JsonWriter writer)
    {
        writer.WriteStartArray("regions");
        foreach (Region region in domain.Regions)
        {
            writer.WriteStartObject();
            writer.WriteString("name", region.Name);
            WriteRange(writer, region.Start, region.Length);
            writer.WriteString("virtual", region.Virtual?.ToString());
            writer.WriteString("reason", region.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("free");
        foreach (DomainMapRow row in DomainMap.Of(domain).Where(static row => row.Kind == DomainMapKind.Free))
        {
            writer.WriteStartObject();
            WriteRange(writer, row.Start, row.Length);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteRange(Utf8JsonWriter writer, Paddr start, ulong length)
    {
        writer.WriteString("start", start.ToString());
        writer.WriteString("end", new Paddr(start.Value + length).ToString());
        writer.WriteNumber("size", length);
    }
}
