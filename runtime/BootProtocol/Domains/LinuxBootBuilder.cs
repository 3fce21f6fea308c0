using System.Collections.Immutable;
using BootProtocol.Kernels;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Relocate;
using BootProtocol.Rules;

namespace BootProtocol.Domains;

/// <summary>Builds guests that start by Linux's 64-bit or 32-bit boot protocol.</summary>
/// <remarks>
/// <para>
/// The kernel is decompressed here, put where it will run, and entered at its ELF file's entry point; or, where it has no such entry or the
/// caller wants it so, it is its bzImage's own code that is entered, and decompresses it in the guest. A kernel without a bzImage (an ELF
/// file) gets a setup header of ours.
/// </para>
/// <para>
/// Nothing is put below 1 MiB. Source: Documentation/arch/x86/boot.rst and zero-page.rst of Linux.
/// </para>
/// </remarks>
/// <example><code>
/// var builder = new LinuxBootBuilder { MemorySize = 256 &lt;&lt; 20, CommandLine = "console=ttyS0", Initrds = [new byte[4096]] };
/// using LinuxDomain guest = builder.Build(kernel);
/// Console.WriteLine($"{guest.Cpu.InstructionPointer} with the zero page at {guest.BootParamsAddress}");
/// </code></example>
public sealed class LinuxBootBuilder : DomainBuilder
{
    /// <summary>The protocol by which the kernel is entered: that of 64 or of 32 bits.</summary>
    public WordSize Mode { get; init; } = WordSize.Bits64;

    /// <summary>Whether the kernel shall decompress itself. A 64-bit kernel does so in any case if it is entered in 32 bits.</summary>
    public bool DecompressInGuest { get; init; }

    /// <summary>
    /// Where the kernel goes; null for where it was linked, or above that if there is not enough memory and it can be moved. A 32-bit
    /// kernel is relocated to run there.
    /// </summary>
    public Paddr? KernelAddress { get; init; }

    /// <summary>Where the zero page and all that belongs to it go: a page's address below 4 GiB; null for the lowest place.</summary>
    public Paddr? ParametersAddress { get; init; }

    /// <summary>Where the initial ramdisk goes, a page's address; null for what <see cref="InitrdPlace"/> says.</summary>
    public Paddr? InitrdAddress { get; init; }

    /// <summary>Where the initial ramdisk goes.</summary>
    public InitrdPlace InitrdPlace { get; init; }

    /// <summary>
    /// The guest's memory map; null for that of a plain PC with <see cref="DomainBuilder.MemorySize"/> bytes, which is not looked at otherwise.
    /// </summary>
    public MemoryMap? Map { get; init; }

    /// <summary>The boot loader to name; null for none with an assigned id (type_of_loader 0xff).</summary>
    public LinuxLoader? Loader { get; init; }

    /// <summary>Whether the kernel shall leave out early messages (QUIET_FLAG).</summary>
    public bool Quiet { get; init; }

    /// <summary>Where the ACPI RSDP is; 0 if the kernel is to look for it itself.</summary>
    public Paddr AcpiRsdp { get; init; }

    /// <summary>The setup_data list, without memory ranges for which the zero page has no room: these come by themselves.</summary>
    public ImmutableArray<SetupDataNode> SetupData { get; init; } = [];

    /// <summary>
    /// EFI's memory map, descriptors one behind the other, which is put beside the zero page, with its place in efi_info; empty for none. How
    /// large a descriptor is, and all else of efi_info, is for <see cref="Edit"/>.
    /// </summary>
    public ReadOnlyMemory<byte> EfiMemoryMap { get; init; }

    /// <summary>Whether the 64-bit entry gets page tables of five levels, which the kernel has to allow by its xloadflags.</summary>
    public bool FiveLevels { get; init; }

    /// <summary>Fills in further fields of the zero page (screen_info, efi_info, ...); what the builder sets itself comes after.</summary>
    public BootParamsEditor? Edit { get; init; }

    /// <summary>The way in which the guest starts.</summary>
    internal BootWay Way => Mode == WordSize.Bits64 ? BootWay.Linux64 : BootWay.Linux32;

    /// <summary>Builds the guest.</summary>
    /// <param name="kernel">The kernel; it is not needed any more after this.</param>
    /// <exception cref="BootException">The kernel cannot be started so, or something does not fit or is not allowed.</exception>
    public LinuxDomain Build(Kernel kernel) => BuildIn(kernel, BuildDomain);

    private LinuxDomain BuildDomain(Kernel kernel, GuestMemory memory)
    {
        var header = LinuxHeader.Of(kernel);
        byte[] commandLine = EncodeCommandLine();

        // Everything gets its place before anything is decoded: what does not fit shows at once.
        Layout layout = Map is { } map
            ? Plan(kernel, header, commandLine, map)
            : MemoryNeed.Plan(MemorySize, size => Plan(kernel, header, commandLine, MemoryMap.ForPc(size)));
        layout.Kernel.Load(memory);
        CpuState cpu = layout.Parameters.Write(memory, layout.Initrd);
        if (layout.Initrd is { } initrd)
            CopyInitrds(memory.Claim(initrd.Start, (long)initrd.Length).Span);
        return new LinuxDomain(memory, layout.Regions, layout.Map, layout.Kernel.Placement)
        {
            Cpu = cpu,
            DecompressesItself = layout.Kernel.DecompressesItself,
            HasOwnMap = Map is not null,
        };
    }

    private Layout Plan(Kernel kernel, LinuxHeader header, byte[] commandLine, MemoryMap map)
    {
        E820Writer.Check(map);
        LinuxKernelPlan plan = IsOwnEntry(kernel)
            ? LinuxImagePlan.Make(kernel, header, this, map)
            : LinuxElfPlan.Make(kernel, header, this, map);

        // The kernel first: page tables are as large as what it says of itself, and that may be more than there is.
        var regions = new RegionMap(map);
        plan.AddTo(regions);
        var parameters = new LinuxParameters(this, commandLine, header, plan, map);
        parameters.AddTo(regions);
        Region? initrd = InitrdLength == 0 ? null : LinuxInitrd.Add(this, InitrdLength, header, plan, regions);
        return new Layout(map, plan, parameters, regions, initrd);
    }

    private bool IsOwnEntry(Kernel kernel)
    {
        if (DecompressInGuest)
            return true;
        bool hasHeader = kernel.Payload.Image.HasSetupHeader;
        return hasHeader && (!kernel.IsElf || (Mode == WordSize.Bits32 && kernel.Elf.Word == WordSize.Bits64));
    }

    private sealed record Layout(MemoryMap Map, LinuxKernelPlan Kernel, LinuxParameters Parameters, RegionMap Regions, Region? Initrd);
}
