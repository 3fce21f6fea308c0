using BootProtocol.Domains;
using BootProtocol.Memory;
using BootProtocol.Output;
using BootProtocol.Xen;

namespace BootProtocol.Stubs;

/// <summary>
/// Writes a paravirtualised guest for a bare machine: its machine frames are that machine's physical ones, and <see cref="HypervisorStub"/>
/// starts it.
/// </summary>
internal static class XenPvElf
{
    private const ulong LowestStub = 1 << 20;
    private const ulong EndOfStub = 1 << 30;
    private const ulong EndOfFrames = (4UL << 30) / X86Page.Size;

    /// <summary>Writes the guest.</summary>
    /// <exception cref="BootRequestException">A machine frame is at 4 GiB or above, or there is no room for the stub below 1 GiB.</exception>
    public static void Write(XenPvDomain domain, Stream output)
    {
        List<(ulong First, ulong Count)> runs = Runs(domain, 0, domain.FrameCount);
        runs.Add((domain.SharedInfoFrame.Value, 1));
        runs.Sort();
        if (runs[^1].First + runs[^1].Count > EndOfFrames || runs[^1].First >= EndOfFrames)
        {
            throw new BootRequestException(
                BootErrorCode.NotAllowed,
                "machine frames",
                "",
                null,
                $"frames of the machine that is to start it, below 0x{EndOfFrames:x}",
                $"0x{runs[^1].First:x}");
        }

        VcpuGuestContext context = VcpuGuestContext.Parse(domain.VcpuContext.Span, domain.Placement.Word);
        CpuUserRegs registers = context.UserRegs;
        StubImage stub = HypervisorStub.Create(new HypervisorStubOptions
        {
            Address = FindRoom(runs),
            Word = domain.Placement.Word,
            PageTables = new Paddr(domain.Frames[domain.TopTable].Value * X86Page.Size),
            EntryPoint = new Vaddr(registers.Rip ?? registers.Eip ?? 0),
            StackPointer = new Vaddr(registers.Rsp ?? registers.Esp ?? 0),
            StartInfo = context.StartPointer,
        });
        PvhElf.Write(output, stub.Entry, [stub.Segment, .. Segments(domain)]);
    }

    private static Paddr FindRoom(List<(ulong First, ulong Count)> runs)
    {
        ulong place = LowestStub;
        foreach ((ulong first, ulong count) in runs)
        {
            if (first * X86Page.Size < place + HypervisorStub.MemorySize && (first + count) * X86Page.Size > place)
                place = (first + count) * X86Page.Size;
        }

        return place + HypervisorStub.MemorySize <= EndOfStub
            ? new Paddr(place)
            : throw new BootRequestException(
                BootErrorCode.NoRoom, "machine frames", "", null, $"0x{HypervisorStub.MemorySize:x} bytes for the stub between 1 MiB and 1 GiB", "none");
    }

    private static IEnumerable<PhysicalSegment> Segments(XenPvDomain domain)
    {
        foreach (GuestExtent extent in domain.Memory.Extents)
        {
            ulong at = 0;
            foreach ((ulong first, ulong count) in Runs(domain, extent.Start.Value / X86Page.Size, extent.End.Value / X86Page.Size))
            {
                yield return new PhysicalSegment(new Paddr(first * X86Page.Size), extent.Memory.Slice((int)at, (int)(count * X86Page.Size)));
                at += count * X86Page.Size;
            }
        }

        yield return new PhysicalSegment(new Paddr(domain.SharedInfoFrame.Value * X86Page.Size), domain.SharedFrames);
    }

    /// <summary>The machine frames behind frames of the guest, in its order, as pieces in which they follow one another.</summary>
    private static List<(ulong First, ulong Count)> Runs(XenPvDomain domain, ulong first, ulong end)
    {
        var runs = new List<(ulong First, ulong Count)>();
        for (ulong pfn = first; pfn < end; pfn++)
        {
            ulong mfn = domain.Frames[new Pfn(pfn)].Value;
            if (runs.Count > 0 && runs[^1].First + runs[^1].Count == mfn)
                runs[^1] = (runs[^1].First, runs[^1].Count + 1);
            else
                runs.Add((mfn, 1));
        }

        return runs;
    }
}
