namespace BootProtocol.Sample;

/// <summary>Where the sample guest is linked.</summary>
internal static class GuestLayout
{
    /// <summary>The physical address that the guest prefers.</summary>
    public const uint PhysicalAddress = 0x200000;

    /// <summary>What the guest's place in physical and in virtual memory is aligned to: the size of a large page.</summary>
    public const int Alignment = 0x200000;

    /// <summary>The exponent of <see cref="Alignment"/>.</summary>
    public const byte AlignmentPower = 21;

    /// <summary>The virtual address that belongs to physical address 0, as for Linux.</summary>
    public static ulong VirtualBase(WordSize word) => word == WordSize.Bits32 ? 0xc0000000 : 0xffffffff80000000;
}
