using BootProtocol.Rules;
using BootProtocol.X86;

namespace BootProtocol.Stubs;

/// <summary>
/// Where the parts of a hypervisor stub are. It has physical memory in one piece, and the same in the part of the domain's address space
/// that belongs to the hypervisor (Xen's public headers arch-x86/xen-x86_64.h and xen-x86_32.h).
/// </summary>
internal sealed class HypervisorLayout(HypervisorStubOptions options)
{
    /// <summary>The descriptor table: first the pages for descriptors of the domain, of which it has none, then those of the hypervisor.</summary>
    public const int Descriptors = 0;

    /// <summary>The interrupt table.</summary>
    public const int Gates = 0xf000;

    /// <summary>The domain's handlers: one for each vector.</summary>
    public const int Traps = 0x10000;

    /// <summary>The task state.</summary>
    public const int TaskState = 0x11000;

    /// <summary>What LGDT loads as long as there is no paging.</summary>
    public const int BootDescriptorRegister = 0x11100;

    /// <summary>What LGDT loads then.</summary>
    public const int DescriptorRegister = 0x11110;

    /// <summary>What LIDT loads.</summary>
    public const int GateRegister = 0x11120;

    /// <summary>What LIDT loads where the processor is to be reset: nothing.</summary>
    public const int NoGateRegister = 0x11130;

    /// <summary>What is printed if the domain crashes.</summary>
    public const int CrashText = 0x11180;

    /// <summary>Between the numbers of that.</summary>
    public const int CrashTextAt = 0x111c0;

    /// <summary>After them.</summary>
    public const int EndOfLine = 0x111d0;

    /// <summary>The hypervisor's own page tables.</summary>
    public const int Tables = 0x12000;

    /// <summary>Code that runs at its physical address.</summary>
    public const int BootCode = 0x16000;

    /// <summary>Code that runs at its virtual address.</summary>
    public const int Code = 0x16400;

    /// <summary>The end of the code's room.</summary>
    public const int CodeEnd = 0x17800;

    /// <summary>The end of the stack, and of all.</summary>
    public const int StackTop = 0x18000;

    /// <summary>The exponent of a handler's size: its address and its code selector, 64 bits each.</summary>
    public const byte TrapShift = 4;

    /// <summary>How many vectors there are.</summary>
    public const int Vectors = 256;

    /// <summary>The end of the descriptor table.</summary>
    public const int DescriptorsEnd = Gates;

    /// <summary>The hypervisor's code segment in ring 0: __HYPERVISOR_CS.</summary>
    public const ushort CodeSelector = 0xe008;

    /// <summary>The hypervisor's data and stack.</summary>
    public const ushort DataSelector = 0xe010;

    /// <summary>The task state.</summary>
    public const ushort TaskSelector = 0xe040;

    /// <summary>The first address that belongs to a 64-bit hypervisor: HYPERVISOR_VIRT_START. Physical memory is mapped from there on.</summary>
    public const ulong Start64 = XenHole.Start64;

    /// <summary>The first address that belongs to a hypervisor of PAE guests: HYPERVISOR_VIRT_START_PAE.</summary>
    public const uint Start32 = XenHole.Start32;

    /// <summary>Flags of an entry that refers to a table of the hypervisor.</summary>
    public const ulong Table = (ulong)(Pml4e.Present | Pml4e.Writable);

    /// <summary>Whether the domain has 64 bits.</summary>
    public bool IsWide => options.Word == WordSize.Bits64;

    /// <summary>The domain.</summary>
    public HypervisorStubOptions Options => options;

    /// <summary>The large page that holds the stub's first byte.</summary>
    public uint FirstLargePage => (uint)options.Address.Value / X86Page.LargeSize * X86Page.LargeSize;

    /// <summary>The physical address of a part.</summary>
    public uint Physical(int part) => (uint)options.Address.Value + (uint)part;

    /// <summary>The virtual address of a part.</summary>
    public ulong Virtual(int part) => IsWide ? Start64 + Physical(part) : Start32 + (Physical(part) - FirstLargePage);
}
