using BootProtocol.Memory;

namespace BootProtocol.Domains;

/// <summary>Where a kernel goes and what it needs there, before anything of it is decoded.</summary>
internal abstract class LinuxKernelPlan
{
    /// <summary>The end of what Linux addresses with page tables of four levels (MAX_PHYSMEM_BITS).</summary>
    public const ulong AddressLimit = 1UL << 46;

    /// <summary>The end of what 32-bit addresses reach.</summary>
    public const ulong Limit32 = 1UL << 32;

    /// <summary>The name of the region that has to be free behind the kernel.</summary>
    public const string WindowName = "kernel runtime window";

    /// <summary>Where it will stand.</summary>
    public required KernelPlacement Placement { get; init; }

    /// <summary>Bytes from its start on that have to be free when it starts; at least its length.</summary>
    public required ulong Window { get; init; }

    /// <summary>Why it is there.</summary>
    public required string Reason { get; init; }

    /// <summary>Whether the kernel is entered by its bzImage's own code.</summary>
    public abstract bool DecompressesItself { get; }

    /// <summary>The name of the kernel's region.</summary>
    protected abstract string Name { get; }

    /// <summary>The address behind everything that has to be free.</summary>
    public Paddr End => new(Placement.Start.Value + Window);

    /// <summary>Takes its place.</summary>
    /// <exception cref="BootException">The place is taken already, or not memory.</exception>
    public void AddTo(RegionMap regions)
    {
        (Paddr start, ulong length) = (Placement.Start, Placement.Length);
        if (length > AddressLimit || Window > AddressLimit || start.Value > AddressLimit - Window)
            throw new BootRequestException(BootErrorCode.NoRoom, "memory", Name, (long)start.Value, "a place below 2^46", $"0x{Window:x} bytes at {start}");
        regions.Add(new Region(Name, start, length, Reason));
        if (Window > length)
        {
            string reason = $"init_size: the kernel uses 0x{Window:x} bytes from its start on before it reads the memory map";
            regions.Add(new Region(WindowName, new Paddr(start.Value + length), Window - length, reason));
        }
    }

    /// <summary>Brings the kernel into memory.</summary>
    /// <exception cref="BootException">It cannot be decoded, or not be run where it is to go.</exception>
    public abstract void Load(GuestMemory memory);

    /// <summary>Checks an address that the caller chose for the kernel.</summary>
    /// <param name="header">The kernel's header.</param>
    /// <param name="mode">The protocol by which it is entered.</param>
    /// <param name="address">The address.</param>
    /// <param name="lowest">The lowest address at which it runs.</param>
    /// <param name="alignment">What the address has to be a multiple of.</param>
    /// <exception cref="BootException">The kernel does not run there.</exception>
    protected static void CheckAddress(LinuxHeader header, WordSize mode, Paddr address, Paddr lowest, ulong alignment)
    {
        if (address < lowest || (address.Value - lowest.Value) % alignment != 0 || address.Value > AddressLimit)
            throw Fault($"{lowest}, or higher by a multiple of 0x{alignment:x}", address);
        if (address.Value < Limit32)
            return;
        if (mode == WordSize.Bits32)
            throw Fault("an address below 4 GiB for the 32-bit entry", address);
        if (!header.Fields.Xloadflags.HasFlag(LinuxX86.XloadFlags.CanBeLoadedAbove4G))
            throw Fault("an address below 4 GiB, as XLF_CAN_BE_LOADED_ABOVE_4G is not set", address);
    }

    /// <summary>The error about an address that the caller chose.</summary>
    protected static BootRequestException Fault(string expected, Paddr found) => new(BootErrorCode.NotAllowed, "kernel", "address", null, expected, $"{found}");
}
