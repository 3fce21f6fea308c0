using System.Collections.Immutable;
using BootProtocol.Domains;
using BootProtocol.Memory;
using BootProtocol.Output;
using BootProtocol.Rules;
using BootProtocol.X86;

namespace BootProtocol.Stubs;

/// <summary>Writes a whole guest as one ELF file that starts wherever PVH kernels start: QEMU, Firecracker, Cloud Hypervisor.</summary>
/// <remarks>See <see cref="EntryStub"/> and <see cref="PvhElf"/>.</remarks>
/// <example><code>
/// using FileStream file = File.Create(Path.Combine(folder, "guest.elf"));
/// DomainElf.Write(linux, file);      // boots wherever PVH kernels do: QEMU, Firecracker, Cloud Hypervisor
/// </code></example>
public static class DomainElf
{
    private const uint LowestAddress = 1 << 20;

    /// <summary>As many ranges as Linux's PVH entry has room for, which does not check that; they fit into a page.</summary>
    private const int MapEntries = 127;

    /// <summary>Writes a guest, whichever way it starts.</summary>
    /// <inheritdoc cref="Write(LinuxDomain, Stream)"/>
    public static void Write(Domain domain, Stream output)
    {
        ArgumentNullException.ThrowIfNull(domain);
        switch (domain)
        {
            case LinuxDomain linux:
                Write(linux, output);
                break;
            case PvhDomain pvh:
                Write(pvh, output);
                break;
            case XenPvDomain pv:
                Write(pv, output);
                break;
            default:
                throw new ArgumentException($"There is no entry stub for {BootWays.Name(domain.Way)}.", nameof(domain));
        }
    }

    /// <summary>Writes a guest that starts by one of Linux's own protocols.</summary>
    /// <param name="domain">The guest.</param>
    /// <param name="output">Where to; it is written from front to back.</param>
    /// <exception cref="BootRequestException">There is no free page for the entry stub, which has to be below 4 GiB.</exception>
    public static void Write(LinuxDomain domain, Stream output)
    {
        ArgumentNullException.ThrowIfNull(domain);
        CpuState cpu = domain.Cpu;
        Write(domain, output, new EntryStubOptions
        {
            Address = FindRoom(domain, EntryStub.MemorySize),
            Mode = cpu.IsLongMode ? EntryMode.Linux64 : EntryMode.Linux32,
            EntryPoint = cpu.InstructionPointer,
            Parameters = domain.BootParamsAddress,
            PageTables = new Paddr(cpu.Cr3),
            FiveLevels = ((Cr4)cpu.Cr4).HasFlag(Cr4.La57),
            TakeMemoryMap = !domain.HasOwnMap,
            TakeRsdp = domain.BootParams.AcpiRsdpAddr.Value == 0,
        });
    }

    /// <summary>Writes a guest that starts by its PVH entry.</summary>
    /// <inheritdoc cref="Write(LinuxDomain, Stream)"/>
    public static void Write(PvhDomain domain, Stream output)
    {
        ArgumentNullException.ThrowIfNull(domain);
        Paddr room = FindRoom(domain, EntryStub.MemorySize + X86Page.Size);
        Write(domain, output, new EntryStubOptions
        {
            Address = room,
            Mode = EntryMode.Pvh,
            EntryPoint = domain.Cpu.InstructionPointer,
            Parameters = domain.StartInfoAddress,
            TakeMemoryMap = !domain.HasOwnMap && domain.StartInfo.Version > 0,
            TakeRsdp = domain.StartInfo.RsdpPaddr.Value == 0,
            MemoryMapRoom = new MemoryMapRoom(new Paddr(room.Value + EntryStub.MemorySize), MapEntries),
        });
    }

    /// <summary>
    /// Writes a paravirtualised guest, which starts without a hypervisor, with a stub in its place: its machine frames are the physical
    /// ones of the machine that starts it, and must be memory there.
    /// </summary>
    /// <param name="domain">The guest.</param>
    /// <param name="output">Where to; it is written from front to back.</param>
    /// <exception cref="BootRequestException">A machine frame is at 4 GiB or above, or there is no room for the stub below 1 GiB.</exception>
    public static void Write(XenPvDomain domain, Stream output)
    {
        ArgumentNullException.ThrowIfNull(domain);
        XenPvElf.Write(domain, output);
    }

    private static Paddr FindRoom(Domain domain, int size)
    {
        var regions = new RegionMap(domain.Map);
        foreach (Region region in domain.Regions)
            regions.Add(region);
        return regions.FindLowest("entry stub", (ulong)size, X86Page.Size, new Paddr(LowestAddress), new Paddr(1UL << 32));
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
