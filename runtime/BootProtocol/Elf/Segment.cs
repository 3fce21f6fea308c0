namespace BootProtocol.Elf;

/// <summary>A segment: what a program header says.</summary>
/// <param name="Index">The number of its program header, from 0.</param>
/// <param name="Type">The kind of segment.</param>
/// <param name="Flags">The access rights.</param>
/// <param name="FileOffset">Where its bytes start in the file, in bytes.</param>
/// <param name="VirtualAddress">Its virtual address. Many kernels have per-CPU data at 0 here: loaders go by the physical one.</param>
/// <param name="PhysicalAddress">The physical address of its first byte.</param>
/// <param name="FileSize">Its bytes in the file.</param>
/// <param name="MemorySize">Its bytes in memory; those that the file lacks are zero.</param>
/// <param name="Alignment">Its alignment in bytes; 0 or 1 for none.</param>
/// <example><code>
/// foreach (Segment segment in kernel.Elf.LoadSegments)
///     Console.WriteLine($"{segment.PhysicalAddress} to {segment.PhysicalEnd}, {segment.Flags}");
/// </code></example>
public readonly record struct Segment(
    int Index,
    SegmentType Type,
    SegmentFlags Flags,
    ulong FileOffset,
    Vaddr VirtualAddress,
    Paddr PhysicalAddress,
    ulong FileSize,
    ulong MemorySize,
    ulong Alignment)
{
    /// <summary>Whether it goes into memory: a PT_LOAD with at least one access right, which is how Xen's loader decides too.</summary>
    public bool IsLoadable => Type == SegmentType.Load && (Flags & (SegmentFlags.Read | SegmentFlags.Write | SegmentFlags.Execute)) != 0;

    /// <summary>The physical address behind its last byte in memory. Of loadable segments it does not wrap.</summary>
    public Paddr PhysicalEnd => new(unchecked(PhysicalAddress.Value + MemorySize));

    /// <summary>Whether a physical address lies in the segment.</summary>
    public bool Contains(Paddr address) => address >= PhysicalAddress && address.Value - PhysicalAddress.Value < MemorySize;
}
