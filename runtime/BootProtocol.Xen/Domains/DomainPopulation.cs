using System.Runtime.InteropServices;
using BootProtocol.Xen.Host;

namespace BootProtocol.Xen.Domains;

/// <summary>Gives a domain its memory.</summary>
/// <remarks>Source: XENMEM_populate_physmap in Xen's public header memory.h.</remarks>
internal static class DomainPopulation
{
    private const string Step = "give the domain memory";

    /// <summary>Pieces of 2 to this power frames, 2 MiB, cost Xen and its page allocator least.</summary>
    private const int LargeOrder = 9;

    /// <summary>Extents that one hypercall is asked for: a page of numbers is allocated for each 512 of them.</summary>
    private const int MostExtents = 1 << 16;

    /// <summary>Populates frames, from 0 on by default: a multiple of 512, or single pages.</summary>
    /// <exception cref="XenException">Xen has less memory, or refused.</exception>
    public static DomainFrames Run(Hypervisor hypervisor, ushort domain, int pages, ulong start = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pages);
        var frames = new Mfn[pages];

        // Where Xen has no large piece left, and for the rest: single pages.
        int done = Populate(hypervisor, domain, frames, start, 0, start % (1 << LargeOrder) == 0 ? LargeOrder : 0);
        done = Populate(hypervisor, domain, frames, start, done, 0);
        if (done < pages)
            throw new XenException(Step, XenError.NoMemory, string.Create(null, $"Xen had {done} of {pages} pages"));
        return new DomainFrames(frames);
    }

    /// <summary>Populates extents of one size as long as there are any; returns up to which frame.</summary>
    private static int Populate(Hypervisor hypervisor, ushort domain, Mfn[] frames, ulong start, int first, int order)
    {
        int extents = (frames.Length - first) >> order;
        while (extents > 0)
        {
            int wanted = Math.Min(extents, MostExtents);
            int got = PopulateSome(hypervisor, domain, frames.AsSpan(first), start + (ulong)first, wanted, order);
            first += got << order;
            extents -= got;
            if (got < wanted)
                break;
        }

        return first;
    }

    private static int PopulateSome(Hypervisor hypervisor, ushort domain, Span<Mfn> frames, ulong first, int extents, int order)
    {
        using IHostMemory list = hypervisor.Allocate(extents * sizeof(ulong));
        using IHostMemory memory = hypervisor.Allocate(XenMemoryReservation.Layout.Size64);
        Span<ulong> numbers = MemoryMarshal.Cast<byte, ulong>(list.Memory.Span);
        for (int i = 0; i < extents; i++)
            numbers[i] = first + ((ulong)i << order);
        XenMemoryReservation.Writer wanted = XenMemoryReservation.Create(memory.Memory.Span, WordSize.Bits64);
        wanted.ExtentStart = new Vaddr(list.Address);
        wanted.NrExtents = (ulong)extents;
        wanted.ExtentOrder = (uint)order;
        wanted.Domain = domain;
        long answer = hypervisor.Host.Call(Hypercall.MemoryOp, (ulong)MemoryOpCmd.PopulatePhysmap, memory.Address);
        int got = (int)Math.Min(XenException.Check(Step, answer), extents);
        for (int i = 0; i < got << order; i++)
            frames[i] = new Mfn(numbers[i >> order] + (ulong)(i & ((1 << order) - 1)));
        return got;
    }
}
