using System.Globalization;
using BootProtocol.Cli.Building;
using BootProtocol.Domains;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Rules;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Store;

namespace BootProtocol.Cli.Control;

/// <summary>A domain that was built in the frames of this machine's Xen, and is still paused.</summary>
internal sealed class StartedDomain : IDisposable
{
    private StartedDomain(BuiltRings built, string name, StoreService? store)
    {
        Built = built;
        Name = name;
        Store = store;
    }

    /// <summary>The domain and its rings.</summary>
    public BuiltRings Built { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What answers its xenstore requests; null where a xenstored does.</summary>
    public StoreService? Store { get; }

    /// <summary>Builds a domain; if anything fails, nothing is left of it.</summary>
    /// <param name="hypervisor">Where.</param>
    /// <param name="place">Where it is described.</param>
    /// <param name="wanted">What it is to be.</param>
    /// <param name="console">Where progress is shown.</param>
    /// <param name="interruption">Ends the work.</param>
    /// <exception cref="ToolException">The kernel, or what is wanted of it, is not possible.</exception>
    /// <exception cref="XenException">Xen or xenstored refused a step.</exception>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public static StartedDomain Create(
        Hypervisor hypervisor,
        ControlPlace place,
        StartRequest wanted,
        ToolConsole console,
        CancellationToken interruption)
    {
        DomainRequest request = wanted.Domain;
        ulong pages = request.Memory / X86Page.Size;
        if (pages is 0 or > int.MaxValue)
            throw new ToolException(ExitCode.Usage, "--memory: expected at least a page, and less than 8 TiB");
        bool isPvh = request.Way == BootWay.Pvh;
        int maximum = MaximumPages(wanted, (int)pages, isPvh);
        if (wanted.Name is { } taken)
            RefuseTaken(hypervisor, place, taken);
        wanted.Devices.Check(place);
        using var files = new InputFiles();
        var limits = new DomainLimits { VCpus = wanted.VCpus, Handle = wanted.Handle };
        if (isPvh)
            DomainOptions.Check(request, BootWay.Pvh);
        BuiltRings built = BuiltDomain.ReadKernel(
            request,
            console,
            out _,
            (resolved, _, kernel) => isPvh
                ? PvhGuest.Build(hypervisor, kernel, resolved, limits, files, interruption)
                : BuildPv(hypervisor, kernel, resolved, limits, maximum, files, interruption),
            interruption);
        string name = wanted.Name ?? string.Create(CultureInfo.InvariantCulture, $"bootproto-{built.Domain.Id}");
        var facts = new DomainFacts(built, isPvh ? "pvh" : "pv", name, wanted.Handle, (int)pages, maximum, wanted.VCpus, wanted.Devices);
        return ControlledDomain.OrDestroy(place, built.Domain, () => new StartedDomain(built, name, Announce(place, facts, interruption)));
    }

    /// <inheritdoc/>
    public void Dispose() => Store?.Dispose();

    /// <summary>Two domains of one name could not be told apart by tools that take names.</summary>
    private static void RefuseTaken(Hypervisor hypervisor, ControlPlace place, string name)
    {
        foreach ((DomainInfo info, string? taken) in DomainList.Read(hypervisor, place).Domains)
        {
            if (taken == name)
                throw new ToolException(ExitCode.BadInput, $"domain {info.Id} has the name '{name}' already");
        }
    }

    /// <summary>Pages that the domain may have later; for PVH, Xen would have to be told which ones are not there yet.</summary>
    private static int MaximumPages(StartRequest wanted, int pages, bool isPvh)
    {
        if (wanted.MaximumMemory is not { } bytes)
            return pages;
        ulong maximum = bytes / X86Page.Size;
        if (maximum < (ulong)pages || maximum > int.MaxValue)
            throw new ToolException(ExitCode.Usage, "--maxmem: expected at least as much as --memory, and less than 8 TiB");
        return (int)maximum == pages || !isPvh
            ? (int)maximum
            : throw new ToolException(ExitCode.Usage, "--maxmem: a PVH domain has no more than --memory");
    }

    private static BuiltRings BuildPv(
        Hypervisor hypervisor,
        Kernel kernel,
        DomainRequest request,
        DomainLimits limits,
        int maximum,
        InputFiles files,
        CancellationToken interruption)
    {
        var domain = new PvDomainRequest
        {
            Word = kernel.Elf.Word,
            Pages = (int)(request.Memory / X86Page.Size),
            MaximumPages = maximum,
            Limits = limits,
        };
        PvDomain built = PvDomain.Create(hypervisor, domain, frames =>
        {
            interruption.ThrowIfCancellationRequested();
            return Fill(kernel, request, files, frames);
        });
        return new BuiltRings(built.Domain, built.Console, built.Store);
    }

    private static PvDomainStart Fill(Kernel kernel, DomainRequest request, InputFiles files, PvDomainPlace place)
    {
        using XenPvDomain domain = new XenPvBuilder
        {
            MemorySize = request.Memory,
            CommandLine = request.CommandLine ?? "",
            Initrds = files.OpenInitrds(request),
            Target = place.Memory,
            Frames = place.Frames,
            SharedInfoFrame = place.SharedInfo,
            StorePort = place.StorePort,
            ConsolePort = place.ConsolePort,
            WithBootParams = request.WithBootParams,

            // As Xen's own xl has it: the guest keeps the tree of frames, too, that tools may look for.
            Flags = default,
        }.Build(kernel);
        return PvDomainStart.Of(domain);
    }

    /// <summary>Has xenstored serve the domain, or starts to do so.</summary>
    private static StoreService? Announce(ControlPlace place, DomainFacts facts, CancellationToken interruption)
    {
        using StoreClient? store = place.Connect();
        if (store is null)
            return StoreService.Start(facts.Built.Domain, facts.Built.Store, facts.Name);
        DomainUserData.Write(place.UserData, facts);
        DomainNodes.Write(store, facts);
        place.Devices.Attach(store, facts.Id, facts.Devices.Disks, facts.Devices.Nics, interruption);
        return null;
    }
}
