using System.Collections.Immutable;

namespace BootProtocol.Memory;

/// <summary>A range of virtual addresses that is mapped to frames in a row, and the page tables that this takes.</summary>
/// <param name="From">The first address, without the upper bits that only repeat the highest one.</param>
/// <param name="To">The last address, inclusive.</param>
/// <param name="First">The frame at the first address.</param>
/// <param name="Tables">The frame of the first table. The tables lie in a row, those of the highest level first.</param>
/// <param name="Levels">The tables of each level, the lowest first.</param>
internal sealed record PageTableMapping(ulong From, ulong To, Pfn First, Pfn Tables, ImmutableArray<PageTableLevel> Levels)
{
    /// <summary>The number of all tables.</summary>
    public int TableCount => Levels.Sum(static level => level.Count);

    /// <summary>Whether a frame is one of the tables.</summary>
    public bool IsTable(Pfn frame) => frame >= Tables && frame.Value - Tables.Value < (ulong)TableCount;
}

/// <summary>The page tables of one level that a mapping brings along.</summary>
/// <param name="From">The first address that they cover.</param>
/// <param name="To">The last address that they cover, inclusive.</param>
/// <param name="First">The frame of the first table; the others follow it.</param>
/// <param name="Count">How many they are; 0 if tables of another mapping cover all of it, and then the addresses mean nothing.</param>
internal readonly record struct PageTableLevel(ulong From, ulong To, Pfn First, int Count);
