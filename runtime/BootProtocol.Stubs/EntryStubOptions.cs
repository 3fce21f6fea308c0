namespace BootProtocol.Stubs;

/// <summary>What an entry stub is to do; see <see cref="EntryStub"/>.</summary>
/// <example><code>
/// var options = new EntryStubOptions
/// {
///     Address = new Paddr(0x200000),
///     Mode = EntryMode.Linux64,
///     EntryPoint = linux.Cpu.InstructionPointer,
///     Parameters = linux.BootParamsAddress,
///     PageTables = new Paddr(linux.Cpu.Cr3),
/// };
/// Console.WriteLine(EntryStub.Create(options).Entry);
/// </code></example>
public sealed record EntryStubOptions
{
    /// <summary>
    /// Where the stub lies: 1 MiB to 4 GiB less <see cref="EntryStub.MemorySize"/>, a multiple of 16. The kernel must leave these bytes alone
    /// until it has loaded its own descriptor table, and for the 64-bit protocol <see cref="PageTables"/> has to map them where they are.
    /// </summary>
    public required Paddr Address { get; init; }

    /// <summary>How the kernel is entered.</summary>
    public required EntryMode Mode { get; init; }

    /// <summary>The kernel's entry point: for <see cref="EntryMode.Linux64"/> anywhere, for the others below 4 GiB.</summary>
    public required Paddr EntryPoint { get; init; }

    /// <summary>What the kernel gets a pointer to: the zero page or, for PVH, hvm_start_info. Below 4 GiB.</summary>
    public required Paddr Parameters { get; init; }

    /// <summary>The top page table, for <see cref="EntryMode.Linux64"/>: a page below 4 GiB.</summary>
    public Paddr PageTables { get; init; }

    /// <summary>Whether <see cref="PageTables"/> has five levels rather than four; the machine's processor must have LA57 then.</summary>
    public bool FiveLevels { get; init; }

    /// <summary>
    /// Whether the memory map of the machine replaces the one that was built. A domain that has a memory map of its own keeps that.
    /// </summary>
    public bool TakeMemoryMap { get; init; } = true;

    /// <summary>Whether the machine's address of the ACPI RSDP, if it has one, replaces the one that was built.</summary>
    public bool TakeRsdp { get; init; } = true;

    /// <summary>
    /// Room for the memory map of the machine: for PVH for all of it, for Linux for what exceeds the zero page's 128 entries. Entries for
    /// which there is no room are left out.
    /// </summary>
    public MemoryMapRoom? MemoryMapRoom { get; init; }
}
