using System.Globalization;
using System.Text;
using BootProtocol.Cli.Inspection;
using BootProtocol.Decompress;
using BootProtocol.Elf;
using BootProtocol.Hashes;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.LinuxX86;
using BootProtocol.Pe;
using BootProtocol.Relocate;
using BootProtocol.Rules;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Comparison;

/// <summary>Takes apart what an image says, for comparison.</summary>
internal static class ImageFacts
{
    /// <summary>Reads what is intact of an image.</summary>
    /// <param name="opened">The image.</param>
    /// <param name="console">Where progress is shown.</param>
    /// <param name="faults">Where what is broken is listed.</param>
    public static IReadOnlyList<ImageFact> Read(OpenedImage opened, ToolConsole console, FaultList faults)
    {
        faults.Try(opened.UnwrapWhole);
        BootImage image = opened.Image;
        var facts = new List<ImageFact>
        {
            new("image", "kind", KindNames.Of(image.Kind)),
            new("image", "size", Number(opened.File.Bytes.Length)),
        };
        if (opened.Compressions.Count > 0)
            facts.Add(new ImageFact("image", "compressions", string.Join(' ', opened.Compressions)));
        if (image.Protocol is { } protocol)
            facts.Add(new ImageFact("image", "protocol", protocol.ToString()));
        using KernelFacts kernel = KernelFacts.Read(image, console, faults);
        if ((faults.Try(() => image.KernelVersion) ?? kernel.Version) is { } version)
            facts.Add(new ImageFact("image", "kernel_version", version));
        if (image.HasSetupHeader && !image.IsTruncated)
            facts.Add(new ImageFact("image", "crc32", KindNames.Of(faults.Try(() => image.Checksum))));
        foreach (UnifiedKernelSection section in opened.UnifiedKernel?.Sections ?? [])
            facts.Add(new ImageFact("uki", section.Name, section.IsText ? section.Text : Contents(section.Bytes.Span)));
        if (image.DescribeSetupHeader() is { } header)
            Add(facts, "setup_header", "", header);
        if (faults.Try(() => DescribeKernelInfo(image)) is { } info)
            Add(facts, "kernel_info", "", info);
        if (opened.PeImage.TryGetPe(out PeView pe))
        {
            faults.Add(pe.Fault);
            AddPe(facts, pe);
            AddSignatures(facts, opened.PeImage, faults);
        }

        AddKernel(facts, kernel, faults);
        return facts;
    }

    /// <summary>What stands for bytes that have no fields: their number and their hash.</summary>
    public static string Contents(ReadOnlySpan<byte> bytes) => string.Create(
        CultureInfo.InvariantCulture, $"{bytes.Length} bytes, sha256 {Convert.ToHexStringLower(HashFunctions.Hash(HashFunction.Sha256, bytes))}");

    private static SpecRecord? DescribeKernelInfo(BootImage image) =>
        image.TryGetKernelInfo(out KernelInfo info, out _) ? SpecReader.Read(KernelInfo.Layout.Info, info.AsSpan()) : null;

    private static void AddSignatures(List<ImageFact> facts, BootImage image, FaultList faults)
    {
        if (faults.Try(() => image.Signatures) is not { IsDefaultOrEmpty: false } signatures)
            return;
        foreach (string signer in signatures.SelectMany(static signature => signature.Signers))
            facts.Add(new ImageFact("signature", "signer", signer));
    }

    private static void AddPe(List<ImageFact> facts, PeView pe)
    {
        const string Part = "pe";
        Add(facts, Part, "", pe.DescribeHeader());
        if (pe.DescribeOptionalHeader() is { } optional)
            Add(facts, Part, "", optional);
        IReadOnlyList<SpecRecord> directory = pe.DescribeDataDirectory();
        for (int i = 0; i < directory.Count; i++)
        {
            // Where the certificates of a signed image are, among others.
            string name = new SpecEnumValue(DataDirectoryIndexLayout.Info, (ulong)i).Name ?? Number(i);
            Add(facts, Part, $"{name}.", directory[i]);
        }

        foreach (SpecRecord section in pe.DescribeSections())
            Add(facts, Part, $"{section.Fields[0].Value}.", section);
    }

    private static void AddKernel(List<ImageFact> facts, KernelFacts kernel, FaultList faults)
    {
        if (kernel.Payload is not { } payload)
            return;
        facts.Add(new ImageFact("payload", "format", PayloadFormats.Name(payload.Format)));
        facts.Add(new ImageFact("payload", "offset", Number(payload.Offset)));
        facts.Add(new ImageFact("payload", "length", Number(payload.Length)));
        if (kernel.Size is { } size)
            facts.Add(new ImageFact("payload", "decompressed_size", Number(size)));
        if (payload.Origin != PayloadOrigin.Image && faults.Try(() => kernel.All) is { IsEmpty: false } contents)
            facts.Add(new ImageFact("payload", "contents", Contents(contents.Span)));
        if (kernel.Elf is { } elf)
            Add(facts, "elf", "", SpecReader.Read(ElfHeader.Layout.Info, elf.Header.AsSpan(), elf.Word));
        for (int i = 0; i < kernel.Segments.Count; i++)
            Add(facts, "segments", string.Create(CultureInfo.InvariantCulture, $"{i}."), kernel.Segments[i]);
        foreach (NoteFact note in kernel.Notes)
            facts.Add(new ImageFact("notes", $"{note.Owner} {note.Name ?? Number(note.Type ?? 0)}", NotesTable.Spell(note, int.MaxValue)));
        if (kernel.Relocations is { } relocations)
        {
            foreach (RelocationKind kind in relocations.Kinds)
                facts.Add(new ImageFact("relocations", RelocationNames.Of(kind), Number(relocations.Count(kind)!.Value)));
        }

        foreach (BootWayCheck way in kernel.Ways)
            facts.Add(new ImageFact("boots", way.Name, way.Reason ?? "possible"));
        if (faults.Try(() => kernel.Configuration) is { } configuration)
            AddConfiguration(facts, Encoding.UTF8.GetString(configuration.Span));
    }

    /// <summary>Adds the options of a build configuration: <c>CONFIG_X=value</c>, and <c># CONFIG_X is not set</c> as <c>n</c>.</summary>
    private static void AddConfiguration(List<ImageFact> facts, string text)
    {
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            const string NotSet = " is not set";
            if (line.StartsWith("# CONFIG_", StringComparison.Ordinal) && line.EndsWith(NotSet, StringComparison.Ordinal))
                facts.Add(new ImageFact("config", line[2..^NotSet.Length].ToString(), "n"));
            else if (line.StartsWith("CONFIG_", StringComparison.Ordinal) && line.IndexOf('=') is var at and > 0)
                facts.Add(new ImageFact("config", line[..at].ToString(), line[(at + 1)..].ToString()));
        }
    }

    private static void Add(List<ImageFact> facts, string part, string prefix, SpecRecord record)
    {
        foreach (SpecRecordField field in record.Fields)
        {
            if (field.Value is SpecRecord nested)
                Add(facts, part, $"{prefix}{field.Field.Name}.", nested);
            else
                facts.Add(new ImageFact(part, prefix + field.Field.Name, field.Value.ToString()));
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
