using System.Globalization;
using BootProtocol.Cli.Reports;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.LinuxX86;
using BootProtocol.Pe;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>Tells people what an image says.</summary>
internal static class InspectionReport
{
    private static readonly ReportColumn[] _factColumns = [new("", ReportTone.Key), new("", ReportTone.Value)];

    /// <summary>Makes the report.</summary>
    /// <param name="opened">The image.</param>
    /// <param name="facts">What its kernel says; null to tell of the header alone.</param>
    /// <exception cref="BootFormatException">The image is broken.</exception>
    public static Report Create(OpenedImage opened, KernelFacts? facts)
    {
        BootImage image = opened.Image;
        var parts = new List<ReportPart>
        {
            new ReportText(SpecText.Printable(opened.Name), IsHeading: true),
            new ReportTable(_factColumns, Facts(image, facts), HasHead: false),
        };
        if (image.DescribeSetupHeader() is { } header)
        {
            parts.Add(Heading("setup_header", BootImage.SetupHeaderOffset, image.SetupHeaderEnd));
            parts.Add(RecordTable.Create(header, BootImage.SetupHeaderOffset));
        }

        if (image.TryGetKernelInfo(out KernelInfo info, out long offset))
        {
            SpecRecord record = SpecReader.Read(KernelInfo.Layout.Info, info.AsSpan());
            parts.Add(Heading("kernel_info", offset, offset + info.AsSpan().Length));
            parts.Add(RecordTable.Create(record, offset));
        }

        if (image.DescribeElfHeader() is { } elf)
        {
            parts.Add(Heading(elf.Structure.Name, 0, elf.Length));
            parts.Add(RecordTable.Create(elf, 0));
        }

        if (image.TryGetPe(out PeView pe))
            AddPe(parts, pe);
        if (facts is not null)
            KernelReport.Add(parts, facts);
        return new Report(parts);
    }

    private static List<string[]> Facts(BootImage image, KernelFacts? kernel)
    {
        var facts = new List<string[]> { new[] { "kind", KindNames.Describe(image.Kind) } };
        if (image.Protocol is { } protocol)
            facts.Add(["protocol", protocol.ToString()]);
        if (image.KernelVersion is { } version)
            facts.Add(["kernel version", SpecText.Printable(version)]);
        facts.Add(["size", Size(image)]);
        if (kernel is null)
        {
            KernelPayload? payload = image.FindPayload(search: false);
            KernelReport.AddPayload(facts, payload, payload?.DecompressedSize);
            return facts;
        }

        if (image.HasSetupHeader)
            facts.Add(["crc32", KindNames.Of(image.Checksum)]);
        KernelReport.AddPayload(facts, kernel.Payload, kernel.Size);
        KernelReport.AddFacts(facts, kernel);
        return facts;
    }

    private static string Size(BootImage image)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        string text = string.Create(culture, $"{image.Bytes.Length} bytes");
        if (!image.IsLinux)
            return text;
        int setup = image.SetupLength;
        if (image.ImageLength is not { } length)
            return string.Create(culture, $"{text}: setup {setup}, the rest is protected-mode code");
        text = string.Create(culture, $"{text}: setup {setup}, protected-mode part {length - setup}");
        return image.TrailingLength == 0
            ? text
            : string.Create(culture, $"{text}, {image.TrailingLength} behind its end, such as a signature");
    }

    private static ReportText Heading(string name, long start, long end) =>
        new($"{name} (file offset 0x{start:x} to 0x{end:x})", IsHeading: true);

    private static void AddPe(List<ReportPart> parts, PeView pe)
    {
        SpecRecord header = pe.DescribeHeader();
        parts.Add(Heading(header.Structure.Name, pe.Offset, pe.Offset + header.Length));
        parts.Add(RecordTable.Create(header, pe.Offset));
        if (pe.DescribeOptionalHeader() is { } optional)
        {
            long offset = pe.Offset + header.Length;
            parts.Add(Heading(optional.Structure.Name, offset, offset + optional.Length));
            parts.Add(RecordTable.Create(optional, offset));
        }

        IReadOnlyList<SpecRecord> directory = pe.DescribeDataDirectory();
        if (directory.Count > 0)
        {
            SpecEnumeration entries = DataDirectoryIndexLayout.Info;
            parts.Add(new ReportText($"{entries.Name}", IsHeading: true));
            parts.Add(RecordTable.CreateSideBySide(directory, entries));
        }

        IReadOnlyList<SpecRecord> sections = pe.DescribeSections();
        if (sections.Count > 0)
        {
            parts.Add(new ReportText("sections", IsHeading: true));
            parts.Add(RecordTable.CreateSideBySide(sections));
        }
    }
}
