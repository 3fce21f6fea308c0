using System.Globalization;
using BootProtocol.Xen.Host;

namespace BootProtocol.Xen.Domains;

/// <summary>Finds out which version of the domctl structures Xen has.</summary>
/// <remarks>
/// Xen has no question for it: do_domctl answers EACCES to every version but its own. So a harmless question, the state of the first
/// domain, is asked in one version after the other. Source: Xen's public header domctl.h and xen/common/domctl.c.
/// </remarks>
internal static class DomctlVersions
{
    /// <summary>Versions have been counted up by one since the first, and are far from this.</summary>
    private const uint Highest = 0x7f;

    private const string Step = "control domains";

    /// <summary>The versions whose structures the spec describes, by ascending number.</summary>
    private static readonly DomctlVersion[] _known = Enum.GetValues<DomctlVersion>();

    /// <summary>The version of Xen, if it is a known one.</summary>
    /// <exception cref="XenException">It is another one, which the message names, or control is refused.</exception>
    public static uint Ask(IXenHost host)
    {
        XenException.Check(Step, host.Allocate(XenDomctl.Layout.Size, out IHostMemory? memory));
        using IHostMemory room = memory!;
        foreach (DomctlVersion version in _known)
        {
            if (IsVersion(host, room, (uint)version))
                return (uint)version;
        }

        for (uint version = 1; version <= Highest; version++)
        {
            if (!Enum.IsDefined((DomctlVersion)version) && IsVersion(host, room, version))
                throw Unknown(string.Create(CultureInfo.InvariantCulture, $"version 0x{version:x}"));
        }

        throw Unknown(string.Create(CultureInfo.InvariantCulture, $"no version from 0x1 to 0x{Highest:x}"));
    }

    private static bool IsVersion(IXenHost host, IHostMemory room, uint version)
    {
        XenDomctl.Writer control = XenDomctl.Create(room.Memory.Span);
        control.Cmd = XenDomctlCmd.GetDomainInfo;
        control.InterfaceVersion = version;
        long answer = host.Call(Hypercall.Domctl, room.Address);
        return answer != -(long)XenError.AccessDenied && XenException.Check(Step, answer) >= 0;
    }

    private static XenException Unknown(string found) => new(
        Step,
        XenError.None,
        string.Create(
            CultureInfo.InvariantCulture,
            $"Xen takes {found} of the domctl interface; this program is made for 0x{(uint)_known[0]:x} to 0x{(uint)_known[^1]:x}, of Xen 4.17 to 4.22"));
}
