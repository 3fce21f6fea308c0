namespace BootProtocol.Build;

/// <summary>The state in which the first processor starts, for ways that start without a hypervisor's help.</summary>
/// <remarks>
/// Segments are flat. What is not told is zero, apart from what processors keep set; interrupts are off. Source: Documentation/arch/x86/boot.rst
/// of Linux, docs/misc/pvh of Xen.
/// </remarks>
public sealed record CpuState
{
    /// <summary>Whether it starts in 64-bit mode; otherwise in 32-bit protected mode.</summary>
    public required bool IsLongMode { get; init; }

    /// <summary>The address of the first instruction.</summary>
    public required Paddr InstructionPointer { get; init; }

    /// <summary>What rsi or esi points at: boot_params; 0 for PVH.</summary>
    public ulong Rsi { get; init; }

    /// <summary>What ebx points at: hvm_start_info for PVH; 0 otherwise.</summary>
    public ulong Rbx { get; init; }

    /// <summary>Control register 0.</summary>
    public required ulong Cr0 { get; init; }

    /// <summary>Control register 3: the page tables; 0 without paging.</summary>
    public ulong Cr3 { get; init; }

    /// <summary>Control register 4.</summary>
    public ulong Cr4 { get; init; }

    /// <summary>The extended feature enable register.</summary>
    public ulong Efer { get; init; }

    /// <summary>Where the descriptors of the segments are; 0 if the way asks for none.</summary>
    public Paddr DescriptorTable { get; init; }

    /// <summary>The selector of the code segment.</summary>
    public ushort CodeSelector { get; init; }

    /// <summary>The selector of the data and stack segments.</summary>
    public ushort DataSelector { get; init; }
}
