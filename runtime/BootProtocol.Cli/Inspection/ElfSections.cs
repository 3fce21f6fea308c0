using System.Globalization;
using System.Text.Json;
using BootProtocol.Cli.Reports;
using BootProtocol.Elf;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>The section of <c>inspect</c> about the sections of an image's kernel.</summary>
internal static class ElfSections
{
    private static readonly ReportColumn[] _columns =
    [
        new("index", ReportTone.Faint, IsRight: true),
        new("name", ReportTone.Key),
        new("sh_type", ReportTone.Value),
        new("sh_addr", ReportTone.Value, IsRight: true),
        new("sh_offset", ReportTone.Value, IsRight: true),
        new("sh_size", ReportTone.Value, IsRight: true),
        new("sh_link", ReportTone.Value, IsRight: true),
        new("sh_info", ReportTone.Value, IsRight: true),
        new("sh_addralign", ReportTone.Value, IsRight: true),
        new("sh_entsize", ReportTone.Value, IsRight: true),
        new("sh_flags", ReportTone.Value),
    ];

    /// <summary>Makes the parts of the report.</summary>
    public static IEnumerable<ReportPart> Report(ImageInspection inspection) => inspection.Kernel?.Sections is { Count: > 0 } sections
        ?
        [
            new ReportText("sections", IsHeading: true),
            new ReportTable(_columns, [.. sections.Select(section => Row(section, NameOf(section, inspection.Faults)))]),
        ]
        : [];

    /// <summary>Writes an array, or null for a kernel that is no ELF file.</summary>
    public static void WriteJson(ImageInspection inspection, Utf8JsonWriter writer)
    {
        if (inspection.Kernel?.Sections is not { } sections)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartArray();
        foreach (Section section in sections)
        {
            writer.WriteStartObject();
            writer.WriteString("name", NameOf(section, inspection.Faults));
            writer.WriteString("type", Type(section));
            writer.WriteString("addr", section.Address.ToString());
            writer.WriteNumber("offset", section.FileOffset);
            writer.WriteNumber("size", section.Size);
            writer.WriteNumber("link", section.Link);
            writer.WriteNumber("info", section.Info);
            writer.WriteNumber("addralign", section.Alignment);
            writer.WriteNumber("entsize", section.EntrySize);
            SpecJson.Write(writer, "flags", Flags(section));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string NameOf(Section section, FaultList faults) => faults.TryOptional(() => section.Name) ?? "";

    private static string[] Row(Section section, string name) =>
    [
        Number((ulong)section.Index),
        SpecText.Printable(name),
        Type(section),
        section.Address.ToString(),
        Number(section.FileOffset),
        Number(section.Size),
        Number(section.Link),
        Number(section.Info),
        Number(section.Alignment),
        Number(section.EntrySize),
        Flags(section).ToString(),
    ];

    private static string Type(Section section) =>
        new SpecEnumValue(SectionTypeLayout.Info, (ulong)section.Type).Name ?? $"0x{(uint)section.Type:x}";

    private static SpecFlagSet Flags(Section section) => new(SectionFlagsLayout.Info, (ulong)section.Flags);

    private static string Number(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
