using System.Buffers.Binary;
using System.Globalization;
using BootProtocol.Memory;
using BootProtocol.Verify;
using BootProtocol.Xen;
using BootProtocol.XenStream;

namespace BootProtocol.Saved;

/// <summary>Makes of a saved PV domain what a restore would make of it, with the domain's own frame numbers as machine frames.</summary>
/// <remarks>Source for what a restore changes: tools/libs/guest/xg_sr_restore_x86_pv.c of Xen.</remarks>
internal static class SavedPv
{
    /// <summary>Reads a domain; its memory is the caller's to dispose.</summary>
    public static XenPvImage Read(Stream stream)
    {
        GuestMemory memory = GuestMemory.Allocate();
        try
        {
            SavedDomain domain = new SavedFile(stream, (pages, contents) => Take(memory, pages, contents)).Read();
            if (domain.HasRun)
            {
                string found = domain.Type == XcDomainType.X86Pv ? "one that was saved while it ran" : "an HVM or PVH domain";
                throw new BootFormatException(BootErrorCode.Unsupported, "saved domain", "", null, "a PV domain that has not run yet", found);
            }

            XenPvVerifier.CheckFrameCount(domain.FrameCount!.Value);
            WriteFrameList(memory, domain);
            byte[] context = domain.Processors.First(static processor => !processor.Context.IsEmpty).Context.ToArray();
            FinishStartInfo(memory, domain, context);
            return new XenPvImage
            {
                Word = domain.Word!.Value,
                Memory = memory,
                FrameCount = domain.FrameCount!.Value,
                Frames = new ContiguousFrames(default),
                Context = context,
                SharedInfo = domain.SharedInfo,
            };
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>Copies pages, those that follow each other at once; one that was there before is replaced.</summary>
    private static void Take(GuestMemory memory, ReadOnlySpan<XcPageInfo> pages, ReadOnlySpan<byte> contents)
    {
        for (int first = 0; first < pages.Length;)
        {
            if (pages[first].GetKind() >= XcPageType.Broken)
            {
                first++;
                continue;
            }

            int end = first + 1;
            while (end < pages.Length && pages[end].GetKind() < XcPageType.Broken && pages[end].GetPfn() == pages[end - 1].GetPfn() + 1)
                end++;
            int length = (end - first) * X86Page.Size;
            Paddr start = new Pfn(pages[first].GetPfn()).ToPaddr();
            if (memory.CanClaim(start, length))
            {
                contents[..length].CopyTo(memory.Claim(start, length).Span);
            }
            else
            {
                for (int at = 0; at < length; at += X86Page.Size)
                    contents.Slice(at, X86Page.Size).CopyTo(Page(memory, new Pfn(pages[first].GetPfn() + (ulong)(at >> X86Page.Shift))));
            }

            contents = contents[length..];
            first = end;
        }
    }

    private static Span<byte> Page(GuestMemory memory, Pfn frame) => memory.CanClaim(frame.ToPaddr(), X86Page.Size)
        ? memory.Claim(frame.ToPaddr(), X86Page.Size).Span
        : memory.Slice(frame.ToPaddr(), X86Page.Size).Span;

    /// <summary>Writes the list of machine frames into its pages, all of which a file has: so it takes no more memory than these.</summary>
    private static void WriteFrameList(GuestMemory memory, SavedDomain domain)
    {
        bool isWide = domain.Word == WordSize.Bits64;
        int entry = isWide ? sizeof(ulong) : sizeof(uint);
        ulong frame = 0;
        foreach (ulong page in domain.FrameList)
        {
            if (memory.CanClaim(new Pfn(page).ToPaddr(), X86Page.Size))
            {
                throw new BootFormatException(
                    BootErrorCode.Missing, "saved domain", "X86_PV_P2M_FRAMES", null, "frames that have contents", $"frame {new Pfn(page)} without any");
            }

            Span<byte> bytes = Page(memory, new Pfn(page));
            for (int at = 0; at < X86Page.Size && frame < domain.FrameCount; at += entry, frame++)
            {
                if (isWide)
                    BinaryPrimitives.WriteUInt64LittleEndian(bytes[at..], frame);
                else
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], (uint)frame);
            }
        }
    }

    /// <summary>A restore finds start_info by the frame in rdx or edx, puts it right, and replaces the number.</summary>
    private static void FinishStartInfo(GuestMemory memory, SavedDomain domain, byte[] context)
    {
        WordSize word = domain.Word!.Value;
        CpuUserRegs.Writer registers = VcpuGuestContext.Edit(context, word).UserRegs;
        CpuUserRegs view = registers.AsView();
        ulong frame = word == WordSize.Bits64 ? view.Rdx!.Value : view.Edx!.Value;
        byte[] page = new byte[X86Page.Size];
        if (frame < domain.FrameCount)
            memory.Read(new Pfn(frame).ToPaddr(), page);
        if (!page.AsSpan().StartsWith("xen-3.0-x86_"u8))
        {
            string register = word == WordSize.Bits64 ? "rdx" : "edx";
            throw new BootFormatException(
                BootErrorCode.BadValue,
                "vcpu_guest_context",
                register,
                null,
                "the frame of start_info",
                string.Create(CultureInfo.InvariantCulture, $"0x{frame:x}"));
        }

        StartInfo.Writer info = StartInfo.Edit(Page(memory, new Pfn(frame)), word);
        info.SharedInfo = new Maddr(domain.FrameCount!.Value << X86Page.Shift);
        if (word == WordSize.Bits64)
            registers.Rdx = 0;
        else
            registers.Edx = 0;
    }
}
