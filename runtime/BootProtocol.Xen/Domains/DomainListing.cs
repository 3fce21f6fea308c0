using System.Globalization;
using BootProtocol.Xen.Host;

namespace BootProtocol.Xen.Domains;

/// <summary>Lists all domains: many by one hypercall, whatever numbers are not in use.</summary>
/// <remarks>
/// Xen answers EACCES to every version of the structure but its own, so one after the other is tried. Source: Xen's public header sysctl.h.
/// </remarks>
internal static class DomainListing
{
    private const string Step = "list the domains";

    /// <summary>Domains that one hypercall is asked for.</summary>
    private const int MostAtOnce = 512;

    private static readonly SysctlVersion[] _known = Enum.GetValues<SysctlVersion>();

    /// <summary>All domains, by ascending number.</summary>
    /// <exception cref="XenException">Xen refused, or has another version.</exception>
    public static List<DomainInfo> Run(Hypervisor hypervisor)
    {
        var domains = new List<DomainInfo>();
        using IHostMemory memory = hypervisor.Allocate(XenSysctl.Layout.Size);
        using IHostMemory list = hypervisor.Allocate(MostAtOnce * XenDomctlGetdomaininfo.Layout.Size);
        int found;
        do
        {
            found = Read(hypervisor, memory, list, domains.Count == 0 ? 0 : domains[^1].Id + 1);
            for (int i = 0; i < found; i++)
                domains.Add(DomainInfo.Read(XenDomctlGetdomaininfo.Parse(list.Memory.Span[(i * XenDomctlGetdomaininfo.Layout.Size)..])));
        }
        while (found == MostAtOnce);
        return domains;
    }

    /// <summary>Reads some, from a number on; returns how many.</summary>
    private static int Read(Hypervisor hypervisor, IHostMemory memory, IHostMemory list, int first)
    {
        foreach (SysctlVersion version in _known)
        {
            XenSysctl.Writer control = XenSysctl.Create(memory.Memory.Span);
            control.Cmd = XenSysctlCmd.GetDomainInfoList;
            control.InterfaceVersion = (uint)version;
            XenSysctlGetdomaininfolist.Writer wanted = control.DomainList;
            wanted.FirstDomain = (ushort)first;
            wanted.MaxDomains = MostAtOnce;
            wanted.Buffer = new Vaddr(list.Address);
            long answer = hypervisor.Host.Call(Hypercall.Sysctl, memory.Address);
            if (answer == -(long)XenError.AccessDenied)
                continue;
            XenException.Check(Step, answer);
            return (int)Math.Min(XenSysctl.Parse(memory.Memory.Span).DomainList.DomainCount, MostAtOnce);
        }

        throw new XenException(
            Step,
            XenError.None,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Xen takes no version from 0x{(uint)_known[0]:x} to 0x{(uint)_known[^1]:x} of the sysctl interface"));
    }
}
