using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.Cli.Reports;
using BootProtocol.Images;
using BootProtocol.LinuxX86;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>The sections of <c>inspect</c>.</summary>
internal static class InspectionSections
{
    /// <summary>All of them, in the order in which they are shown.</summary>
    public static ImmutableArray<InspectionSection> All { get; } =
    [
        new("uki", NeedsKernel: true, UnifiedKernelSections.Report, UnifiedKernelSections.WriteJson),
        new("setup_header", NeedsKernel: false, ReportSetupHeader, static (inspection, writer) =>
            SpecJson.WriteValue(writer, inspection.Image.DescribeSetupHeader())),
        new("kernel_info", NeedsKernel: false, ReportKernelInfo, static (inspection, writer) =>
            SpecJson.WriteValue(writer, inspection.Faults.Try(() => KernelInfoOf(inspection.Image, out _)))),
        new("pe", NeedsKernel: false, PeSection.Report, PeSection.WriteJson),
        new("multiboot", NeedsKernel: true, MultibootSection.Report, MultibootSection.WriteJson),
        new("elf", NeedsKernel: true, ReportElf, static (inspection, writer) => KernelJson.WriteElf(writer, inspection.Kernel)),
        new("segments", NeedsKernel: true, ReportSegments, static (inspection, writer) => KernelJson.WriteSegments(writer, inspection.Kernel))
        {
            IsTopLevel = false,
        },
        new("sections", NeedsKernel: true, ElfSections.Report, ElfSections.WriteJson),
        new("notes", NeedsKernel: true, ReportNotes, static (inspection, writer) => NotesJson.WriteValue(writer, inspection.Kernel?.Notes ?? [])),
        new("config", NeedsKernel: true, OptionsSection.Report, OptionsSection.WriteJson) { IsOnDemand = true, Property = "configuration" },
    ];

    /// <summary>The names of all sections.</summary>
    public static IEnumerable<string> Names => All.Select(static section => section.Name);

    /// <summary>A heading that says where a structure stands.</summary>
    public static ReportText Heading(string name, long start, long end) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{name} (file offset 0x{start:x} to 0x{end:x})"), IsHeading: true);

    private static IEnumerable<ReportPart> ReportSetupHeader(ImageInspection inspection)
    {
        BootImage image = inspection.Image;
        return image.DescribeSetupHeader() is { } header
            ? [Heading("setup_header", BootImage.SetupHeaderOffset, image.SetupHeaderEnd), RecordTable.Create(header, BootImage.SetupHeaderOffset)]
            : [];
    }

    private static IEnumerable<ReportPart> ReportKernelInfo(ImageInspection inspection)
    {
        long offset = 0;
        return inspection.Faults.Try(() => KernelInfoOf(inspection.Image, out offset)) is { } record
            ? [Heading("kernel_info", offset, offset + record.Length), RecordTable.Create(record, offset)]
            : [];
    }

    private static SpecRecord? KernelInfoOf(BootImage image, out long offset) =>
        image.TryGetKernelInfo(out KernelInfo info, out offset) ? SpecReader.Read(KernelInfo.Layout.Info, info.AsSpan()) : null;

    private static IEnumerable<ReportPart> ReportElf(ImageInspection inspection)
    {
        if ((inspection.Kernel?.ElfHeader ?? inspection.Faults.Try(inspection.Image.DescribeElfHeader)) is not { } header)
            return [];
        string where = inspection.Image.Kind == ImageKind.Elf ? "of the file" : "of the kernel";
        return
        [
            new ReportText($"elf (offset 0x0 to 0x{header.Length:x} {where})", IsHeading: true),
            RecordTable.Create(header, 0),
        ];
    }

    private static IEnumerable<ReportPart> ReportSegments(ImageInspection inspection) => inspection.Kernel is { Segments: [_, ..] segments }
        ? [new ReportText("segments", IsHeading: true), RecordTable.CreateSideBySide(segments)]
        : [];

    private static IEnumerable<ReportPart> ReportNotes(ImageInspection inspection) => inspection.Kernel is { Notes: [_, ..] notes }
        ? [new ReportText("notes", IsHeading: true), NotesTable.Create(notes)]
        : [];
}
