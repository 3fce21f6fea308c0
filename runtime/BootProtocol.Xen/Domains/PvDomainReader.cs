using System.Buffers.Binary;
using System.Text;
using BootProtocol.Elf;
using BootProtocol.Memory;
using BootProtocol.Rules;
using BootProtocol.Verify;

namespace BootProtocol.Xen.Domains;

/// <summary>Reads a PV domain back that has not run yet, out of the frames that Xen gave it.</summary>
/// <example><code>
/// XenPvImage read = PvDomainReader.Read(domain.Domain);      // built, and not yet started
/// using (read.Memory)
/// {
///     foreach (Violation violation in XenPvVerifier.Verify(read))
///         Console.WriteLine(violation);
/// }
/// </code></example>
public static class PvDomainReader
{
    private const string Step = "read the domain back";
    private const int TopShift = 39;
    private const int TableEntries = 512;
    private const int TrapHandlers = 256;

    /// <summary>Reads a domain.</summary>
    /// <param name="domain">The domain: paused, and as its builder left it.</param>
    /// <returns>
    /// The domain. Its memory is the domain's own, for reading only, and the caller's to dispose. What Xen itself has put beside the
    /// builder's work is left out: its entries in a page table, its control registers, the wall clock, and events sent meanwhile. So is what
    /// a restore leaves (<see cref="XenPvImage.IsRestored"/>).
    /// </returns>
    /// <exception cref="XenException">It has run, or has frames that are not its own.</exception>
    public static XenPvImage Read(XenDomain domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        DomainInfo info = domain.GetInfo();
        if (info.State.HasFlag(DomainState.HvmGuest))
            throw new XenException(Step, XenError.None, "it is no PV domain");
        WordSize word = domain.GetAddressSize();
        byte[] context = domain.GetVCpuContext(0, word);
        VcpuGuestContext state = VcpuGuestContext.Parse(context, word);
        Mfn top = state.TopTable;
        var tables = new PvTables(domain, word, top);
        Vaddr pointer = state.StartPointer;
        if (tables.ReadPage(pointer) is not { } page || !page.AsSpan().StartsWith(Encoding.ASCII.GetBytes(StartInfo.MagicOf(word) + "\0")))
        {
            string register = word == WordSize.Bits64 ? "rsi" : "esi";
            throw new XenException(
                Step, XenError.None, $"{register}, {pointer}, is not the address of start_info: it has run, or is no PV domain");
        }

        StartInfo start = StartInfo.Parse(page, word);
        DomainFrames frames = ReadFrames(tables, word, start, info);
        KeepWhatIsTheBuilders(context, word);

        // Last of all the memory, which is the caller's to give back, and would be nobody's if anything failed behind it.
        byte[] shared = ReadSharedInfo(domain, info.SharedInfo, word);
        bool isRestored = RestoredMarks.TryRemove(context, shared, word, tables.Find(pointer)!.Value);
        return new XenPvImage
        {
            Word = word,
            Memory = DomainView.Open(domain, frames, FindShared(tables, frames, word, top)),
            FrameCount = (ulong)frames.Count,
            Frames = frames,
            Context = context,
            SharedInfo = shared,
            IsRestored = isRestored,
        };
    }

    /// <summary>Its own list says which of its frames are where; that they are its own is checked when they are mapped.</summary>
    private static DomainFrames ReadFrames(PvTables tables, WordSize word, StartInfo start, DomainInfo info)
    {
        if (start.NrPages == 0 || start.NrPages > info.Pages)
            throw new XenException(Step, XenError.None, string.Create(null, $"start_info counts {start.NrPages} pages, Xen {info.Pages}"));
        var frames = new Mfn[start.NrPages];
        int entrySize = (int)word / 8;
        int entriesOfPage = X86Page.Size / entrySize;
        for (int first = 0; first < frames.Length; first += entriesOfPage)
        {
            var address = new Vaddr(start.MfnList.Value + ((ulong)first * (ulong)entrySize));
            byte[] page = tables.ReadPage(address)
                ?? throw new XenException(Step, XenError.None, $"mfn_list has no page at {address}");
            int count = Math.Min(entriesOfPage, frames.Length - first);
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> entry = page.AsSpan(i * entrySize);
                frames[first + i] = new Mfn(
                    entrySize == sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(entry) : BinaryPrimitives.ReadUInt32LittleEndian(entry));
            }
        }

        return new DomainFrames(frames);
    }

    /// <summary>
    /// Xen's entries for its hole are in the top table, or for 32 bits in the table of level 2 for the highest GiB.
    /// </summary>
    private static SharedTable? FindShared(PvTables tables, DomainFrames frames, WordSize word, Mfn top)
    {
        if (word == WordSize.Bits64)
        {
            const int First64 = (int)(XenHole.Start64 >> TopShift) & (TableEntries - 1);
            return new SharedTable(FindFrame(frames, top), First64, (int)((XenHole.Last64 >> TopShift) - (XenHole.Start64 >> TopShift)) + 1);
        }

        const int First = (int)(XenHole.Start32 >> X86Page.LargeShift) & (TableEntries - 1);
        return tables.Find(new Vaddr(XenHole.Start32), level: 2) is { } table
            ? new SharedTable(FindFrame(frames, table), First, TableEntries - First)
            : null;
    }

    private static Pfn FindFrame(DomainFrames frames, Mfn table)
    {
        for (int i = 0; i < frames.Count; i++)
        {
            var frame = new Pfn((ulong)i);
            if (frames[frame] == table)
                return frame;
        }

        throw new XenException(Step, XenError.None, $"a page table, machine frame {table}, is not in mfn_list");
    }

    /// <summary>Clears what Xen shows of itself: its control registers, and a state of the FPU that the flags do not call valid.</summary>
    private static void KeepWhatIsTheBuilders(byte[] bytes, WordSize word)
    {
        VcpuGuestContext.Writer context = VcpuGuestContext.Edit(bytes, word);
        bool isWide = word == WordSize.Bits64;
        context.SetCtrlreg(0, 0);
        context.SetCtrlreg(4, 0);
        if ((context.AsView().Flags & (ulong)VcpuContextFlags.FpuValid) == 0)
            bytes.AsSpan(0, isWide ? VcpuGuestContext.Layout.Offset64.Flags : VcpuGuestContext.Layout.Offset32.Flags).Clear();

        // Xen raises the privilege level of every handler's selector to the guest kernel's, also where there is no handler.
        ushort raised = (ushort)(isWide ? 3 : 1);
        if (!isWide)
        {
            VcpuGuestContext view = context.AsView();
            if (view is { EventCallbackEip.Value: 0 } && view.EventCallbackCs == raised)
                context.EventCallbackCs = 0;
            if (view is { FailsafeCallbackEip.Value: 0 } && view.FailsafeCallbackCs == raised)
                context.FailsafeCallbackCs = 0;
        }

        for (int i = 0; i < TrapHandlers; i++)
        {
            TrapInfo.Writer trap = context.GetTrapCtxt(i);
            TrapInfo handler = trap.AsView();
            if (handler.Address.Value == 0 && handler.Cs == raised)
                trap.Cs = 0;
        }
    }

    private static byte[] ReadSharedInfo(XenDomain domain, Mfn frame, WordSize word)
    {
        using Host.IHostMemory mapping = domain.MapReadOnly([frame], "map the shared_info page");
        byte[] page = mapping.Memory.ToArray();

        // xenstored sends an event when a domain is introduced to it, and Xen sets the wall clock.
        SharedInfo.Writer shared = SharedInfo.Edit(page, word);
        VcpuInfo.Writer processor = shared.GetVcpuInfo(0);
        processor.EvtchnUpcallPending = 0;
        processor.EvtchnPendingSel = 0;
        bool isWide = word == WordSize.Bits64;
        int pending = isWide ? SharedInfo.Layout.Offset64.EvtchnPending : SharedInfo.Layout.Offset32.EvtchnPending;
        int mask = isWide ? SharedInfo.Layout.Offset64.EvtchnMask : SharedInfo.Layout.Offset32.EvtchnMask;
        page.AsSpan(pending, mask - pending).Clear();
        shared.WcVersion = 0;
        shared.WcSec = 0;
        shared.WcNsec = 0;
        if (isWide)
        {
            shared.WcSecHi = 0;
        }
        else
        {
            ArchSharedInfo.Writer arch = shared.Arch;
            arch.WcSecHi = 0;
        }

        return page;
    }
}
