using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.Domains;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Specs;

namespace BootProtocol.Reports;

/// <summary>A domain's physical addresses without a gap: its regions, what is free between them, and what is no memory.</summary>
/// <example><code>
/// foreach (DomainMapRow row in DomainMap.Of(linux))
///     Console.WriteLine($"{row.Start} {row.Length,12} {row.Name}");
/// </code></example>
public static class DomainMap
{
    /// <summary>Lists all parts, ascending, from address 0 to the end of its memory map or of its last region.</summary>
    public static ImmutableArray<DomainMapRow> Of(Domain domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return Of(domain.Regions, domain.Map);
    }

    /// <summary>Lists all parts of what was laid out in memory of a map.</summary>
    /// <param name="regions">What was laid out; no two overlap.</param>
    /// <param name="map">The memory.</param>
    public static ImmutableArray<DomainMapRow> Of(ImmutableArray<Region> regions, MemoryMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        var edges = new SortedSet<ulong>();
        foreach (Region region in regions)
        {
            edges.Add(region.Start.Value);
            edges.Add(region.End.Value);
        }

        foreach (MemoryRange range in map.Ranges.Where(static range => range.Length > 0))
        {
            edges.Add(range.Start.Value);
            edges.Add(range.End.Value);
        }

        ImmutableArray<DomainMapRow>.Builder rows = ImmutableArray.CreateBuilder<DomainMapRow>();
        ulong start = 0;
        foreach (ulong end in edges)
        {
            if (end > start)
                Append(rows, Describe(regions, map, new Paddr(start), end - start));
            start = end;
        }

        return rows.ToImmutable();
    }

    /// <summary>Names a piece that no edge divides.</summary>
    private static DomainMapRow Describe(ImmutableArray<Region> regions, MemoryMap map, Paddr start, ulong length)
    {
        foreach (Region region in regions)
        {
            // An edge of the map may divide a region, which stays one part all the same.
            if (region.Start <= start && start < region.End)
            {
                return new DomainMapRow(DomainMapKind.Region, region.Name, region.Start, region.Length, region.Reason)
                {
                    Virtual = region.Virtual,
                };
            }
        }

        bool isRam = false;
        foreach (MemoryRange range in map.Ranges)
        {
            if (start < range.Start || start >= range.End)
                continue;
            if (range.Type != E820Type.Ram)
                return new DomainMapRow(DomainMapKind.Reserved, NameOf(range.Type), start, length, "");
            isRam = true;
        }

        return isRam
            ? new DomainMapRow(DomainMapKind.Free, "free", start, length, "")
            : new DomainMapRow(DomainMapKind.Hole, "no memory", start, length, "");
    }

    private static void Append(ImmutableArray<DomainMapRow>.Builder rows, DomainMapRow row)
    {
        if (rows.Count == 0 || rows[^1].Kind != row.Kind || rows[^1].Name != row.Name)
            rows.Add(row);
        else if (row.Kind != DomainMapKind.Region)
            rows[^1] = rows[^1] with { Length = rows[^1].Length + row.Length };
        else if (row.Start != rows[^1].Start)
            rows.Add(row);
    }

    private static string NameOf(E820Type type) =>
        new SpecEnumValue(E820TypeLayout.Info, (ulong)type).Name ?? string.Create(CultureInfo.InvariantCulture, $"type {(uint)type}");
}
