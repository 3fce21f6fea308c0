using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Xen.Host;

namespace BootProtocol.Xen.Domains;

/// <summary>A domain, by its number. Each member is one step of building, starting, watching or destroying it.</summary>
/// <remarks>
/// The number outlives the domain: after its end, members fail with ESRCH, or mean another domain that got the number. Every member can
/// throw a <see cref="XenException"/> that names the step. Source: Xen's public headers domctl.h, memory.h, xen.h and event_channel.h.
/// </remarks>
/// <example><code>
/// if (hypervisor.FindDomain(domain.Domain.Id) is { } found)
/// {
///     found.Unpause();
///     Console.WriteLine(found.GetInfo().State);
///     found.Destroy();
/// }
/// </code></example>
public sealed class XenDomain
{
    /// <summary>Memory that Xen may use for a domain beyond the domain's own, in KiB: what other tools allow, too.</summary>
    internal const ulong SlackKibibytes = 1024;

    private readonly Hypervisor _hypervisor;

    internal XenDomain(Hypervisor hypervisor, ushort id)
    {
        _hypervisor = hypervisor;
        Id = id;
    }

    /// <summary>Its number.</summary>
    public ushort Id { get; }

    internal Hypervisor Hypervisor => _hypervisor;

    internal IXenHost Host => _hypervisor.Host;

    /// <summary>Creates a PV domain: paused, without memory, and with virtual CPUs that have no state.</summary>
    /// <param name="hypervisor">Where.</param>
    /// <param name="limits">What it may have.</param>
    /// <remarks>If its virtual CPUs cannot be allocated, it is destroyed again.</remarks>
    public static XenDomain Create(Hypervisor hypervisor, DomainLimits limits) => Create(hypervisor, limits, isPvh: false);

    /// <summary>Creates a PV or a PVH domain.</summary>
    internal static XenDomain Create(Hypervisor hypervisor, DomainLimits limits, bool isPvh)
    {
        ArgumentNullException.ThrowIfNull(hypervisor);
        ArgumentNullException.ThrowIfNull(limits);
        ushort id = DomainCreation.Run(hypervisor, limits, isPvh);
        var domain = new XenDomain(hypervisor, id);
        return domain.OrDestroy(() =>
        {
            using var call = new DomctlCall(hypervisor, XenDomctlCmd.MaxVCpus, id);
            XenDomctlMaxVcpus.Writer wanted = call.Control.MaxVCpus;
            wanted.Max = limits.VCpus;
            call.Run("allocate the virtual CPUs");
            return domain;
        });
    }

    /// <summary>Does something with a domain that is being built, and destroys it if that fails.</summary>
    /// <param name="action">What to do.</param>
    /// <returns>What the action returned.</returns>
    /// <exception cref="XenException">The domain could not be destroyed; what failed first is the inner exception.</exception>
    public T OrDestroy<T>(Func<T> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        try
        {
            return action();
        }
        catch (Exception failure)
        {
            try
            {
                Destroy();
            }
            catch (XenException left)
            {
                throw new XenException(left.Step, left.Error, $"after: {failure.Message}", failure);
            }

            throw;
        }
    }

    /// <summary>Makes it a domain of 32-bit (PAE) or 64-bit addresses; new ones have 64. Only while it has no memory.</summary>
    public void SetAddressSize(WordSize word)
    {
        using var call = new DomctlCall(_hypervisor, XenDomctlCmd.SetAddressSize, Id);
        XenDomctlAddressSize.Writer wanted = call.Control.AddressSize;
        wanted.Bits = (uint)word;
        call.Run("set the address size");
    }

    /// <summary>Asks for the width of its addresses.</summary>
    public WordSize GetAddressSize()
    {
        using var call = new DomctlCall(_hypervisor, XenDomctlCmd.GetAddressSize, Id);
        call.Run("read the address size");
        return (WordSize)call.View.AddressSize.Bits;
    }

    /// <summary>Sets how much memory it may have.</summary>
    /// <param name="kibibytes">In units of 1024 bytes.</param>
    public void LimitMemory(ulong kibibytes)
    {
        using var call = new DomctlCall(_hypervisor, XenDomctlCmd.MaxMemory, Id);
        XenDomctlMaxMem.Writer wanted = call.Control.MaxMem;
        wanted.MaxMemoryKb = kibibytes;
        call.Run("limit the memory");
    }

    /// <summary>Sets what it sees as its memory map: memory from address 0 on. Without a map, Linux makes itself one with room to grow.</summary>
    /// <param name="pages">Pages of 4096 bytes.</param>
    public void SetMemoryMap(int pages)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pages);
        SetMemoryMap(new MemoryMap([new MemoryRange(default, new Pfn((ulong)pages).ToPaddr().Value, E820Type.Ram)]));
    }

    /// <summary>Sets what it sees as its memory map.</summary>
    /// <param name="map">The map: at least one range.</param>
    public void SetMemoryMap(MemoryMap map)
    {
        const string Step = "set the memory map";
        ArgumentNullException.ThrowIfNull(map);
        using IHostMemory list = _hypervisor.Allocate(map.Ranges.Length * BootE820Entry.Layout.Size);
        for (int i = 0; i < map.Ranges.Length; i++)
        {
            BootE820Entry.Writer range = BootE820Entry.Create(list.Memory.Span[(i * BootE820Entry.Layout.Size)..]);
            range.Addr = map.Ranges[i].Start;
            range.Size = map.Ranges[i].Length;
            range.Type = map.Ranges[i].Type;
        }

        using IHostMemory memory = _hypervisor.Allocate(XenForeignMemoryMap.Layout.Size64);
        XenForeignMemoryMap.Writer wanted = XenForeignMemoryMap.Create(memory.Memory.Span, WordSize.Bits64);
        wanted.Domain = Id;
        XenMemoryMap.Writer entries = wanted.Map;
        entries.NrEntries = (uint)map.Ranges.Length;
        entries.Buffer = new Vaddr(list.Address);
        XenException.Check(Step, Host.Call(Hypercall.MemoryOp, (ulong)MemoryOpCmd.SetMemoryMap, memory.Address));
    }

    /// <summary>Makes an event channel port that the control domain can bind to.</summary>
    /// <param name="purpose">What for, for the error: <c>xenstore</c>.</param>
    public uint AllocatePort(string purpose)
    {
        string step = $"allocate the event channel of {purpose}";
        using IHostMemory memory = _hypervisor.Allocate(EvtchnAllocUnbound.Layout.Size);
        EvtchnAllocUnbound.Writer wanted = EvtchnAllocUnbound.Create(memory.Memory.Span);
        wanted.Domain = Id;
        wanted.RemoteDomain = (ushort)ReservedDomain.Self;
        XenException.Check(step, Host.Call(Hypercall.EventChannelOp, (ulong)EventChannelCmd.AllocUnbound, memory.Address));
        return EvtchnAllocUnbound.Parse(memory.Memory.Span).Port;
    }

    /// <summary>Gives it memory: frame numbers from 0 on. It must have none yet.</summary>
    /// <param name="pages">Pages of 4096 bytes.</param>
    /// <returns>The machine frame behind each of its frames.</returns>
    public DomainFrames Populate(int pages) => DomainPopulation.Run(_hypervisor, Id, pages);

    /// <summary>Opens its memory for filling.</summary>
    /// <param name="frames">The machine frames behind it.</param>
    public DomainMemory OpenMemory(DomainFrames frames) => new(this, frames);

    /// <summary>Maps one of its frames.</summary>
    /// <param name="frame">The machine frame.</param>
    /// <param name="step">What for, for the error.</param>
    internal IHostMemory Map(Mfn frame, string step)
    {
        XenException.Check(step, Host.Map(Id, [frame], out IHostMemory? memory));
        return memory!;
    }

    /// <summary>Maps frames of it for reading.</summary>
    /// <param name="frames">The machine frames.</param>
    /// <param name="step">What for, for the error.</param>
    internal IHostMemory MapReadOnly(ReadOnlySpan<Mfn> frames, string step)
    {
        XenException.Check(step, Host.Map(Id, frames, out IHostMemory? memory, isReadOnly: true));
        return memory!;
    }

    /// <summary>Fills a page of it with the entries of Xen's hypercalls.</summary>
    public void FillHypercallPage(Mfn frame)
    {
        using var call = new DomctlCall(_hypervisor, XenDomctlCmd.HypercallInit, Id);
        XenDomctlHypercallInit.Writer wanted = call.Control.HypercallInit;
        wanted.Gmfn = frame.Value;
        call.Run("fill the hypercall page");
    }

    /// <summary>Has Xen check its page tables, and keep them as such. No page of them may be mapped anywhere.</summary>
    /// <param name="top">The machine frame of the top table.</param>
    /// <param name="word">64 bits: a table of level 4; 32 bits: PAE's level 3.</param>
    public void PinTables(Mfn top, WordSize word)
    {
        using IHostMemory memory = _hypervisor.Allocate(MmuextOp.Layout.Size64);
        MmuextOp.Writer wanted = MmuextOp.Create(memory.Memory.Span, WordSize.Bits64);
        wanted.Cmd = word == WordSize.Bits64 ? PageTableOperation.PinL4Table : PageTableOperation.PinL3Table;
        wanted.Mfn = top;
        XenException.Check("pin the page tables", Host.Call(Hypercall.MmuExtOp, memory.Address, 1, 0, Id));
    }

    /// <summary>Writes its shared_info page.</summary>
    /// <param name="contents">The page from its start; what follows is cleared.</param>
    public void WriteSharedInfo(ReadOnlySpan<byte> contents)
    {
        using IHostMemory page = Map(GetInfo().SharedInfo, "map the shared_info page");
        contents.CopyTo(page.Memory.Span);
        page.Memory.Span[contents.Length..].Clear();
    }

    /// <summary>Lets the control domain use the two ring pages by grants, as xenstored and consoles do.</summary>
    /// <param name="console">The machine frame of the console ring page.</param>
    /// <param name="store">The machine frame of the xenstore ring page.</param>
    public void GrantRings(Mfn console, Mfn store)
    {
        XenException.Check("map the grant table", Host.MapGrantTable(Id, out IHostMemory? memory));
        using IHostMemory table = memory!;
        Grant(table.Memory.Span, ReservedGrant.Console, console);
        Grant(table.Memory.Span, ReservedGrant.Xenstore, store);
    }

    /// <summary>Sets the state in which a virtual CPU starts.</summary>
    /// <param name="vcpu">Its number.</param>
    /// <param name="context">A vcpu_guest_context of the domain's word size.</param>
    /// <exception cref="ArgumentException">It has the size of none.</exception>
    public void SetVCpuContext(uint vcpu, ReadOnlySpan<byte> context)
    {
        if (context.Length != VcpuGuestContext.Layout.Size64 && context.Length != VcpuGuestContext.Layout.Size32)
        {
            throw new ArgumentException(string.Create(null, $"{context.Length} bytes are no vcpu_guest_context."), nameof(context));
        }

        using IHostMemory memory = AllocateContext();
        context.CopyTo(memory.Memory.Span);
        using var call = new DomctlCall(_hypervisor, XenDomctlCmd.SetVCpuContext, Id);
        XenDomctlVcpucontext.Writer wanted = call.Control.Vcpucontext;
        wanted.VCpu = vcpu;
        wanted.Context = new Vaddr(memory.Address);
        call.Run("set the state of the virtual CPU");
    }

    /// <summary>Reads the state of a virtual CPU; its domain should be paused.</summary>
    /// <param name="vcpu">Its number.</param>
    /// <param name="word">The domain's word size.</param>
    /// <returns>A vcpu_guest_context.</returns>
    public byte[] GetVCpuContext(uint vcpu, WordSize word)
    {
        using IHostMemory memory = AllocateContext();
        using var call = new DomctlCall(_hypervisor, XenDomctlCmd.GetVCpuContext, Id);
        XenDomctlVcpucontext.Writer wanted = call.Control.Vcpucontext;
        wanted.VCpu = vcpu;
        wanted.Context = new Vaddr(memory.Address);
        call.Run("read the state of the virtual CPU");
        return memory.Memory[..ViewAccess.SizeOf<VcpuGuestContext>(word)].ToArray();
    }

    /// <summary>What Xen reports of it now.</summary>
    public DomainInfo GetInfo() => _hypervisor.Find(Id) is { } info && info.Id == Id
        ? info
        : throw new XenException("read the state of the domain", XenError.NoSuchDomain);

    /// <summary>Which domain has the number now, and whether it is there still.</summary>
    /// <returns>What Xen says; null where it has no such call, before 4.21.</returns>
    public DomainExistence? TryGetExistence()
    {
        using var call = DomctlCall.Stable(_hypervisor, XenDomctlCmd.GetDomainState, Id);
        long answer = call.TryRun();
        if (answer is -(long)XenError.AccessDenied or -(long)XenError.NotImplemented)
            return null;
        XenException.Check("read the state of the domain", answer);
        XenDomctlGetDomainState told = call.View.Existence;
        return new DomainExistence { State = told.State, Capabilities = told.Capabilities, UniqueId = told.UniqueId };
    }

    /// <summary>Whether it has shut down, or is there no longer. One that has suspended itself has not ended: somebody saves it.</summary>
    public bool HasEnded() => _hypervisor.Find(Id) is not { } info || info.Id != Id || IsEnd(info);

    /// <summary>Whether a domain that is there has ended.</summary>
    internal static bool IsEnd(DomainInfo info) =>
        info.State.HasFlag(DomainState.Dying) || info.ShutdownReason is not (null or ShutdownReason.Suspend);

    /// <summary>Waits until it has ended, or until the token is cancelled, as <see cref="Store.DomainEnd"/> does.</summary>
    /// <returns>Whether it has ended.</returns>
    public bool WaitForEnd(CancellationToken cancellation = default)
    {
        using var end = Store.DomainEnd.Open(this);
        return end.Wait(cancellation);
    }

    /// <summary>Stops it; counts.</summary>
    public void Pause() => Simple(XenDomctlCmd.PauseDomain, "pause the domain");

    /// <summary>Undoes one pause; a new domain has one.</summary>
    public void Unpause() => Simple(XenDomctlCmd.UnpauseDomain, "start the domain");

    /// <summary>Destroys it, and frees its memory as far as nobody maps it any more.</summary>
    public void Destroy() => Simple(XenDomctlCmd.DestroyDomain, "destroy the domain");

    /// <summary>Takes memory for a vcpu_guest_context: how long that is depends on the domain's word size, not on the caller's.</summary>
    private IHostMemory AllocateContext() => _hypervisor.Allocate(VcpuGuestContext.Layout.Size64);

    private void Simple(XenDomctlCmd command, string step)
    {
        using var call = new DomctlCall(_hypervisor, command, Id);
        call.Run(step);
    }

    private static void Grant(Span<byte> table, ReservedGrant entry, Mfn frame)
    {
        GrantEntryV1.Writer grant = GrantEntryV1.Create(table[((int)entry * GrantEntryV1.Layout.Size)..]);
        grant.Domain = 0;
        grant.Frame = frame;
        grant.Flags = default(GrantFlags).WithKind(GrantKind.PermitAccess);
    }
}
