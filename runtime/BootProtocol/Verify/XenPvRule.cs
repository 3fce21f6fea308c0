using System.Collections.Immutable;

namespace BootProtocol.Verify;

/// <summary>A rule for PV domains at their start.</summary>
/// <remarks>
/// Sources: xen/include/public/xen.h (the start-of-day layout above start_info), arch-x86/xen.h, arch-x86/xen-x86_32.h and
/// arch-x86/xen-x86_64.h of Xen; what the hypervisor refuses when it takes a context or a page table (xen/arch/x86/domain.c, pv/ and
/// mm.c); and what its own builder does.
/// </remarks>
/// <example><code>
/// foreach (XenPvRule rule in XenPvRule.All)
///     Console.WriteLine($"{rule.Name}: {rule.Text}");
/// </code></example>
public sealed record XenPvRule
{
    private static readonly ImmutableArray<XenPvRule>.Builder _all = ImmutableArray.CreateBuilder<XenPvRule>();

    private XenPvRule(string name, string text)
    {
        Name = name;
        Text = text;
        _all.Add(this);
    }

    /// <summary>Its short name.</summary>
    public string Name { get; }

    /// <summary>The rule in words.</summary>
    public string Text { get; }

    /// <summary>The context has the size of its word size's vcpu_guest_context.</summary>
    public static XenPvRule ContextSize { get; } = new("context-size", "the context is one vcpu_guest_context of the kernel's word size");

    /// <summary>The CPU is online and in its kernel.</summary>
    public static XenPvRule ContextFlags { get; } = new("context-flags", "flags are VGCF_in_kernel and VGCF_online");

    /// <summary>Selectors are the flat ones of the kernel's ring.</summary>
    public static XenPvRule Selectors { get; } = new(
        "selectors", "selectors are the hypervisor's flat ones for a kernel of that word size");

    /// <summary>The flags register has interrupts on and nothing else.</summary>
    public static XenPvRule FlagsRegister { get; } = new(
        "flags-register", "the flags register has the interrupt flag and no other but bit 1");

    /// <summary>The kernel stack is the one in use.</summary>
    public static XenPvRule KernelStack { get; } = new("kernel-stack", "kernel_ss and kernel_sp are ss and the stack pointer");

    /// <summary>Assists are those that a context may ask for.</summary>
    public static XenPvRule Assists { get; } = new("vm-assist", "vm_assist has no bit but pae_extended_cr3, and that for 32 bits only");

    /// <summary>What the protocol does not use at the start is zero.</summary>
    public static XenPvRule ContextRest { get; } = new(
        "context-rest", "the rest of the context is zero, but for the defaults of debug registers 6 and 7");

    /// <summary>The top page table is the domain's.</summary>
    public static XenPvRule TopTable { get; } = new("top-table", "ctrlreg[3] names a frame of the domain");

    /// <summary>A PAE top table lies below 4 GiB.</summary>
    public static XenPvRule TopTableLow { get; } = new(
        "top-table-low", "without pae_extended_cr3, a PAE top table has a machine frame below 4 GiB");

    /// <summary>Page tables are the domain's.</summary>
    public static XenPvRule TableOwned { get; } = new("table-owned", "an entry of an upper page table names a frame of the domain");

    /// <summary>A frame is a page table of one level.</summary>
    public static XenPvRule TableLevel { get; } = new("table-level", "a frame serves as page table of one level only");

    /// <summary>Tables are used no more often than a domain needs.</summary>
    public static XenPvRule TableUses { get; } = new(
        "table-uses", "page tables are used, each counted at every place, no more than 4096 times and once for every 128 frames");

    /// <summary>Upper entries have no bit that the hypervisor refuses.</summary>
    public static XenPvRule TableEntry { get; } = new(
        "table-entry", "an entry of an upper page table has no memory type, is not global, and in a PAE top table has no bit above its frame");

    /// <summary>Entries of the lowest level have no bit that the hypervisor refuses.</summary>
    public static XenPvRule PageEntry { get; } = new(
        "page-entry", "an entry of a level 1 page table has no memory type, and not bit 62, which marks a grant");

    /// <summary>There are no large pages.</summary>
    public static XenPvRule LargePage { get; } = new("large-page", "PV guests map pages of 4 KiB only");

    /// <summary>PAE has a level 2 table of its own in which the hypervisor keeps its entries.</summary>
    public static XenPvRule LastTable { get; } = new(
        "last-table", "the last of the four entries of a PAE top table names a level 2 table, and no other names it");

    /// <summary>The hypervisor's own addresses are not used.</summary>
    public static XenPvRule Hole { get; } = new("hypervisor-hole", "nothing is mapped at the hypervisor's own addresses");

    /// <summary>Mapped frames are the domain's.</summary>
    public static XenPvRule MappingOwned { get; } = new("mapping-owned", "a mapped page is a frame of the domain");

    /// <summary>Page tables are mapped read-only.</summary>
    public static XenPvRule TableReadOnly { get; } = new("table-read-only", "a frame that is a page table is mapped read-only everywhere");

    /// <summary>The start-of-day mapping is linear.</summary>
    public static XenPvRule Linear { get; } = new(
        "linear", "frame n is mapped n pages above where frame 0 is, from the first one to the end of the layout");

    /// <summary>All but page tables may be written.</summary>
    public static XenPvRule Writable { get; } = new("writable", "everything in the layout but page tables may be written, and so may the list");

    /// <summary>The entry is mapped.</summary>
    public static XenPvRule Entry { get; } = new("entry", "the instruction pointer is in the kernel");

    /// <summary>The entry can be executed.</summary>
    public static XenPvRule Executable { get; } = new("executable", "no entry for the instruction pointer's page forbids execution");

    /// <summary>start_info is where the register says.</summary>
    public static XenPvRule StartInfoPointer { get; } = new(
        "start-info-pointer", "rsi or esi holds the mapped address of start_info, the start of a page");

    /// <summary>start_info names the interface.</summary>
    public static XenPvRule Magic { get; } = new("magic", "start_info.magic is that of the word size");

    /// <summary>start_info has the size of the domain.</summary>
    public static XenPvRule Pages { get; } = new("nr-pages", "start_info.nr_pages is the number of frames that the domain has");

    /// <summary>shared_info is a page outside of the domain's memory.</summary>
    public static XenPvRule SharedInfoAddress { get; } = new(
        "shared-info-address", "start_info.shared_info is the machine address of a page that is none of the domain's frames");

    /// <summary>Flags are known.</summary>
    public static XenPvRule StartFlags { get; } = new("start-flags", "start_info.flags has known bits only");

    /// <summary>pt_base is the top table.</summary>
    public static XenPvRule TableBase { get; } = new("pt-base", "start_info.pt_base is where the top page table is mapped");

    /// <summary>The tables are where start_info says.</summary>
    public static XenPvRule TableFrames { get; } = new(
        "pt-frames", "the start_info.nr_pt_frames pages from pt_base on are the page tables of the layout, all of them");

    /// <summary>The P2M list is mapped.</summary>
    public static XenPvRule P2MMapped { get; } = new(
        "p2m-mapped", "the list at start_info.mfn_list is mapped with an entry for every frame");

    /// <summary>The P2M list has the machine frames.</summary>
    public static XenPvRule P2MTrue { get; } = new("p2m-true", "entry n of the list is the machine frame of frame n");

    /// <summary>start_info names the frames of a list outside of the layout.</summary>
    public static XenPvRule P2MFrames { get; } = new(
        "p2m-frames", "first_p2m_pfn and nr_p2m_frames name the frames of the list and its page tables where it is mapped apart, and are 0 otherwise");

    /// <summary>The ring pages are the domain's.</summary>
    public static XenPvRule Rings { get; } = new("rings", "store_mfn and console.mfn are two frames of the domain and no page tables");

    /// <summary>Event channels are named.</summary>
    public static XenPvRule Ports { get; } = new("ports", "store_evtchn and console.evtchn are two ports, and not 0");

    /// <summary>The module is in the domain.</summary>
    public static XenPvRule Module { get; } = new(
        "module", "the module's bytes are mapped, or frames of the domain where flags has SIF_MOD_START_PFN");

    /// <summary>The command line ends.</summary>
    public static XenPvRule CommandLine { get; } = new("command-line", "cmd_line ends with a NUL inside of its field");

    /// <summary>The parts come in order without gaps.</summary>
    public static XenPvRule Order { get; } = new(
        "order", "initrd, list, start_info, xenstore page, console page, page tables and stack follow each other without a gap");

    /// <summary>The layout ends at 4 MiB.</summary>
    public static XenPvRule End { get; } = new("end", "the layout ends at a multiple of 4 MiB");

    /// <summary>There is padding behind the stack.</summary>
    public static XenPvRule Padding { get; } = new("padding", "512 KiB at least follow behind the stack");

    /// <summary>shared_info masks events.</summary>
    public static XenPvRule EventsMasked { get; } = new(
        "events-masked", "shared_info masks the events of all virtual CPUs, and is zero otherwise");

    /// <summary>boot_params leads to start_info.</summary>
    public static XenPvRule Combined { get; } = new(
        "combined",
        "boot_params in rsi or esi is of loader 9 (Xen) and subarchitecture 2 (Xen), and hardware_subarch_data leads to start_info");

    /// <summary>Both structures say the same.</summary>
    public static XenPvRule CombinedEqual { get; } = new(
        "combined-equal", "boot_params and start_info have the same command line and initial ramdisk");

    /// <summary>All rules.</summary>
    public static ImmutableArray<XenPvRule> All { get; } = _all.ToImmutable();
}
