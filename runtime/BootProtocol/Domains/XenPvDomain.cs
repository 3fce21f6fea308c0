using System.Text.Json;
using BootProtocol.Memory;
using BootProtocol.Rules;
using BootProtocol.Xen;

namespace BootProtocol.Domains;

/// <summary>A paravirtualised guest of Xen, ready to start, with all that a hypervisor needs for that.</summary>
/// <remarks>
/// A hypervisor fills the page of hypercalls if there is one, takes <see cref="SharedFrames"/> into the frame that it shares with the
/// guest, pins <see cref="TopTable"/> when nobody else can write to page tables any more, and sets <see cref="VcpuContext"/>.
/// </remarks>
/// <example><code>
/// StartInfo info = StartInfo.Parse(pv.Memory.Slice(pv.StartInfoFrame.ToPaddr(), X86Page.Size).Span, WordSize.Bits64);
/// Console.WriteLine($"{info.NrPages} pages, P2M list at {pv.P2MAddress}, console ring in frame {pv.ConsoleFrame}");
/// </code></example>
public sealed class XenPvDomain : Domain
{
    private readonly XenPvLayout _layout;
    private readonly ReadOnlyMemory<byte> _context;
    private readonly ReadOnlyMemory<byte> _sharedInfo;

    internal XenPvDomain(
        GuestMemory memory, XenPvLayout layout, KernelPlacement kernel, ReadOnlyMemory<byte> context, ReadOnlyMemory<byte> sharedInfo)
        : base(memory, layout.Regions, layout.Map, kernel)
    {
        _layout = layout;
        _context = context;
        _sharedInfo = sharedInfo;
    }

    /// <inheritdoc/>
    public override BootWay Way => Live(BootWay.XenPv);

    /// <summary>The number of frames that the guest has.</summary>
    public required ulong FrameCount { get => Live(field); init; }

    /// <summary>The machine frames behind its frames.</summary>
    public required IMachineFrames Frames { get => Live(field); init; }

    /// <summary>The state in which its first virtual CPU starts: a vcpu_guest_context of its word size.</summary>
    public override ReadOnlyMemory<byte> VcpuContext => Live(_context);

    /// <summary>What the page has to hold that it shares with the hypervisor: shared_info of its word size in 4096 bytes.</summary>
    public override ReadOnlyMemory<byte> SharedFrames => Live(_sharedInfo);

    /// <summary>The machine frame of that page.</summary>
    public required Mfn SharedInfoFrame { get => Live(field); init; }

    /// <summary>The assists in its context.</summary>
    public required VmAssistFlags Assists { get => Live(field); init; }

    /// <summary>The frame that the hypervisor fills with the entries of hypercalls; null if the kernel asks for none.</summary>
    public Pfn? HypercallFrame { get => Live(field); internal init; }

    /// <summary>The frame of the top page table, which is to be pinned: level 4 for 64 bits, level 3 for 32.</summary>
    public Pfn TopTable => Live(_layout).TopTable;

    /// <summary>The frame of start_info.</summary>
    public Pfn StartInfoFrame => Live(_layout).StartInfo;

    /// <summary>The virtual address of start_info.</summary>
    public Vaddr StartInfoAddress => Live(_layout).AddressOf(_layout.StartInfo);

    /// <summary>The frame of the ring that is shared with xenstore.</summary>
    public Pfn XenstoreFrame => Live(_layout).Xenstore;

    /// <summary>The frame of the ring that is shared with the console.</summary>
    public Pfn ConsoleFrame => Live(_layout).Console;

    /// <summary>The frame of its stack.</summary>
    public Pfn StackFrame => Live(_layout).Stack;

    /// <summary>The frame of boot_params; null if it has none.</summary>
    public Pfn? BootParamsFrame => Live(_layout).BootParams;

    /// <summary>The first frame of the physical-to-machine list.</summary>
    public Pfn P2MFrame => Live(_layout).P2M;

    /// <summary>Frames of the list, without the page tables that it may have of its own.</summary>
    public ulong P2MFrameCount => Live(_layout).P2MPages;

    /// <summary>The virtual address of the list.</summary>
    public Vaddr P2MAddress => Live(_layout).P2MAddress;

    /// <summary>The frame behind the last one that is mapped from frame 0 on.</summary>
    public Pfn MappedEnd => Live(_layout).MappedEnd;

    /// <summary>The frame behind the last one that is laid out.</summary>
    public Pfn LaidOutEnd => Live(_layout).End;

    /// <summary>The page tables: which frames they are in, and what they map.</summary>
    internal XenPvTables Tables => Live(_layout).Tables;

    internal override void WriteRegisters(Utf8JsonWriter json) => XenPvDescription.WriteRegisters(json, Placement.Word, VcpuContext.Span);

    internal override void WriteDetails(Utf8JsonWriter json) => XenPvDescription.WriteDetails(json, this, _layout);
}
