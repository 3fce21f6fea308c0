using System.Buffers.Binary;
using BootProtocol.X86;
using BootProtocol.Xen.Host;

namespace BootProtocol.Xen.Domains;

/// <summary>The calls that build an HVM domain, beside those that it shares with a PV one.</summary>
/// <remarks>Source: Xen's public headers domctl.h and hvm/hvm_op.h.</remarks>
internal static class HvmCalls
{
    /// <summary>Each entry of the directory maps 4 MiB.</summary>
    private const int DirectoryShift = 22;

    private const uint DirectoryFlags =
        (uint)(Pde2M.Present | Pde2M.Writable | Pde2M.User | Pde2M.Accessed | Pde2M.Dirty | Pde2M.PageSize);

    /// <summary>Sets how much memory Xen has for the domain's page tables.</summary>
    public static void SetPagingPool(XenDomain domain, ulong bytes)
    {
        using var call = new DomctlCall(domain.Hypervisor, XenDomctlCmd.SetPagingPool, domain.Id);
        XenDomctlPagingMempool.Writer wanted = call.Control.PagingPool;
        wanted.Size = bytes;
        call.Run("set the memory for page tables");
    }

    /// <summary>Sets a parameter.</summary>
    public static void SetParameter(XenDomain domain, HvmParameter parameter, ulong value)
    {
        using IHostMemory memory = domain.Hypervisor.Allocate(HvmParameterValue.Layout.Size);
        Fill(memory, domain, parameter).Value = value;
        long answer = domain.Host.Call(Hypercall.HvmOp, (ulong)HvmOperation.SetParameter, memory.Address);
        XenException.Check($"set the parameter {parameter}", answer);
    }

    /// <summary>Reads a parameter.</summary>
    public static ulong GetParameter(XenDomain domain, HvmParameter parameter)
    {
        using IHostMemory memory = domain.Hypervisor.Allocate(HvmParameterValue.Layout.Size);
        Fill(memory, domain, parameter);
        long answer = domain.Host.Call(Hypercall.HvmOp, (ulong)HvmOperation.GetParameter, memory.Address);
        XenException.Check($"read the parameter {parameter}", answer);
        return HvmParameterValue.Parse(memory.Memory.Span).Value;
    }

    /// <summary>Reads its saved state: records, each behind its descriptor.</summary>
    public static byte[] ReadContext(XenDomain domain)
    {
        using var question = new DomctlCall(domain.Hypervisor, XenDomctlCmd.GetHvmContext, domain.Id);
        question.Run("ask for the size of the domain's state");
        int size = (int)question.View.HvmContext.Size;
        using IHostMemory memory = domain.Hypervisor.Allocate(size);
        using var call = new DomctlCall(domain.Hypervisor, XenDomctlCmd.GetHvmContext, domain.Id);
        Point(call, memory, size);
        call.Run("read the domain's state");
        return memory.Memory[..Math.Min(size, (int)call.View.HvmContext.Size)].ToArray();
    }

    /// <summary>Sets the state of its virtual CPUs, and takes all of them down but those whose records are there.</summary>
    public static void WriteContext(XenDomain domain, ReadOnlySpan<byte> records)
    {
        using IHostMemory memory = domain.Hypervisor.Allocate(records.Length);
        records.CopyTo(memory.Memory.Span);
        using var call = new DomctlCall(domain.Hypervisor, XenDomctlCmd.SetHvmContext, domain.Id);
        Point(call, memory, records.Length);
        call.Run("set the state of the virtual CPUs");
    }

    /// <summary>Clears the pages that Xen's interfaces use, and writes the page directory among them.</summary>
    public static void WriteSpecialPages(XenDomain domain)
    {
        for (ulong frame = HvmPlaces.FirstSpecial; frame < HvmPlaces.FirstSpecial + HvmPlaces.SpecialPages; frame++)
        {
            using IHostMemory page = domain.Map(new Mfn(frame), "map a page of Xen's interfaces");
            page.Memory.Span.Clear();
            if (frame != HvmPlaces.IdentityFrame)
                continue;
            for (int i = 0; i < X86Page.Size / sizeof(uint); i++)
                BinaryPrimitives.WriteUInt32LittleEndian(page.Memory.Span[(i * sizeof(uint))..], ((uint)i << DirectoryShift) | DirectoryFlags);
        }
    }

    private static void Point(DomctlCall call, IHostMemory memory, int size)
    {
        XenDomctlHvmcontext.Writer wanted = call.Control.HvmContext;
        wanted.Size = (uint)size;
        wanted.Buffer = new Vaddr(memory.Address);
    }

    private static HvmParameterValue.Writer Fill(IHostMemory memory, XenDomain domain, HvmParameter parameter)
    {
        HvmParameterValue.Writer wanted = HvmParameterValue.Create(memory.Memory.Span);
        wanted.Domain = domain.Id;
        wanted.Index = parameter;
        return wanted;
    }
}
