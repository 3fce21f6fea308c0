namespace BootProtocol.Verify;

/// <summary>A page table at the place where an entry refers to it.</summary>
/// <param name="Frame">The guest's frame that it is.</param>
/// <param name="Level">1 for tables whose entries map pages, up to 4.</param>
/// <param name="First">The first address that it translates.</param>
/// <param name="Last">The last address that it translates.</param>
/// <param name="IsWritable">Whether the entries that lead to it allow writing.</param>
/// <param name="IsExecutable">Whether the entries that lead to it allow execution.</param>
internal readonly record struct MappedTable(Pfn Frame, int Level, ulong First, ulong Last, bool IsWritable = true, bool IsExecutable = true);
