using BootProtocol.Kernels;
using BootProtocol.Rules;

namespace BootProtocol.Cli.Running;

/// <summary>Paravirtualised kernels that cannot run where no hypervisor answers their calls.</summary>
internal static class HypercallNeed
{
    /// <summary>Refuses a kernel that needs hypercalls, by what its file says: it is a Linux, or asks for a page of them.</summary>
    /// <exception cref="BootException">It does, or its notes are broken.</exception>
    public static void Check(Kernel kernel)
    {
        if (Reason(kernel) is not { } reason)
            return;
        BootWayCheck? other = kernel.BootWays.FirstOrDefault(static way => way.Possible && way.Way != BootWay.XenPv);
        string here = other is null ? "" : $", or here with --boot {other.Name}";
        throw new BootRequestException(
            BootErrorCode.NotPossible,
            "kernel",
            BootWays.Name(BootWay.XenPv),
            null,
            "one that makes no hypercalls, as no Xen runs in this machine",
            $"one that needs them: {reason}; start it on a Xen with 'bootproto xen start'{here}");
    }

    private static string? Reason(Kernel kernel)
    {
        if (kernel.BootWays.Single(static way => way.Way == BootWay.XenPv).Reason is not null)
            return null; // whoever builds it says so
        if (kernel.Notes.Xen.GuestOs?.StartsWith("linux", StringComparison.Ordinal) == true)
            return "it is a Linux (note GUEST_OS)";
        if (kernel.BootWays.Any(static way => way.Possible && way.Way is BootWay.Linux64 or BootWay.Linux32) && kernel.Notes.HasNotes("Linux"))
            return "it is a Linux (its own notes)";
        return XenGuestParameters.Read(kernel.Elf).HypercallPage is { } page ? $"it asks for a page of them at {page} (note HYPERCALL_PAGE)" : null;
    }
}
