using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using BootProtocol.Cli.Reports;
using BootProtocol.Decompress;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Pe;
using BootProtocol.Relocate;
using BootProtocol.Rules;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>What a person wants to see first of an image.</summary>
internal static class InspectionSummary
{
    private static readonly ReportColumn[] _columns = [new("", ReportTone.Key), new("", ReportTone.Value)];

    /// <summary>Makes the table. What is broken comes last, a row each, so that it has to be known by now.</summary>
    public static ReportTable Report(ImageInspection inspection)
    {
        BootImage image = inspection.Image;
        FaultList faults = inspection.Faults;
        var rows = new List<string[]>();
        Add("kind", Kind(inspection));
        Add("protocol", image.Protocol?.ToString());
        Add("kernel version", VersionOf(inspection) is { } version ? SpecText.Printable(version) : null);
        if (inspection.Kernel is { } kernel)
            AddWays(rows, kernel);
        ImmutableArray<(string Name, string Text)> others = OtherLoaders.Find(inspection);
        Add("else by", others.IsEmpty ? null : string.Join("; ", others.Select(static other => other.Text)));
        Add("size", faults.Try(() => Size(inspection.Opened)));
        Add("compression", Compression(PayloadOf(inspection, out int? size), size));
        Add("signature", SignatureOf(inspection));
        if (inspection.Kernel is { Payload: not null } decoded)
        {
            Add("config", YesNo(faults.Try(() => decoded.Configuration) is not null));
            Add("symbol table", YesNo(decoded.HasSymbols));
            Add("crc32", image.HasSetupHeader ? ChecksumOf(inspection) : null);
            Add("kernel", Kernel(decoded));
            Add("relocations", decoded.Elf is null ? null : Relocations(decoded.Relocations));
        }

        foreach (string remark in faults.Remarks)
            Add("sections", SpecText.Printable(remark));
        foreach (string fault in faults.Messages)
            Add("fault", SpecText.Printable(fault));
        return new ReportTable(_columns, rows, HasHead: false);

        void Add(string name, string? value)
        {
            if (value is not null)
                rows.Add([name, value]);
        }
    }

    /// <summary>Writes the same as properties of an object. What the image does not have is null.</summary>
    public static void WriteJson(ImageInspection inspection, Utf8JsonWriter writer)
    {
        BootImage image = inspection.Image;
        FaultList faults = inspection.Faults;
        writer.WriteString("kind", KindNames.Of(inspection.Opened.UnifiedKernel is null ? image.Kind : ImageKind.UnifiedKernel));
        writer.WriteStartArray("compressions");
        foreach (string compression in inspection.Opened.Compressions)
            writer.WriteStringValue(compression);
        writer.WriteEndArray();
        writer.WriteString("protocol", image.Protocol?.ToString());
        writer.WriteString("kernel_version", VersionOf(inspection));
        if (inspection.Kernel is { } kernel)
            KernelJson.WriteWays(writer, kernel);
        writer.WriteStartArray("else_by");
        foreach ((string name, _) in OtherLoaders.Find(inspection))
            writer.WriteStringValue(name);
        writer.WriteEndArray();
        writer.WriteNumber("size", inspection.Opened.File.Bytes.Length);
        KernelJson.WritePayload(writer, PayloadOf(inspection, out int? size), size);
        WriteSignatures(writer, SignaturesOf(inspection));
        if (inspection.Kernel is not { } decoded)
            return;
        writer.WriteBoolean("config", faults.Try(() => decoded.Configuration) is not null);
        writer.WriteBoolean("symbols", decoded.HasSymbols);
        writer.WriteString("crc32", ChecksumOf(inspection));
        KernelJson.WriteRelocations(writer, decoded.Relocations);
    }

    private static string Kind(ImageInspection inspection)
    {
        string kind = KindNames.Describe(inspection.Image.Kind);
        if (inspection.Kernel is { Elf: not null } kernel && inspection.Image.Kind is ImageKind.Elf or ImageKind.Compressed)
            kind = KindNames.Describe(kernel.FileKind);
        if (inspection.Opened.UnifiedKernel is not null)
            kind = $"unified kernel image (UKI) of a {kind}";
        IReadOnlyList<string> around = inspection.Opened.Compressions;
        return around.Count == 0 ? kind : $"{kind} in {string.Join(" in ", around.Reverse())}";
    }

    private static string? VersionOf(ImageInspection inspection) =>
        inspection.Faults.Try(() => inspection.Image.KernelVersion) ?? inspection.Kernel?.Version;

    /// <summary>The state of the checksum; null where the image is not whole, which is a fault of its own.</summary>
    private static string? ChecksumOf(ImageInspection inspection) =>
        inspection.Image.IsTruncated ? null : KindNames.Of(inspection.Faults.Try(() => inspection.Image.Checksum));

    private static ImmutableArray<PeSignature> SignaturesOf(ImageInspection inspection) =>
        inspection.Faults.Try(() => inspection.Opened.PeImage.Signatures) is { IsDefault: false } signatures ? signatures : [];

    private static string? SignatureOf(ImageInspection inspection)
    {
        if (!inspection.Opened.PeImage.TryGetPe(out _))
            return null;
        ImmutableArray<PeSignature> signatures = SignaturesOf(inspection);
        if (signatures.IsEmpty)
            return "none";
        string[] signers = [.. signatures.SelectMany(static signature => signature.Signers).Select(SpecText.Printable)];
        return signers.Length == 0 ? "signed, by nobody named" : $"signed by {string.Join(", ", signers)}";
    }

    private static void WriteSignatures(Utf8JsonWriter writer, ImmutableArray<PeSignature> signatures)
    {
        writer.WriteStartArray("signatures");
        foreach (PeSignature signature in signatures)
        {
            writer.WriteStartObject();
            writer.WriteString("type", new SpecEnumValue(WinCertificateTypeLayout.Info, (ulong)signature.Type).ToString());
            writer.WriteNumber("offset", signature.Offset);
            writer.WriteNumber("size", signature.Length);
            writer.WriteStartArray("signers");
            foreach (string signer in signature.Signers)
                writer.WriteStringValue(signer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void AddWays(List<string[]> rows, KernelFacts kernel)
    {
        if (kernel.Ways.IsEmpty)
            return;
        string[] possible = [.. kernel.Ways.Where(static way => way.Possible).Select(static way => way.Name)];
        rows.Add(["boots by", possible.Length == 0 ? "none of these ways" : string.Join(", ", possible)]);
        foreach (BootWayCheck way in kernel.Ways.Where(static way => !way.Possible))
            rows.Add([$"not by {way.Name}", way.Reason ?? ""]);
    }

    private static string YesNo(bool value) => value ? "yes" : "no";

    private static string Size(OpenedImage opened)
    {
        BootImage image = opened.Image;
        CultureInfo culture = CultureInfo.InvariantCulture;
        string text = string.Create(culture, $"{opened.File.Bytes.Length} bytes");
        if (image != opened.File)
            text = string.Create(culture, $"{text}, the image in it {image.Bytes.Length} bytes");
        if (!image.IsLinux)
            return text;
        int setup = image.SetupLength;
        if (image.ImageLength is null)
            return string.Create(culture, $"{text}: setup {setup}, the rest is protected-mode code");
        text = string.Create(culture, $"{text}: setup {setup}, protected-mode part {Math.Max(0, image.ContentLength - setup)}");
        return image.TrailingLength == 0
            ? text
            : string.Create(culture, $"{text}, {image.TrailingLength} behind its end");
    }

    /// <summary>The payload, and the kernel's size in bytes where it is known.</summary>
    private static KernelPayload? PayloadOf(ImageInspection inspection, out int? size)
    {
        KernelPayload? payload = inspection.Kernel is { } kernel
            ? kernel.Payload
            : inspection.Faults.Try(() => inspection.Image.FindPayload(search: false));
        size = inspection.Kernel is { } decoded ? decoded.Size : inspection.Faults.Try(() => payload?.DecompressedSize);
        return payload;
    }

    private static string? Compression(KernelPayload? payload, int? size)
    {
        if (payload is null)
            return null;
        if (payload.Origin == PayloadOrigin.Image)
            return "none: the image is its own kernel, entered by the Linux boot protocol";
        CultureInfo culture = CultureInfo.InvariantCulture;
        string text = string.Create(
            culture, $"{PayloadFormats.Name(payload.Format)}, {payload.Length} bytes from file offset 0x{payload.Offset:x}");
        if (payload.Format != PayloadFormat.None && size is { } known)
            text = string.Create(culture, $"{text}, {known} when decompressed");
        return payload.Origin == PayloadOrigin.Search ? $"{text} (found by search)" : text;
    }

    private static string? Kernel(KernelFacts kernel) => kernel.Elf is { } elf
        ? string.Create(CultureInfo.InvariantCulture, $"ELF, {(int)elf.Word} bits, entry {elf.Header.Entry}")
        : kernel.Payload is null or { Origin: PayloadOrigin.Image or PayloadOrigin.EfiZboot } ? null : "plain memory contents, no ELF file";

    private static string Relocations(RelocationTable? relocations) => relocations is null
        ? "none"
        : string.Join(", ", relocations.Kinds.Select(
            kind => string.Create(CultureInfo.InvariantCulture, $"{RelocationNames.Of(kind)}: {relocations.Count(kind)}")));
}
