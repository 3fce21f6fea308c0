using System.Collections.Immutable;
using BootProtocol.Elf;

namespace BootProtocol.Rules;

/// <summary>Finds the ways to start a kernel.</summary>
public static class BootWays
{
    /// <summary>Linux's 64-bit boot protocol.</summary>
    public const string Linux64 = "linux64";

    /// <summary>Linux's 32-bit boot protocol.</summary>
    public const string Linux32 = "linux32";

    /// <summary>PVH: 32-bit entry with Xen's start_info, under Xen and other monitors.</summary>
    public const string Pvh = "pvh";

    /// <summary>Paravirtualised under Xen.</summary>
    public const string XenPv = "xen-pv";

    /// <summary>Judges every way, in the order of the names above.</summary>
    /// <param name="kernel">The kernel, decoded where its image holds it compressed.</param>
    /// <param name="hasLinuxHeader">
    /// Whether the kernel comes out of a bzImage or zImage: that makes it a Linux, and has a 32-bit entry of its own.
    /// </param>
    /// <remarks>Where notes or segments that decide about a way are broken, that is the reason against it.</remarks>
    public static ImmutableArray<BootWay> Of(ElfFile kernel, bool hasLinuxHeader = false)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        string? general = Judge(() => GeneralReason(kernel));
        string? linux = general ?? Judge(() => LinuxBootRules.GeneralReason(kernel, hasLinuxHeader));
        return
        [
            new BootWay(Linux64, linux ?? Judge(() => LinuxBootRules.Reason64(kernel))),
            new BootWay(Linux32, linux ?? Judge(() => LinuxBootRules.Reason32(kernel, hasLinuxHeader))),
            new BootWay(Pvh, general ?? Judge(() => XenBootRules.PvhReason(kernel))),
            new BootWay(XenPv, general ?? Judge(() => XenBootRules.PvReason(kernel))),
        ];
    }

    /// <summary>Why a kernel cannot be started by one of Linux's protocols; null if it can. Reads notes and sections only if it must.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="mode">The protocol: that of 32 or of 64 bits.</param>
    /// <param name="hasLinuxHeader">Whether it comes out of a bzImage or zImage.</param>
    /// <exception cref="BootFormatException">Notes or sections that decide about it are broken.</exception>
    internal static string? LinuxReason(ElfFile kernel, WordSize mode, bool hasLinuxHeader) =>
        GeneralReason(kernel)
        ?? (mode == WordSize.Bits64 ? LinuxBootRules.Reason64(kernel) : LinuxBootRules.Reason32(kernel, hasLinuxHeader))
        ?? LinuxBootRules.GeneralReason(kernel, hasLinuxHeader);

    /// <summary>Why a kernel cannot be started paravirtualised under Xen; null if it can.</summary>
    /// <exception cref="BootFormatException">Notes or sections that decide about it are broken.</exception>
    internal static string? XenPvReason(ElfFile kernel) => GeneralReason(kernel) ?? XenBootRules.PvReason(kernel);

    private static string? Judge(Func<string?> rule)
    {
        try
        {
            return rule();
        }
        catch (BootFormatException exception)
        {
            return $"what decides about it is broken: {exception.Message}";
        }
    }

    private static string? GeneralReason(ElfFile kernel)
    {
        ElfHeader header = kernel.Header;
        bool isRight = kernel.Word == WordSize.Bits64
            ? header.Machine == ElfMachine.X8664
            : header.Machine is ElfMachine.I386 or ElfMachine.IntelMcu;
        if (!isRight)
            return ElfFaults.Text($"not a kernel for x86: {(int)kernel.Word}-bit ELF file for {ElfMachines.Name(header.Machine)}");
        if (ElfFileKinds.Reason(kernel.Kind) is { } reason)
            return reason;
        if (kernel.LoadSegments.IsEmpty)
            return "it has no segment to load";
        return kernel.LoadSegments.All(static segment => segment.MemorySize == 0) ? "its segments have no byte in memory" : null;
    }
}
