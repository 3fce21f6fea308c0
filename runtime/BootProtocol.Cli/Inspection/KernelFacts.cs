using System.Collections.Immutable;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Kernels.Options;
using BootProtocol.Relocate;
using BootProtocol.Rules;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>What the kernel in an image says, all of it decoded. What is broken is missing, and listed as a fault.</summary>
internal sealed class KernelFacts : IDisposable
{
    private readonly Kernel? _kernel;

    private KernelFacts(KernelPayload? payload, Kernel? kernel, BootImage image, FaultList faults)
    {
        Payload = payload;
        _kernel = kernel;
        if (kernel is null)
            return;
        Multiboot = faults.TryOptional(() => MultibootHeaders(kernel)) is { IsDefault: false } found ? found : [];
        // Only Linux images have ever held a kernel that is no ELF file; an EFI zboot image has one for another processor.
        bool hasElf = faults.Try(() => kernel.IsElf) || image.Kind is ImageKind.Elf or ImageKind.Compressed;
        Elf = hasElf ? faults.Try(() => kernel.Elf) : null;
        if (Elf is not null || !hasElf)
            Ways = faults.Try(() => kernel.BootWays) is { IsDefault: false } ways ? ways : [];
        if (Elf is not { } elf)
            return;
        ElfHeader = SpecReader.Read(BootProtocol.Elf.ElfHeader.Layout.Info, elf.Header.AsSpan(), elf.Word);
        FileKind = faults.Try(() => elf.Kind);
        Segments = faults.Try(() => DescribeSegments(elf)) ?? [];
        if (FileKind != ElfFileKind.SeparateDebug)
            faults.Add(elf.Segments.Faults);
        Sections = faults.TryOptional(() => elf.Sections);
        faults.AddRemarks(faults.TryOptional(() => elf.Sections.Faults) is { IsDefault: false } broken ? broken : []);
        Notes = faults.Try(() => NoteFacts.Read(kernel, faults)) ?? [];
        HasSymbols = faults.TryOptional(() => elf.Symbols) is not null;
        Relocations = faults.TryOptional(() => kernel.Relocations);
        Version = image.IsLinux ? null : VersionOf(faults.Try(() => kernel.Banner));
    }

    /// <summary>Where it is; null if there is none.</summary>
    public KernelPayload? Payload { get; }

    /// <summary>Its size in bytes; null if there is none, or if it is not known.</summary>
    public int? Size => _kernel is not null && Payload is { IsCut: false } ? _kernel.Length : null;

    /// <summary>The kernel as an ELF file; null if it is none.</summary>
    public ElfFile? Elf { get; }

    /// <summary>What the ELF file is for.</summary>
    public ElfFileKind FileKind { get; }

    /// <summary>The ELF file's header.</summary>
    public SpecRecord? ElfHeader { get; }

    /// <summary>The program headers.</summary>
    public IReadOnlyList<SpecRecord> Segments { get; } = [];

    /// <summary>The sections; null if they cannot be read.</summary>
    public SectionList? Sections { get; }

    /// <summary>The notes.</summary>
    public IReadOnlyList<NoteFact> Notes { get; } = [];

    /// <summary>The relocation lists; null if there are none.</summary>
    public RelocationTable? Relocations { get; }

    /// <summary>The ways to start it.</summary>
    public ImmutableArray<BootWayCheck> Ways { get; } = [];

    /// <summary>The Multiboot headers with their offsets; none if it is no Multiboot kernel.</summary>
    public ImmutableArray<(SpecRecord Header, int Offset)> Multiboot { get; } = [];

    /// <summary>The version by its banner, of a kernel whose image does not say it; null if it has none.</summary>
    public string? Version { get; }

    /// <summary>Whether it has a table of symbols.</summary>
    public bool HasSymbols { get; }

    /// <summary>The text of the embedded configuration; null if there is none.</summary>
    /// <exception cref="BootFormatException">It is broken.</exception>
    public ReadOnlyMemory<byte>? Configuration => _kernel?.Configuration;

    /// <summary>All of its bytes; empty if there is none, or if its size is not known.</summary>
    /// <exception cref="BootFormatException">It cannot be decoded.</exception>
    public ReadOnlyMemory<byte> All => _kernel is not null && Size is not null ? _kernel.DecodeAll() : default;

    /// <summary>Reads the options of the embedded configuration, or those that the kernel proves; null if there is no kernel.</summary>
    /// <exception cref="BootFormatException">What says so is broken.</exception>
    public KernelConfiguration? ReadOptions() => _kernel is null ? null : KernelConfiguration.Read(_kernel);

    /// <summary>Decodes and reads the kernel of an image.</summary>
    public static KernelFacts Read(BootImage image, ToolConsole console, FaultList faults)
    {
        KernelPayload? payload = faults.Try(() => image.FindPayload());
        using var bar = new ProgressBar(console);
        Kernel? kernel = payload is null ? null : faults.Try(() => payload.Decompress(progress: bar));
        if (kernel is null)
            return new KernelFacts(payload, null, image, faults);
        try
        {
            bar.Total = kernel.Length;
            faults.Try(() => { _ = kernel.DecodeAll(); });
            return new KernelFacts(payload, kernel, image, faults);
        }
        catch
        {
            kernel.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _kernel?.Dispose();

    private static ImmutableArray<(SpecRecord Header, int Offset)> MultibootHeaders(Kernel kernel) =>
        MultibootSection.Find(kernel.Bytes.Read(0, Math.Min(kernel.Length, MultibootSearch.Range)));

    private static string? VersionOf(string? banner) => banner?["Linux version ".Length..];

    private static List<SpecRecord> DescribeSegments(ElfFile elf)
    {
        BootProtocol.Elf.ElfHeader header = elf.Header;
        var records = new List<SpecRecord>(elf.Segments.Count);
        int size = ProgramHeader.Layout.Info.Variant(elf.Word).Size;
        for (int i = 0; i < elf.Segments.Count; i++)
        {
            long offset = (long)header.ProgramHeaderOffset + ((long)i * header.ProgramHeaderSize);
            records.Add(SpecReader.Read(ProgramHeader.Layout.Info, elf.Bytes.Read(offset, size), elf.Word));
        }

        return records;
    }
}
