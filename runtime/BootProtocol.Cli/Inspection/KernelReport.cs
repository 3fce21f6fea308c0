using System.Globalization;
using BootProtocol.Cli.Reports;
using BootProtocol.Decompress;
using BootProtocol.Elf;
using BootProtocol.Kernels;
using BootProtocol.Relocate;

namespace BootProtocol.Cli.Inspection;

/// <summary>Tells people what the kernel in an image says.</summary>
internal static class KernelReport
{
    private static readonly ReportColumn[] _wayColumns =
        [new("way", ReportTone.Key), new("possible", ReportTone.Value), new("why not", ReportTone.Faint)];

    /// <summary>Adds the row about the payload.</summary>
    /// <param name="facts">The rows.</param>
    /// <param name="payload">The payload; null if there is none.</param>
    /// <param name="size">The kernel's size in bytes; null if it is not known.</param>
    public static void AddPayload(List<string[]> facts, KernelPayload? payload, int? size)
    {
        if (payload is null)
            return;
        CultureInfo culture = CultureInfo.InvariantCulture;
        string text = string.Create(
            culture, $"{PayloadFormats.Name(payload.Format)}, {payload.Length} bytes from file offset 0x{payload.Offset:x}");
        if (payload.Format != PayloadFormat.None && size is { } known)
            text = string.Create(culture, $"{text}, {known} when decompressed");
        facts.Add(["payload", payload.Origin == PayloadOrigin.Search ? $"{text} (found by search)" : text]);
    }

    /// <summary>Adds the rows about the kernel.</summary>
    public static void AddFacts(List<string[]> facts, KernelFacts kernel)
    {
        if (kernel.Elf is not { } elf)
        {
            if (kernel.Payload is not null)
                facts.Add(["kernel", "plain memory contents, no ELF file"]);
            return;
        }

        facts.Add(["kernel", string.Create(CultureInfo.InvariantCulture, $"ELF, {(int)elf.Word} bits, entry {elf.Header.Entry}")]);
        facts.Add(["relocations", Spell(kernel.Relocations)]);
    }

    /// <summary>Adds segments, notes and ways to start it.</summary>
    public static void Add(List<ReportPart> parts, KernelFacts kernel)
    {
        if (kernel.Segments.Count > 0)
        {
            parts.Add(new ReportText("segments", IsHeading: true));
            parts.Add(RecordTable.CreateSideBySide(kernel.Segments));
        }

        if (kernel.Notes.Count > 0)
        {
            parts.Add(new ReportText("notes", IsHeading: true));
            parts.Add(NotesTable.Create(kernel.Notes));
        }

        if (!kernel.Ways.IsEmpty)
        {
            parts.Add(new ReportText("ways to boot", IsHeading: true));
            parts.Add(new ReportTable(_wayColumns, [.. kernel.Ways.Select(Row)]));
        }
    }

    private static string[] Row(BootWay way) => [way.Name, way.Possible ? "yes" : "no", way.Reason ?? ""];

    private static string Spell(RelocationTable? relocations) => relocations is null
        ? "none"
        : string.Join(", ", relocations.Kinds.Select(
            kind => string.Create(CultureInfo.InvariantCulture, $"{RelocationNames.Of(kind)}: {relocations.Count(kind)}")));
}
