namespace BootProtocol.Memory;

/// <summary>The page tables of one level that a mapping brings along.</summary>
/// <param name="From">The first address that they cover.</param>
/// <param name="To">The last address that they cover, inclusive.</param>
/// <param name="First">The frame of the first table; the others follow it.</param>
/// <param name="Count">How many they are; 0 if tables of another mapping cover all of it, and then the addresses mean nothing.</param>
internal readonly record struct PageTableLevel(ulong From, ulong To, Pfn First, int Count);
