using System.Collections.Immutable;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Relocate;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>What the kernel in an image says, all of it decoded.</summary>
internal sealed class KernelFacts : IDisposable
{
    private readonly Kernel? _kernel;

    private KernelFacts(Kernel? kernel, bool hasElf)
    {
        _kernel = kernel;
        if (kernel is null || !hasElf)
            return;
        Elf = kernel.Elf;
        ElfHeader = SpecReader.Read(BootProtocol.Elf.ElfHeader.Layout.Info, kernel.Elf.Header.AsSpan(), kernel.Elf.Word);
        Segments = DescribeSegments(kernel.Elf);
        Notes = NoteFacts.Read(kernel);
        Relocations = kernel.Relocations;
        Ways = kernel.BootWays;
    }

    /// <summary>Where it is; null if there is none.</summary>
    public KernelPayload? Payload => _kernel?.Payload;

    /// <summary>Its size in bytes; null if there is none.</summary>
    public int? Size => _kernel?.Length;

    /// <summary>The kernel as an ELF file; null if it is none.</summary>
    public ElfFile? Elf { get; }

    /// <summary>The ELF file's header.</summary>
    public SpecRecord? ElfHeader { get; }

    /// <summary>The program headers.</summary>
    public IReadOnlyList<SpecRecord> Segments { get; } = [];

    /// <summary>The notes.</summary>
    public IReadOnlyList<NoteFact> Notes { get; } = [];

    /// <summary>The relocation lists; null if there are none.</summary>
    public RelocationTable? Relocations { get; }

    /// <summary>The ways to start it.</summary>
    public ImmutableArray<BootWay> Ways { get; } = [];

    /// <summary>Whether it has a build configuration, be it broken.</summary>
    public bool HasConfiguration => IsThere(() => Configuration is not null);

    /// <summary>Whether it has a table of symbols, be it broken.</summary>
    public bool HasSymbols => IsThere(() => Elf?.Symbols is not null);

    /// <summary>The text of the embedded configuration; null if there is none.</summary>
    /// <exception cref="BootFormatException">It is broken.</exception>
    public ReadOnlyMemory<byte>? Configuration => _kernel?.Configuration;

    /// <summary>Decodes and reads the kernel of an image.</summary>
    /// <exception cref="BootFormatException">It is broken.</exception>
    public static KernelFacts Read(BootImage image, ToolConsole console)
    {
        if (image.FindPayload() is not { } payload)
            return new KernelFacts(null, hasElf: false);
        using var bar = new ProgressBar(console);
        Kernel kernel = payload.Decompress(progress: bar);
        try
        {
            bar.Total = kernel.Length;
            kernel.DecodeAll();

            // Only Linux images have ever held a kernel that is none.
            return new KernelFacts(kernel, hasElf: kernel.IsElf || !image.IsLinux);
        }
        catch
        {
            kernel.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _kernel?.Dispose();

    private static bool IsThere(Func<bool> find)
    {
        try
        {
            return find();
        }
        catch (BootFormatException)
        {
            return true;
        }
    }

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
