using System.Collections.Immutable;
using BootProtocol.Build;
using BootProtocol.Memory;
using BootProtocol.X86;

namespace BootProtocol.Output;

/// <summary>Writes a whole guest as one ELF file that starts wherever PVH kernels start: QEMU, Firecracker, Cloud Hypervisor.</summary>
/// <remarks>See <see cref="EntryStub"/> and <see cref="PvhElf"/>.</remarks>
public static class DomainElf
{
    private const uint LowestAddress = 1 << 20;

    /// <summary>Writes a guest that starts by one of Linux's own protocols.</summary>
    /// <param name="domain">The guest.</param>
    /// <param name="output">Where to; it is written from front to back.</param>
    /// <exception cref="BootFormatException">There is no free page for the entry stub, which has to be below 4 GiB.</exception>
    public static void Write(LinuxDomain domain, Stream output)
    {
        ArgumentNullException.ThrowIfNull(domain);
        CpuState cpu = domain.Cpu;
        Write(domain, output, new EntryStubOptions
        {
            Address = FindRoom(domain),
            Mode = cpu.IsLongMode ? EntryMode.Linux64 : EntryMode.Linux32,
            EntryPoint = cpu.InstructionPointer,
            Parameters = domain.BootParamsAddress,
            PageTables = new Paddr(cpu.Cr3),
            FiveLevels = ((Cr4)cpu.Cr4).HasFlag(Cr4.La57),
            TakeMemoryMap = !domain.HasOwnMap,
            TakeRsdp = domain.BootParams.AcpiRsdpAddr.Value == 0,
        });
    }

    private static Paddr FindRoom(Domain domain)
    {
        var regions = new RegionMap(domain.Map);
        foreach (Region region in domain.Regions)
            regions.Add(region);
        return regions.FindLowest("entry stub", EntryStub.MemorySize, GuestMemory.PageSize, new Paddr(LowestAddress), new Paddr(1UL << 32));
    }

    private static void Write(Domain domain, Stream output, EntryStubOptions options)
    {
        StubImage stub = EntryStub.Create(options);
        var segments = ImmutableArray.CreateBuilder<PhysicalSegment>();
        segments.Add(stub.Segment);
        foreach (GuestExtent extent in domain.Memory.Extents)
            segments.Add(Trim(extent));
        PvhElf.Write(output, stub.Entry, segments);
    }

    /// <summary>Leaves the zeros at the end of a range out of the file.</summary>
    private static PhysicalSegment Trim(GuestExtent extent)
    {
        int length = extent.Memory.Span.LastIndexOfAnyExcept((byte)0) + 1;
        return new PhysicalSegment(extent.Start, extent.Memory[..length], (ulong)extent.Memory.Length);
    }
}
