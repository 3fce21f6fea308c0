using System.Text.Json;
using BootProtocol.Elf;
using BootProtocol.Memory;
using BootProtocol.Xen;

namespace BootProtocol.Build;

/// <summary>A paravirtualised guest of Xen, ready to start, with all that a hypervisor has to be told.</summary>
/// <remarks>
/// A hypervisor fills the page of hypercalls if there is one, takes <see cref="SharedFrames"/> into the frame that it shares with the
/// guest, pins <see cref="TopTable"/> when nobody else can write to page tables any more, and sets <see cref="VcpuContext"/>.
/// </remarks>
public sealed class XenPvDomain : Domain
{
    private readonly XenPvLayout _layout;

    internal XenPvDomain(
        GuestMemory memory, XenPvLayout layout, PlacedKernel kernel, ReadOnlyMemory<byte> context, ReadOnlyMemory<byte> sharedInfo)
        : base(memory, layout.Regions, layout.Map, kernel)
    {
        _layout = layout;
        VcpuContext = context;
        SharedFrames = sharedInfo;
    }

    /// <inheritdoc/>
    public override string Way => BootWays.XenPv;

    /// <summary>The number of frames that the guest has.</summary>
    public required ulong FrameCount { get; init; }

    /// <summary>The machine frames behind its frames.</summary>
    public required IMachineFrames Frames { get; init; }

    /// <summary>The state in which its first virtual CPU starts: a vcpu_guest_context of its word size.</summary>
    public override ReadOnlyMemory<byte> VcpuContext { get; }

    /// <summary>What the page has to hold that it shares with the hypervisor: shared_info of its word size in 4096 bytes.</summary>
    public override ReadOnlyMemory<byte> SharedFrames { get; }

    /// <summary>The machine frame of that page.</summary>
    public required Mfn SharedInfoFrame { get; init; }

    /// <summary>The assists in its context.</summary>
    public required VmAssistFlags Assists { get; init; }

    /// <summary>The frame that the hypervisor fills with the entries of hypercalls; null if the kernel wants none.</summary>
    public Pfn? HypercallFrame { get; internal init; }

    /// <summary>The frame of the top page table, which is to be pinned: level 4 for 64 bits, level 3 for 32.</summary>
    public Pfn TopTable => _layout.TopTable;

    /// <summary>The frame of start_info.</summary>
    public Pfn StartInfoFrame => _layout.StartInfo;

    /// <summary>The virtual address of start_info.</summary>
    public Vaddr StartInfoAddress => _layout.AddressOf(_layout.StartInfo);

    /// <summary>The frame of the ring that is shared with xenstore.</summary>
    public Pfn XenstoreFrame => _layout.Xenstore;

    /// <summary>The frame of the ring that is shared with the console.</summary>
    public Pfn ConsoleFrame => _layout.Console;

    /// <summary>The frame of its stack.</summary>
    public Pfn StackFrame => _layout.Stack;

    /// <summary>The frame of boot_params; null if it has none.</summary>
    public Pfn? BootParamsFrame => _layout.BootParams;

    /// <summary>The first frame of the physical-to-machine list.</summary>
    public Pfn P2MFrame => _layout.P2M;

    /// <summary>Frames of the list, without the page tables that it may have of its own.</summary>
    public ulong P2MFrameCount => _layout.P2MPages;

    /// <summary>The virtual address of the list.</summary>
    public Vaddr P2MAddress => _layout.P2MAddress;

    /// <summary>The frame behind the last one that is mapped from frame 0 on.</summary>
    public Pfn MappedEnd => _layout.MappedEnd;

    /// <summary>The frame behind the last one that is laid out.</summary>
    public Pfn LaidOutEnd => _layout.End;

    internal override void WriteRegisters(Utf8JsonWriter json) => XenPvDescription.WriteRegisters(json, Kernel.Word, VcpuContext.Span);

    internal override void WriteDetails(Utf8JsonWriter json) => XenPvDescription.WriteDetails(json, this, _layout);
}
