using System.Runtime.InteropServices;
using BootProtocol.Memory;
using BootProtocol.Verify;

namespace BootProtocol.Xen.Domains;

/// <summary>Reads a PV domain back that has not run yet, out of the frames that Xen gave it.</summary>
public static class PvDomainReader
{
    private const string Step = "read the domain back";
    private const int PageShift = 12;
    private const int TrapHandlers = 256;

    /// <summary>Reads a domain of 64 bits.</summary>
    /// <param name="domain">The domain: paused, and as its builder left it.</param>
    /// <returns>
    /// The domain. Its memory is the domain's own, for reading only, and the caller's to dispose. What Xen itself has put beside the
    /// builder's work is left out: its entries of the top page table, its control registers, the wall clock, and events sent meanwhile.
    /// </returns>
    /// <exception cref="XenException">It is of 32 bits, has run, or has frames that are not its own.</exception>
    public static XenPvImage Read(XenDomain domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        if (domain.GetAddressSize() != WordSize.Bits64)
            throw new XenException(Step, XenError.None, "it is of 32 bits, and only those of 64 can be read");
        DomainInfo info = domain.GetInfo();
        byte[] context = domain.GetVCpuContext(0, WordSize.Bits64);
        VcpuGuestContext state = VcpuGuestContext.Parse(context, WordSize.Bits64);
        var top = new Mfn(state.Ctrlreg[3] >> PageShift);
        var tables = new PvTables(domain, top);
        var pointer = new Vaddr(state.UserRegs.Rsi!.Value);
        if (tables.ReadPage(pointer) is not { } page || !page.AsSpan().StartsWith("xen-3.0-x86_64\0"u8))
            throw new XenException(Step, XenError.None, $"rsi, {pointer}, is not the address of start_info: it has run, or is no PV domain");

        StartInfo start = StartInfo.Parse(page.AsSpan(0, StartInfo.Layout.Size64), WordSize.Bits64);
        DomainFrames frames = ReadFrames(tables, start, info);
        KeepWhatIsTheBuilders(context);
        return new XenPvImage
        {
            Word = WordSize.Bits64,
            Memory = DomainView.Open(domain, frames, FindTop(frames, top)),
            FrameCount = (ulong)frames.Count,
            Frames = frames,
            Context = context,
            SharedInfo = ReadSharedInfo(domain, info.SharedInfo),
        };
    }

    /// <summary>Its own list says which of its frames are where; that they are its own is checked when they are mapped.</summary>
    private static DomainFrames ReadFrames(PvTables tables, StartInfo start, DomainInfo info)
    {
        if (start.NrPages == 0 || start.NrPages > info.Pages)
            throw new XenException(Step, XenError.None, string.Create(null, $"start_info counts {start.NrPages} pages, Xen {info.Pages}"));
        var frames = new Mfn[start.NrPages];
        const int EntriesOfPage = GuestMemory.PageSize / sizeof(ulong);
        for (int first = 0; first < frames.Length; first += EntriesOfPage)
        {
            var address = new Vaddr(start.MfnList.Value + ((ulong)first * sizeof(ulong)));
            byte[] page = tables.ReadPage(address)
                ?? throw new XenException(Step, XenError.None, $"mfn_list has no page at {address}");
            int count = Math.Min(EntriesOfPage, frames.Length - first);
            MemoryMarshal.Cast<byte, Mfn>(page)[..count].CopyTo(frames.AsSpan(first));
        }

        return new DomainFrames(frames);
    }

    private static Pfn FindTop(DomainFrames frames, Mfn top)
    {
        for (int i = 0; i < frames.Count; i++)
        {
            var frame = new Pfn((ulong)i);
            if (frames[frame] == top)
                return frame;
        }

        throw new XenException(Step, XenError.None, $"the top page table, machine frame {top}, is not in mfn_list");
    }

    /// <summary>Clears what Xen shows of itself: its control registers, and a state of the FPU that the flags do not call valid.</summary>
    private static void KeepWhatIsTheBuilders(byte[] bytes)
    {
        VcpuGuestContext.Writer context = VcpuGuestContext.Edit(bytes, WordSize.Bits64);
        context.SetCtrlreg(0, 0);
        context.SetCtrlreg(4, 0);
        if ((context.AsView().Flags & (ulong)VcpuContextFlags.FpuValid) == 0)
            bytes.AsSpan(0, VcpuGuestContext.Layout.Offset64.Flags).Clear();

        // Xen raises the privilege level of every handler's selector to 3, also where there is no handler.
        for (int i = 0; i < TrapHandlers; i++)
        {
            int at = VcpuGuestContext.Layout.Offset64.TrapCtxt + (i * TrapInfo.Layout.Size64);
            TrapInfo.Writer trap = TrapInfo.Edit(bytes.AsSpan(at, TrapInfo.Layout.Size64), WordSize.Bits64);
            if (trap.AsView() is { Address.Value: 0, Cs: 3 })
                trap.Cs = 0;
        }
    }

    private static byte[] ReadSharedInfo(XenDomain domain, Mfn frame)
    {
        using Host.IHostMemory mapping = domain.MapReadOnly([frame], "map the shared_info page");
        byte[] page = mapping.Memory.ToArray();

        // xenstored sends an event when it is told of a domain, and Xen sets the wall clock.
        SharedInfo.Writer shared = SharedInfo.Edit(page, WordSize.Bits64);
        VcpuInfo.Writer processor = shared.GetVcpuInfo(0);
        processor.EvtchnUpcallPending = 0;
        processor.EvtchnPendingSel = 0;
        int pending = SharedInfo.Layout.Offset64.EvtchnPending;
        page.AsSpan(pending, SharedInfo.Layout.Offset64.EvtchnMask - pending).Clear();
        shared.WcVersion = 0;
        shared.WcSec = 0;
        shared.WcNsec = 0;
        shared.WcSecHi = 0;
        return page;
    }
}
