namespace BootProtocol.Xen.Domains;

/// <summary>Makes a PV or a PVH domain, by the structure of the version that Xen has.</summary>
/// <remarks>Source: xen_domctl_createdomain in Xen's public headers domctl.h of 4.17 to 4.22.</remarks>
internal static class DomainCreation
{
    /// <summary>Makes one that is paused, and has no memory and no virtual CPUs; returns its number.</summary>
    /// <exception cref="XenException">Xen refused.</exception>
    public static ushort Run(Hypervisor hypervisor, DomainLimits limits, bool isPvh)
    {
        using var call = new DomctlCall(hypervisor, XenDomctlCmd.CreateDomain, (ushort)ReservedDomain.Any);
        if (hypervisor.DomctlVersion >= (uint)DomctlVersion.Xen419)
            Fill(call.Control.Createdomain, limits, isPvh);
        else
            Fill(call.Control.Createdomain0x15, limits, isPvh);
        call.Run("create a domain");
        return call.View.Domain;
    }

    private static void Fill(XenDomctlCreatedomain.Writer wanted, DomainLimits limits, bool isPvh)
    {
        limits.Handle.TryWriteBytes(wanted.Handle, bigEndian: true, out _);
        wanted.MaxVCpus = limits.VCpus;
        wanted.MaxEvtchnPort = limits.HighestPort;
        wanted.MaxGrantFrames = limits.GrantFrames;
        wanted.MaxMaptrackFrames = limits.MapTrackFrames;
        wanted.GrantOpts = GrantsOf(limits);
        wanted.Flags = FlagsOf(isPvh);
        Fill(wanted.Arch, isPvh);
    }

    private static void Fill(XenDomctlCreatedomain0x15.Writer wanted, DomainLimits limits, bool isPvh)
    {
        limits.Handle.TryWriteBytes(wanted.Handle, bigEndian: true, out _);
        wanted.MaxVCpus = limits.VCpus;
        wanted.MaxEvtchnPort = limits.HighestPort;
        wanted.MaxGrantFrames = limits.GrantFrames;
        wanted.MaxMaptrackFrames = limits.MapTrackFrames;
        wanted.GrantOpts = GrantsOf(limits);
        wanted.Flags = FlagsOf(isPvh);
        Fill(wanted.Arch, isPvh);
    }

    private static void Fill(XenArchDomainconfig.Writer wanted, bool isPvh) => wanted.EmulationFlags = isPvh ? EmulationFlags.LocalApic : default;

    private static CreateDomainFlags FlagsOf(bool isPvh) => isPvh ? CreateDomainFlags.Hvm | CreateDomainFlags.HardwareAssistedPaging : default;

    private static GrantOptions GrantsOf(DomainLimits limits) => default(GrantOptions).WithVersion((byte)limits.GrantVersion);
}
