using System.Collections.Immutable;

namespace BootProtocol.Memory;

/// <summary>The regions of a domain while it is being built. No two overlap, and all are in the guest's memory.</summary>
/// <example><code>
/// var regions = new RegionMap(MemoryMap.ForPc(64 &lt;&lt; 20));
/// Paddr place = regions.FindLowest("tables", 0x4000, 0x1000, new Paddr(0x100000), new Paddr(64 &lt;&lt; 20));
/// Region tables = regions.Add(new Region("tables", place, 0x4000, "the lowest place above 1 MiB"));
/// Console.WriteLine(tables);
/// </code></example>
public sealed class RegionMap
{
    private readonly SortedList<Paddr, Region> _regions = [];
    private readonly MemoryMap _memory;

    /// <summary>Starts with none.</summary>
    /// <param name="memory">What the guest has.</param>
    public RegionMap(MemoryMap memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        _memory = memory;
    }

    /// <summary>The regions so far, ascending.</summary>
    public ImmutableArray<Region> Regions => [.. _regions.Values];

    /// <summary>Adds a region where it has to be.</summary>
    /// <exception cref="BootRequestException">It is empty, overlaps another, or some of it is not memory.</exception>
    public Region Add(Region region)
    {
        ArgumentNullException.ThrowIfNull(region);
        Check(region);
        _regions.Add(region.Start, region);
        return region;
    }

    /// <summary>Checks whether a region could be added.</summary>
    /// <exception cref="BootRequestException">It is empty, overlaps another, or some of it is not memory.</exception>
    internal void Check(Region region)
    {
        if (region.Length == 0)
            throw Fault(region, "at least one byte");
        if (Clash(region) is { } other)
            throw Fault(region, $"a place apart from {other.Name} at {other.Start}-{other.End}");
        if (!_memory.IsRam(region.Start, region.Length))
            throw Fault(region, "a place in the guest's memory");
    }

    /// <summary>Finds room at the highest address that there is.</summary>
    /// <param name="name">What for; an error names it.</param>
    /// <param name="length">Bytes: more than 0. There is room for whole pages, as memory is claimed in these.</param>
    /// <param name="alignment">A power of two.</param>
    /// <param name="from">The lowest address of its first byte.</param>
    /// <param name="to">The highest address behind its last byte.</param>
    /// <exception cref="BootRequestException">There is no such room.</exception>
    public Paddr FindHighest(string name, ulong length, ulong alignment, Paddr from, Paddr to) =>
        TryFindHighest(length, alignment, from, to) ?? throw NoRoom(name, length, alignment, from, to);

    /// <summary>Finds room at the lowest address that there is.</summary>
    /// <inheritdoc cref="FindHighest"/>
    public Paddr FindLowest(string name, ulong length, ulong alignment, Paddr from, Paddr to) =>
        TryFindLowest(length, alignment, from, to) ?? throw NoRoom(name, length, alignment, from, to);

    /// <summary>Finds room at the highest address that there is.</summary>
    /// <param name="length">Bytes: more than 0. There is room for whole pages, as memory is claimed in these.</param>
    /// <param name="alignment">A power of two.</param>
    /// <param name="from">The lowest address of its first byte.</param>
    /// <param name="to">The highest address behind its last byte.</param>
    /// <returns>Its first address; null if there is no such room.</returns>
    public Paddr? TryFindHighest(ulong length, ulong alignment, Paddr from, Paddr to)
    {
        ulong pages = X86Page.Count(length);
        Paddr? found = null;
        foreach ((ulong start, ulong end) in Gaps(from, to))
        {
            if (end / X86Page.Size < pages)
                continue;
            ulong place = (end - (pages * X86Page.Size)) & ~(alignment - 1);
            if (place >= start)
                found = new Paddr(place);
        }

        return found;
    }

    /// <summary>Finds room at the lowest address that there is.</summary>
    /// <inheritdoc cref="TryFindHighest"/>
    public Paddr? TryFindLowest(ulong length, ulong alignment, Paddr from, Paddr to)
    {
        ulong pages = X86Page.Count(length);
        foreach ((ulong start, ulong end) in Gaps(from, to))
        {
            ulong place = (start + alignment - 1) & ~(alignment - 1);
            if (place >= start && place <= end && (end - place) / X86Page.Size >= pages)
                return new Paddr(place);
        }

        return null;
    }

    private Region? Clash(Region region) => _regions.Values.FirstOrDefault(region.Overlaps);

    /// <summary>The ranges between two addresses that are memory and in no region, ascending.</summary>
    private List<(ulong Start, ulong End)> Gaps(Paddr from, Paddr to)
    {
        var edges = new SortedSet<ulong> { from.Value, to.Value };
        foreach (MemoryRange range in _memory.Ranges)
        {
            edges.Add(range.Start.Value);
            edges.Add(range.End.Value);
        }

        foreach (Region region in _regions.Values)
        {
            edges.Add(region.Start.Value);
            edges.Add(region.End.Value);
        }

        var gaps = new List<(ulong Start, ulong End)>();
        ulong start = from.Value;
        foreach (ulong end in edges)
        {
            if (end <= from.Value || end > to.Value)
                continue;
            var piece = new Region("", new Paddr(start), end - start, "");
            if (_memory.IsRam(piece.Start, piece.Length) && Clash(piece) is null)
            {
                if (gaps.Count > 0 && gaps[^1].End == start)
                    gaps[^1] = (gaps[^1].Start, end);
                else
                    gaps.Add((start, end));
            }

            start = end;
        }

        return gaps;
    }

    private static BootRequestException Fault(Region region, string expected) =>
        new(BootErrorCode.NoRoom, "memory", region.Name, (long)region.Start.Value, expected, $"{region.Start}-{region.End}");

    private static BootRequestException NoRoom(string name, ulong length, ulong alignment, Paddr from, Paddr to)
    {
        UInt128 room = (UInt128)X86Page.Count(length) * X86Page.Size;
        return new(BootErrorCode.NoRoom, "memory", name, null, $"0x{room:x} bytes free, aligned to 0x{alignment:x}, at {from}-{to}", "no such room");
    }
}
