using BootProtocol.Domains;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Xen.Host;
using BootProtocol.Xen.Rings;

namespace BootProtocol.Xen.Domains;

/// <summary>A PVH domain that is ready to be started: to Xen, an HVM domain with local APICs and no other emulated device.</summary>
/// <param name="Domain">The domain, paused.</param>
/// <param name="Console">Its console ring; the frame is the domain's own.</param>
/// <param name="Store">Its xenstore ring.</param>
/// <remarks>
/// Source: Xen's public headers domctl.h, memory.h, hvm/params.h, hvm/save.h; the order of the steps is that of Xen's own domain builder.
/// </remarks>
/// <example><code>
/// var request = new PvhDomainRequest { MemorySize = 64 &lt;&lt; 20 };
/// HvmDomain made = HvmDomain.Create(hypervisor, request, place =&gt;
/// {
///     var builder = new PvhBuilder { MemorySize = place.Map.RamSize, Map = place.Map, AcpiRsdp = place.AcpiRsdp, Target = place.Memory };
///     using PvhDomain built = builder.Build(kernel);
///     return built.Cpu;
/// });
/// made.Domain.Unpause();
/// </code></example>
public sealed record HvmDomain(XenDomain Domain, RingPlace Console, RingPlace Store)
{
    /// <summary>What Xen says that it can run.</summary>
    private const string Capability = "hvm-3.0-x86_64";

    private const string CreateStep = "create a domain";

    /// <summary>The ids of local APICs have 8 bits, and every second one is given away.</summary>
    private const uint MostVCpus = 127;

    /// <summary>Creates a PVH domain, has it filled, and makes it ready to be started. If anything fails, nothing is left of it.</summary>
    /// <param name="hypervisor">Where.</param>
    /// <param name="request">What it is to be.</param>
    /// <param name="fill">Fills its memory and says how the first virtual CPU starts; whatever it throws is passed on.</param>
    /// <exception cref="ArgumentException">It is to have more than 127 virtual CPUs, or no more than 1 MiB of memory.</exception>
    /// <exception cref="XenException">A step was refused; the message names it.</exception>
    public static HvmDomain Create(Hypervisor hypervisor, PvhDomainRequest request, Func<PvhDomainPlace, CpuState> fill)
    {
        ArgumentNullException.ThrowIfNull(hypervisor);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(fill);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Limits.VCpus, MostVCpus, nameof(request));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(request.MemorySize, 1UL << 20, nameof(request));
        if (!hypervisor.Capabilities.Contains(Capability))
        {
            string found = string.Join(' ', hypervisor.Capabilities);
            throw new XenException(CreateStep, XenError.None, $"this Xen does not run {Capability} guests; it lists {found}");
        }

        XenDomain domain = Make(hypervisor, request.Limits);
        return domain.OrDestroy(() => Build(domain, request, fill));
    }

    private static XenDomain Make(Hypervisor hypervisor, DomainLimits limits)
    {
        try
        {
            return XenDomain.Create(hypervisor, limits, isPvh: true);
        }
        catch (XenException refused) when (refused is { Step: CreateStep, Error: XenError.Invalid })
        {
            throw new XenException(
                CreateStep, XenError.Invalid, "for PVH the processor needs hardware-assisted paging: nested page tables or EPT", refused);
        }
    }

    private static HvmDomain Build(XenDomain domain, PvhDomainRequest request, Func<PvhDomainPlace, CpuState> fill)
    {
        uint vcpus = request.Limits.VCpus;
        ulong kibibytes = request.MemorySize / 1024;
        byte[] tables = HvmPlaces.Tables(vcpus);
        MemoryMap map = HvmPlaces.Map(request.MemorySize & ~(X86Page.Size - 1UL), tables.Length);
        HvmCalls.SetPagingPool(domain, PagingPool(kibibytes, vcpus));
        domain.LimitMemory(kibibytes + XenDomain.SlackKibibytes);
        domain.SetMemoryMap(map);
        uint storePort = domain.AllocatePort("xenstore");
        uint consolePort = domain.AllocatePort("the console");
        foreach (MemoryRange range in map.Ranges)
            DomainPopulation.Run(domain.Hypervisor, domain.Id, (int)(range.Length / X86Page.Size), range.Start.ToPfn().Value);
        WriteTables(domain, tables);
        HvmCalls.WriteSpecialPages(domain);

        CpuState cpu;
        using (var memory = new HvmMemory(domain, map))
            cpu = fill(new PvhDomainPlace(memory, map, new Paddr(HvmPlaces.AcpiStart)));
        SetParameters(domain, storePort, consolePort);
        HvmContext.Write(domain, vcpus, cpu);
        domain.GrantRings(new Mfn(HvmPlaces.ConsoleFrame), new Mfn(HvmPlaces.StoreFrame));
        return new HvmDomain(
            domain, new RingPlace(new Mfn(HvmPlaces.ConsoleFrame), consolePort), new RingPlace(new Mfn(HvmPlaces.StoreFrame), storePort));
    }

    /// <summary>What Xen's own tool reckons with: 1 MiB for each virtual CPU, and 8 bytes for each page.</summary>
    private static ulong PagingPool(ulong kibibytes, uint vcpus) =>
        (((256UL * vcpus) + (2 * (kibibytes / 1024))) * 4 * 1024) & ~(X86Page.Size - 1UL);

    private static void WriteTables(XenDomain domain, byte[] tables)
    {
        for (int at = 0; at < tables.Length; at += X86Page.Size)
        {
            using IHostMemory page = domain.Map(new Mfn((HvmPlaces.AcpiStart + (ulong)at) >> X86Page.Shift), "map the ACPI tables");
            page.Memory.Span.Clear();
            tables.AsSpan(at, Math.Min(X86Page.Size, tables.Length - at)).CopyTo(page.Memory.Span);
        }
    }

    private static void SetParameters(XenDomain domain, uint storePort, uint consolePort)
    {
        (HvmParameter Parameter, ulong Value)[] parameters =
        [
            (HvmParameter.StoreFrame, HvmPlaces.StoreFrame),
            (HvmParameter.StorePort, storePort),
            (HvmParameter.ConsoleFrame, HvmPlaces.ConsoleFrame),
            (HvmParameter.ConsolePort, consolePort),
            (HvmParameter.IdentityTable, new Pfn(HvmPlaces.IdentityFrame).ToPaddr().Value),
            (HvmParameter.TimerMode, (ulong)HvmTimerMode.NoDelay),
        ];
        foreach ((HvmParameter parameter, ulong value) in parameters)
            HvmCalls.SetParameter(domain, parameter, value);
    }
}
