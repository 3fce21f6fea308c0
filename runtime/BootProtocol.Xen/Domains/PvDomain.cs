using BootProtocol.Xen.Rings;

namespace BootProtocol.Xen.Domains;

/// <summary>A PV domain that is ready to be started.</summary>
/// <param name="Domain">The domain, paused.</param>
/// <param name="Console">Its console ring.</param>
/// <param name="Store">Its xenstore ring.</param>
/// <example><code>
/// var request = new PvDomainRequest { Word = kernel.Elf.Word, Pages = 4096 };
/// PvDomain made = PvDomain.Create(hypervisor, request, place =&gt;
/// {
///     using XenPvDomain built = new XenPvBuilder
///     {
///         MemorySize = 4096 * 4096UL,
///         Target = place.Memory,
///         Frames = place.Frames,
///         SharedInfoFrame = place.SharedInfo,
///         StorePort = place.StorePort,
///         ConsolePort = place.ConsolePort,
///     }.Build(kernel);
///     return PvDomainStart.Of(built);
/// });
/// made.Domain.Unpause();
/// </code></example>
public sealed record PvDomain(XenDomain Domain, RingPlace Console, RingPlace Store)
{
    private const int PageKibibytes = 4;

    /// <summary>Creates a PV domain, has it filled, and makes it ready to be started. If anything fails, nothing is left of it.</summary>
    /// <param name="hypervisor">Where.</param>
    /// <param name="request">What it is to be.</param>
    /// <param name="fill">Fills its memory; whatever it throws is passed on.</param>
    /// <exception cref="ArgumentException">It may have fewer pages than it is to start with.</exception>
    /// <exception cref="XenException">A step was refused; the message names it.</exception>
    public static PvDomain Create(Hypervisor hypervisor, PvDomainRequest request, Func<PvDomainPlace, PvDomainStart> fill)
    {
        ArgumentNullException.ThrowIfNull(hypervisor);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(fill);
        if (request.MaximumPages != 0)
            ArgumentOutOfRangeException.ThrowIfLessThan(request.MaximumPages, request.Pages, nameof(request));
        if (!hypervisor.CanRun(request.Word))
        {
            string capability = Hypervisor.CapabilityOf(request.Word);
            string found = string.Join(' ', hypervisor.Capabilities);
            throw new XenException("create a domain", XenError.None, $"this Xen does not run {capability} guests; it lists {found}");
        }

        var domain = XenDomain.Create(hypervisor, request.Limits);
        return domain.OrDestroy(() => Build(domain, request, fill));
    }

    private static PvDomain Build(XenDomain domain, PvDomainRequest request, Func<PvDomainPlace, PvDomainStart> fill)
    {
        // A new domain has 64 bits; that can be changed only while it has no memory.
        if (request.Word == WordSize.Bits32)
            domain.SetAddressSize(WordSize.Bits32);
        domain.LimitMemory(((ulong)request.Pages * PageKibibytes) + XenDomain.SlackKibibytes);
        domain.SetMemoryMap(Math.Max(request.Pages, request.MaximumPages));
        uint storePort = domain.AllocatePort("xenstore");
        uint consolePort = domain.AllocatePort("the console");
        DomainFrames frames = domain.Populate(request.Pages);
        Mfn sharedInfo = domain.GetInfo().SharedInfo;

        PvDomainStart start;
        using (DomainMemory memory = domain.OpenMemory(frames))
            start = fill(new PvDomainPlace(memory, frames, sharedInfo, storePort, consolePort));

        // From here on nothing of the domain is mapped any more: Xen pins no table that somebody may write to.
        if (start.HypercallPage is { } page)
            domain.FillHypercallPage(page);
        domain.PinTables(start.Tables, request.Word);
        domain.WriteSharedInfo(start.SharedInfo.Span);
        domain.SetVCpuContext(0, start.Context.Span);
        domain.GrantRings(start.ConsolePage, start.StorePage);
        return new PvDomain(domain, new RingPlace(start.ConsolePage, consolePort), new RingPlace(start.StorePage, storePort));
    }
}
