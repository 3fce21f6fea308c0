namespace BootProtocol.Verify;

/// <summary>A page at the address where it is mapped.</summary>
/// <param name="Entry">The entry of the level 1 table.</param>
/// <param name="IsWritable">Whether all entries on the way to it allow writing.</param>
/// <param name="IsExecutable">Whether all entries on the way to it allow execution.</param>
internal readonly record struct MappedPage(ulong Entry, bool IsWritable, bool IsExecutable);
