using System.Globalization;
using System.Text.Json;
using BootProtocol.Cli.Reports;
using BootProtocol.Decompress;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Relocate;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>What a person wants to see first of an image.</summary>
internal static class InspectionSummary
{
    private static readonly ReportColumn[] _columns = [new("", ReportTone.Key), new("", ReportTone.Value)];

    /// <summary>Makes the table.</summary>
    /// <exception cref="BootFormatException">The image is broken.</exception>
    public static ReportTable Report(ImageInspection inspection)
    {
        BootImage image = inspection.Image;
        var rows = new List<string[]>();
        Add("kind", KindNames.Describe(image.Kind));
        Add("protocol", image.Protocol?.ToString());
        Add("kernel version", image.KernelVersion is { } version ? SpecText.Printable(version) : null);
        if (inspection.Kernel is { } kernel)
            AddWays(rows, kernel);
        Add("size", Size(image));
        Add("compression", Compression(PayloadOf(inspection, out int? size), size));
        if (inspection.Kernel is { } decoded)
        {
            Add("config", decoded.Payload is null ? null : YesNo(decoded.HasConfiguration));
            Add("symbols", decoded.Payload is null ? null : YesNo(decoded.HasSymbols));
            Add("crc32", image.HasSetupHeader ? KindNames.Of(image.Checksum) : null);
            Add("kernel", Kernel(decoded));
            Add("relocations", decoded.Elf is null ? null : Relocations(decoded.Relocations));
        }

        return new ReportTable(_columns, rows, HasHead: false);

        void Add(string name, string? value)
        {
            if (value is not null)
                rows.Add([name, value]);
        }
    }

    /// <summary>Writes the same as properties of an object. What the image does not have is null.</summary>
    /// <exception cref="BootFormatException">The image is broken.</exception>
    public static void WriteJson(ImageInspection inspection, Utf8JsonWriter writer)
    {
        BootImage image = inspection.Image;
        writer.WriteString("kind", KindNames.Of(image.Kind));
        writer.WriteString("protocol", image.Protocol?.ToString());
        writer.WriteString("kernel_version", image.KernelVersion);
        if (inspection.Kernel is { } kernel)
            KernelJson.WriteWays(writer, kernel);
        writer.WriteNumber("size", image.Bytes.Length);
        KernelJson.WritePayload(writer, PayloadOf(inspection, out int? size), size);
        if (inspection.Kernel is not { } decoded)
            return;
        writer.WriteBoolean("config", decoded.HasConfiguration);
        writer.WriteBoolean("symbols", decoded.HasSymbols);
        writer.WriteString("crc32", KindNames.Of(image.Checksum));
        KernelJson.WriteRelocations(writer, decoded.Relocations);
    }

    private static void AddWays(List<string[]> rows, KernelFacts kernel)
    {
        if (kernel.Ways.IsEmpty)
            return;
        string[] possible = [.. kernel.Ways.Where(static way => way.Possible).Select(static way => way.Name)];
        rows.Add(["boots by", possible.Length == 0 ? "none of these ways" : string.Join(", ", possible)]);
        foreach (BootWay way in kernel.Ways.Where(static way => !way.Possible))
            rows.Add([$"not by {way.Name}", way.Reason ?? ""]);
    }

    private static string YesNo(bool value) => value ? "yes" : "no";

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

    /// <summary>The payload, and the kernel's size in bytes where it is known.</summary>
    private static KernelPayload? PayloadOf(ImageInspection inspection, out int? size)
    {
        KernelPayload? payload = inspection.Kernel is { } kernel ? kernel.Payload : inspection.Image.FindPayload(search: false);
        size = inspection.Kernel is { } decoded ? decoded.Size : payload?.DecompressedSize;
        return payload;
    }

    private static string? Compression(KernelPayload? payload, int? size)
    {
        if (payload is null)
            return null;
        CultureInfo culture = CultureInfo.InvariantCulture;
        string text = string.Create(
            culture, $"{PayloadFormats.Name(payload.Format)}, {payload.Length} bytes from file offset 0x{payload.Offset:x}");
        if (payload.Format != PayloadFormat.None && size is { } known)
            text = string.Create(culture, $"{text}, {known} when decompressed");
        return payload.Origin == PayloadOrigin.Search ? $"{text} (found by search)" : text;
    }

    private static string? Kernel(KernelFacts kernel) => kernel.Elf is { } elf
        ? string.Create(CultureInfo.InvariantCulture, $"ELF, {(int)elf.Word} bits, entry {elf.Header.Entry}")
        : kernel.Payload is null ? null : "plain memory contents, no ELF file";

    private static string Relocations(RelocationTable? relocations) => relocations is null
        ? "none"
        : string.Join(", ", relocations.Kinds.Select(
            kind => string.Create(CultureInfo.InvariantCulture, $"{RelocationNames.Of(kind)}: {relocations.Count(kind)}")));
}
