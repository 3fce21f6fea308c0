using System.Collections.Immutable;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Output;
using BootProtocol.Relocate;
using BootProtocol.Rules;

namespace BootProtocol.Cli.Building;

/// <summary>What a person wants to be built.</summary>
internal sealed record DomainRequest
{
    /// <summary>The kernel's image; null for the running system's.</summary>
    public string? Image { get; init; }

    /// <summary>Whether it is the tool's own image.</summary>
    public bool IsSample { get; init; }

    /// <summary>The word size of the tool's own image.</summary>
    public WordSize SampleWord { get; init; } = WordSize.Bits64;

    /// <summary>The way to start it; null for the kernel's first one.</summary>
    public BootWay? Way { get; init; }

    /// <summary>Bytes of memory.</summary>
    public required ulong Memory { get; init; }

    /// <summary>The files of the initial ramdisks.</summary>
    public ImmutableArray<string> Initrds { get; init; } = [];

    /// <summary>The names of the initial ramdisks for people: files, or else parts of a unified kernel image.</summary>
    public IEnumerable<string> InitrdNames => Initrds.IsEmpty && UnifiedKernel is { } unified
        ? unified.InitrdSections.Select(static section => $"{section.Name} of the unified kernel image")
        : Initrds;

    /// <summary>The command line; null for that of a unified kernel image, and else none.</summary>
    public string? CommandLine { get; init; }

    /// <summary>The number or ID of the profile of a unified kernel image; null for its first.</summary>
    public string? Profile { get; init; }

    /// <summary>The profile that is started, once the image is open; null for one that is no unified kernel image.</summary>
    public UnifiedKernelProfile? UnifiedKernel { get; init; }

    /// <summary>How much higher than linked the kernel runs.</summary>
    public Kaslr Kaslr { get; init; } = Kaslr.None;

    /// <summary>The physical address for the kernel; null for the builder's choice.</summary>
    public Paddr? KernelAddress { get; init; }

    /// <summary>The memory map; null for that of a plain PC.</summary>
    public MemoryMap? Map { get; init; }

    /// <summary>The address of the ACPI root pointer; 0 for none.</summary>
    public Paddr Rsdp { get; init; }

    /// <summary>The boot loader; null for one without an assigned id.</summary>
    public LinuxLoader? Loader { get; init; }

    /// <summary>Types of setup_data and the files with their data.</summary>
    public ImmutableArray<(SetupDataType Type, string File)> SetupData { get; init; } = [];

    /// <summary>Whether the 64-bit entry gets page tables of five levels.</summary>
    public bool FiveLevels { get; init; }

    /// <summary>Whether the kernel decompresses itself.</summary>
    public bool DecompressInGuest { get; init; }

    /// <summary>The machine frame of a Xen PV guest's first page.</summary>
    public Mfn? FirstMfn { get; init; }

    /// <summary>Whether a Xen PV guest gets boot_params, too.</summary>
    public bool WithBootParams { get; init; }

    /// <summary>Whether it is to start on a bare machine, of which a Xen PV guest's machine frames are then.</summary>
    public bool IsForMachine { get; init; }

    /// <summary>Whether it is built in memory of KVM's, to be run by this tool itself; a paravirtualised guest of Xen never is.</summary>
    public bool IsForVmm { get; init; }

    /// <summary>Memory to build it in; null for that of this process.</summary>
    public GuestMemory? Target { get; init; }

    /// <summary>Whether it is written for a restore.</summary>
    public bool IsForRestore { get; init; }

    /// <summary>The version of the stream that a restore reads.</summary>
    public int StreamVersion { get; init; } = XlOutputOptions.DefaultVersion;

    /// <summary>Whether it is started here, where no hypervisor is.</summary>
    public bool IsStartedHere { get; init; }
}
