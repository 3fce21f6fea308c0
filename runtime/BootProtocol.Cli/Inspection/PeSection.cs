using System.Text.Json;
using BootProtocol.Cli.Reports;
using BootProtocol.Images;
using BootProtocol.Pe;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>The section of <c>inspect</c> about an image's PE headers.</summary>
internal static class PeSection
{
    /// <summary>Makes the parts of the report.</summary>
    public static IEnumerable<ReportPart> Report(ImageInspection inspection)
    {
        var parts = new List<ReportPart>();
        if (!inspection.Opened.PeImage.TryGetPe(out PeView pe))
            return parts;
        inspection.Faults.Add(pe.Fault);
        SpecRecord header = pe.DescribeHeader();
        Add(header, pe.Offset);
        if (pe.DescribeOptionalHeader() is { } optional)
            Add(optional, pe.Offset + header.Length);
        IReadOnlyList<SpecRecord> directory = pe.DescribeDataDirectory();
        if (directory.Count > 0)
        {
            parts.Add(new ReportText(DataDirectoryIndexLayout.Info.Name, IsHeading: true));
            parts.Add(RecordTable.CreateSideBySide(directory, DataDirectoryIndexLayout.Info));
        }

        IReadOnlyList<SpecRecord> sections = pe.DescribeSections();
        if (sections.Count > 0)
        {
            parts.Add(new ReportText("pe sections", IsHeading: true));
            parts.Add(RecordTable.CreateSideBySide(sections));
        }

        return parts;

        void Add(SpecRecord record, long offset)
        {
            parts.Add(InspectionSections.Heading(record.Structure.Name, offset, offset + record.Length));
            parts.Add(RecordTable.Create(record, offset));
        }
    }

    /// <summary>Writes an object, or null.</summary>
    public static void WriteJson(ImageInspection inspection, Utf8JsonWriter writer)
    {
        if (!inspection.Opened.PeImage.TryGetPe(out PeView pe))
        {
            writer.WriteNullValue();
            return;
        }

        inspection.Faults.Add(pe.Fault);
        writer.WriteStartObject();
        SpecJson.Write(writer, "header", pe.DescribeHeader());
        SpecJson.Write(writer, "optional_header", pe.DescribeOptionalHeader());
        SpecJson.Write(writer, "data_directory", pe.DescribeDataDirectory());
        SpecJson.Write(writer, "sections", pe.DescribeSections());
        writer.WriteEndObject();
    }
}
