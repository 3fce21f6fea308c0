using System.Collections.Immutable;
using BootProtocol.Elf;

namespace BootProtocol.Rules;

/// <summary>Finds the ways to start a kernel.</summary>
/// <example><code>
/// if (BootWays.TryParse("xen-pv", out BootWay way))
///     Console.WriteLine($"{BootWays.Name(way)}: {BootWays.Of(kernel.Elf).First(check =&gt; check.Way == way).Reason ?? "possible"}");
/// </code></example>
public static class BootWays
{
    /// <summary>The names of all ways, in the order of <see cref="BootWay"/>.</summary>
    public static ImmutableArray<string> Names { get; } = ["linux64", "linux32", "pvh", "xen-pv"];

    /// <summary>The name of a way: <c>linux64</c>, <c>linux32</c>, <c>pvh</c> or <c>xen-pv</c>.</summary>
    /// <param name="way">The way.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is none.</exception>
    public static string Name(BootWay way)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)way, (uint)BootWay.XenPv, nameof(way));
        return Names[(int)way];
    }

    /// <summary>Finds the way that has a name.</summary>
    /// <param name="name">The name, in lower case as <see cref="Name"/> gives it.</param>
    /// <param name="way">The way.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryParse(string? name, out BootWay way)
    {
        int index = name is null ? -1 : Names.IndexOf(name);
        way = (BootWay)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>Judges every way, in the order of <see cref="BootWay"/>.</summary>
    /// <param name="kernel">The kernel, decoded where its image holds it compressed.</param>
    /// <param name="hasLinuxHeader">
    /// Whether the kernel comes out of a bzImage or zImage: that makes it a Linux, and has a 32-bit entry of its own.
    /// </param>
    /// <remarks>Where notes or segments that decide about a way are broken, that is the reason against it.</remarks>
    public static ImmutableArray<BootWayCheck> Of(ElfFile kernel, bool hasLinuxHeader = false)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        string? general = Judge(() => GeneralReason(kernel));
        string? linux = general ?? Judge(() => LinuxBootRules.GeneralReason(kernel, hasLinuxHeader));
        return
        [
            new BootWayCheck(BootWay.Linux64, linux ?? Judge(() => LinuxBootRules.Reason64(kernel))),
            new BootWayCheck(BootWay.Linux32, linux ?? Judge(() => LinuxBootRules.Reason32(kernel, hasLinuxHeader))),
            new BootWayCheck(BootWay.Pvh, general ?? Judge(() => XenBootRules.PvhReason(kernel))),
            new BootWayCheck(BootWay.XenPv, general ?? Judge(() => XenBootRules.PvReason(kernel))),
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

    /// <summary>Why a file cannot be started by any way; null if it may be.</summary>
    /// <exception cref="BootFormatException">Segments, sections or notes that decide about it are broken.</exception>
    internal static string? GeneralReason(ElfFile kernel)
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
