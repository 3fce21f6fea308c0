using System.Collections.Immutable;
using System.Text.Json;
using BootProtocol.Cli.Reports;
using BootProtocol.Multiboot;
using BootProtocol.Rules;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>The headers by which boot loaders recognise a Multiboot kernel, as a section of <c>inspect</c>.</summary>
internal static class MultibootSection
{
    /// <summary>Finds the headers of a kernel.</summary>
    /// <param name="kernel">Its first bytes.</param>
    public static ImmutableArray<(SpecRecord Header, int Offset)> Find(ReadOnlySpan<byte> kernel)
    {
        ImmutableArray<(SpecRecord Header, int Offset)>.Builder found = ImmutableArray.CreateBuilder<(SpecRecord Header, int Offset)>();
        if (MultibootSearch.TryFind(kernel, out MultibootHeader first, out int offset))
            found.Add((SpecReader.Read(MultibootHeader.Layout.Info, first.AsSpan()), offset));
        if (MultibootSearch.TryFind2(kernel, out Multiboot2Header second, out offset))
            found.Add((SpecReader.Read(Multiboot2Header.Layout.Info, second.AsSpan()), offset));
        return found.ToImmutable();
    }

    /// <summary>Makes the parts of the report.</summary>
    public static IEnumerable<ReportPart> Report(ImageInspection inspection)
    {
        foreach ((SpecRecord header, int offset) in inspection.Kernel?.Multiboot ?? [])
        {
            string where = inspection.Image.Kind == Images.ImageKind.Elf ? "of the file" : "of the kernel";
            yield return new ReportText($"{header.Structure.Name} (offset 0x{offset:x} to 0x{offset + header.Length:x} {where})", IsHeading: true);
            yield return RecordTable.Create(header, offset);
        }
    }

    /// <summary>Writes an array of objects.</summary>
    public static void WriteJson(ImageInspection inspection, Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach ((SpecRecord header, int offset) in inspection.Kernel?.Multiboot ?? [])
        {
            writer.WriteStartObject();
            writer.WriteString("name", header.Structure.Name);
            writer.WriteNumber("offset", offset);
            SpecJson.Write(writer, "header", header);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
