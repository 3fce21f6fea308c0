using System.Collections.Immutable;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;

namespace BootProtocol.Kexec.Host;

/// <summary>Reads the machine's memory map.</summary>
/// <remarks>
/// /sys/firmware/memmap has what the firmware said, or the kernel before a kexec. It calls memory RAM that the running kernel found to hold
/// tables of EFI and keeps free since (efi_mem_reserve in arch/x86/platform/efi/quirks.c); /proc/iomem has that as reserved, and so it is here.
/// </remarks>
internal static class HostMemory
{
    /// <summary>The folder with what the firmware said.</summary>
    public const string MapFolder = "sys/firmware/memmap";

    private const string Resources = "proc/iomem";
    private const string CrashName = "Crash kernel";
    private const string RamName = "System RAM";

    /// <summary>What the running kernel calls the types (arch/x86/kernel/e820.c).</summary>
    private static readonly (string Name, E820Type Type)[] _types =
    [
        (RamName, E820Type.Ram),
        ("ACPI Tables", E820Type.Acpi),
        ("ACPI Non-volatile Storage", E820Type.Nvs),
        ("Unusable memory", E820Type.Unusable),
        ("Persistent Memory", E820Type.Pmem),
        ("Persistent Memory (legacy)", E820Type.Pram),
        ("Soft Reserved", E820Type.SoftReserved),
    ];

    /// <summary>The map: what a kernel that takes the running one's place is handed, ascending.</summary>
    /// <exception cref="KexecUnavailableException">It cannot be read.</exception>
    public static MemoryMap ReadMap(HostFiles files)
    {
        List<MemoryRange> ranges = [.. files.NumberedFolders(MapFolder, "").Select(folder => ReadRange(files, folder)).OrderBy(static range => range.Start)];
        if (ranges.Count == 0)
            throw new KexecUnavailableException($"/{MapFolder} is not there: the running kernel does not show the machine's memory map");
        foreach ((MemoryRange reserved, _, _) in ReadResources(files).Where(static resource => resource.IsOuter && IsKept(resource.Name)))
            ranges = [.. ranges.SelectMany(range => Without(range, reserved)).OrderBy(static range => range.Start)];
        return new MemoryMap([.. ranges]);
    }

    /// <summary>The memory that is set aside for a kernel that runs when this one panics; null if there is none.</summary>
    /// <exception cref="KexecUnavailableException">It is not shown.</exception>
    public static MemoryRange? ReadCrashRegion(HostFiles files)
    {
        MemoryRange[] found = [.. CrashRanges(files)];
        return found.Length == 0 ? null : found.MaxBy(static range => range.Start); // what is set aside below it for drivers is smaller
    }

    /// <summary>The memory that a panic leaves to be looked at: without the first MiB, which the next kernel uses, and what is set aside for that.</summary>
    /// <exception cref="KexecUnavailableException">It is not shown.</exception>
    public static ImmutableArray<MemoryRange> ReadDumped(HostFiles files)
    {
        List<MemoryRange> ranges = [.. ReadResources(files).Where(static resource => resource.Name == RamName).Select(static resource => resource.Range)];
        foreach (MemoryRange hole in CrashRanges(files).Prepend(new MemoryRange(new Paddr(0), 1 << 20, E820Type.Ram)))
            ranges = [.. ranges.SelectMany(range => Parts(range, hole))];
        return [.. Joined(ranges)];
    }

    /// <summary>Ranges with those as one that touch.</summary>
    private static List<MemoryRange> Joined(List<MemoryRange> ranges)
    {
        var joined = new List<MemoryRange>();
        foreach (MemoryRange range in ranges)
        {
            if (joined.Count > 0 && joined[^1].End == range.Start)
                joined[^1] = joined[^1] with { Length = joined[^1].Length + range.Length };
            else
                joined.Add(range);
        }

        return joined;
    }

    private static IEnumerable<MemoryRange> CrashRanges(HostFiles files) =>
        ReadResources(files).Where(static resource => resource.Name == CrashName).Select(static resource => resource.Range);

    private static MemoryRange ReadRange(HostFiles files, string folder)
    {
        ulong start = files.ReadNumber($"{folder}/start"), last = files.ReadNumber($"{folder}/end");
        string name = files.ReadText($"{folder}/type");
        E820Type type = _types.Where(row => row.Name == name).Select(static row => (E820Type?)row.Type).FirstOrDefault() ?? E820Type.Reserved;
        return new MemoryRange(new Paddr(start), last - start + 1, type);
    }

    /// <summary>The lines of /proc/iomem: ranges, each inside the one above it that is less indented.</summary>
    private static IEnumerable<(MemoryRange Range, string Name, bool IsOuter)> ReadResources(HostFiles files)
    {
        foreach (string line in files.ReadLines(Resources))
        {
            string[] parts = line.Split(" : ", 2);
            string[] ends = parts[0].Trim().Split('-');
            if (parts.Length != 2 || ends.Length != 2
                || !HostFiles.TryHexadecimal(ends[0], out ulong start) || !HostFiles.TryHexadecimal(ends[1], out ulong last) || last < start)
            {
                throw HostFiles.Unexpected(Resources, "ranges, START-END : NAME", line);
            }

            if (last > 0) // for those without the right to see them, all addresses are 0
                yield return (new MemoryRange(new Paddr(start), last - start + 1, E820Type.Ram), parts[1], !char.IsWhiteSpace(line[0]));
        }
    }

    /// <summary>Whether a name means that the running kernel keeps a range free because of what the firmware has there.</summary>
    private static bool IsKept(string name) => name == "Reserved" || (name != RamName && _types.Any(row => row.Name == name));

    /// <summary>A range with what is reserved of it as such, if it is RAM.</summary>
    private static IEnumerable<MemoryRange> Without(MemoryRange range, MemoryRange reserved)
    {
        if (range.Type != E820Type.Ram || reserved.End <= range.Start || reserved.Start >= range.End)
            return [range];
        ulong start = Math.Max(range.Start.Value, reserved.Start.Value), end = Math.Min(range.End.Value, reserved.End.Value);
        return Parts(range, reserved).Append(new MemoryRange(new Paddr(start), end - start, E820Type.Reserved));
    }

    /// <summary>What a hole leaves of a range.</summary>
    private static IEnumerable<MemoryRange> Parts(MemoryRange range, MemoryRange hole)
    {
        ulong below = Math.Min(range.End.Value, hole.Start.Value), above = Math.Max(range.Start.Value, hole.End.Value);
        if (below > range.Start.Value)
            yield return range with { Length = below - range.Start.Value };
        if (above < range.End.Value)
            yield return new MemoryRange(new Paddr(above), range.End.Value - above, range.Type);
    }
}
