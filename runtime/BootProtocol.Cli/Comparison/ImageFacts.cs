using System.Globalization;
using System.Text;
using BootProtocol.Cli.Inspection;
using BootProtocol.Decompress;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.LinuxX86;
using BootProtocol.Pe;
using BootProtocol.Relocate;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Comparison;

/// <summary>Takes apart what an image says, for comparison.</summary>
internal static class ImageFacts
{
    /// <summary>Reads an image.</summary>
    /// <exception cref="BootFormatException">It is broken.</exception>
    public static IReadOnlyList<ImageFact> Read(BootImage image, ToolConsole console)
    {
        image.EnsureComplete();
        var facts = new List<ImageFact> { new("image", "kind", KindNames.Of(image.Kind)), new("image", "size", Number(image.Bytes.Length)) };
        if (image.Protocol is { } protocol)
            facts.Add(new ImageFact("image", "protocol", protocol.ToString()));
        if (image.KernelVersion is { } version)
            facts.Add(new ImageFact("image", "kernel_version", version));
        if (image.HasSetupHeader)
            facts.Add(new ImageFact("image", "crc32", KindNames.Of(image.Checksum)));
        if (image.DescribeSetupHeader() is { } header)
            Add(facts, "setup_header", "", header);
        if (image.TryGetKernelInfo(out KernelInfo info, out _))
            Add(facts, "kernel_info", "", SpecReader.Read(KernelInfo.Layout.Info, info.AsSpan()));

        if (image.TryGetPe(out PeView pe))
            AddPe(facts, pe);
        using KernelFacts kernel = KernelFacts.Read(image, console);
        AddKernel(facts, kernel);
        return facts;
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

    private static void AddKernel(List<ImageFact> facts, KernelFacts kernel)
    {
        if (kernel.Payload is not { } payload)
            return;
        facts.Add(new ImageFact("payload", "format", PayloadFormats.Name(payload.Format)));
        facts.Add(new ImageFact("payload", "offset", Number(payload.Offset)));
        facts.Add(new ImageFact("payload", "length", Number(payload.Length)));
        facts.Add(new ImageFact("payload", "decompressed_size", Number(kernel.Size ?? 0)));
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

        foreach (BootWay way in kernel.Ways)
            facts.Add(new ImageFact("boots", way.Name, way.Reason ?? "possible"));
        if (kernel.Configuration is { } configuration)
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
