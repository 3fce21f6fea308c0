using BootProtocol.Firmware;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;

namespace BootProtocol.Xen.Domains;

/// <summary>What a PVH domain has at which of its addresses: as Xen's own domain builder has it.</summary>
/// <remarks>
/// Sources: tools/libs/light/libxl_x86.c and libxl_x86_acpi.c, tools/libs/guest/xg_dom_x86.c of Xen. What differs: the ACPI tables are of our own, in
/// one range with their root pointer.
/// </remarks>
internal static class HvmPlaces
{
    /// <summary>The first address that is no RAM, below 4 GiB; the ACPI tables are there.</summary>
    public const ulong AcpiStart = 0xfc000000;

    /// <summary>The first of the pages that Xen's interfaces use.</summary>
    public const ulong FirstSpecial = 0xfeff8;

    /// <summary>How many of them there are.</summary>
    public const int SpecialPages = 8;

    /// <summary>The page of the xenstore ring.</summary>
    public const ulong StoreFrame = FirstSpecial + 4;

    /// <summary>The page directory for processors that cannot run without paging.</summary>
    public const ulong IdentityFrame = FirstSpecial + 6;

    /// <summary>The page of the console ring.</summary>
    public const ulong ConsoleFrame = FirstSpecial + 7;

    /// <summary>Xen gives its virtual CPUs every second id.</summary>
    private const int ApicIdStep = 2;

    private const ulong HighStart = 1UL << 32;

    /// <summary>The ACPI tables of a domain.</summary>
    public static byte[] Tables(uint vcpus) => AcpiTables.Create(
        new AcpiMachine { Address = new Paddr(AcpiStart), Processors = (int)vcpus, ApicIdStep = ApicIdStep });

    /// <summary>The memory map of a domain.</summary>
    /// <param name="memory">Bytes of its RAM.</param>
    /// <param name="tables">Bytes of its ACPI tables.</param>
    public static MemoryMap Map(ulong memory, int tables)
    {
        ulong low = Math.Min(memory, AcpiStart);
        MemoryRange[] ranges =
        [
            new(default, low, E820Type.Ram),
            new(new Pfn(FirstSpecial).ToPaddr(), SpecialPages * X86Page.Size, E820Type.Reserved),
            new(new Paddr(AcpiStart), X86Page.Count((ulong)tables) * X86Page.Size, E820Type.Acpi),
        ];
        return new MemoryMap(memory > low ? [.. ranges, new(new Paddr(HighStart), memory - low, E820Type.Ram)] : [.. ranges]);
    }
}
