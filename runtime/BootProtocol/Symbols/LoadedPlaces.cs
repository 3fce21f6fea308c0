using BootProtocol.Elf;

namespace BootProtocol.Symbols;

/// <summary>Where a kernel's bytes go in virtual memory.</summary>
internal sealed class LoadedPlaces
{
    /// <summary>Below that are variables that each processor has, which are linked at 0 in 64-bit kernels up to 6.14.</summary>
    private const ulong LowestImage = 0x1_0000;

    /// <summary>How far behind the image its last symbols may be: those of room that is reserved there.</summary>
    private const ulong Behind = 2 << 20;

    private readonly Segment[] _segments;

    /// <summary>Takes the segments of a kernel.</summary>
    /// <exception cref="BootFormatException">They are broken.</exception>
    public LoadedPlaces(ElfFile elf)
    {
        _segments = [.. elf.LoadSegments];
        Segment[] image = [.. _segments.Where(static segment => segment.VirtualAddress.Value >= LowestImage)];
        if (image.Length == 0)
            return;
        Lowest = image.Min(static segment => segment.VirtualAddress.Value);
        ulong end = image.Max(static segment => segment.VirtualAddress.Value + Math.Min(segment.MemorySize, uint.MaxValue));
        Highest = end > ulong.MaxValue - Behind ? ulong.MaxValue : end + Behind;
    }

    /// <summary>The image's first address.</summary>
    public ulong Lowest { get; }

    /// <summary>The last address that belongs to the image.</summary>
    public ulong Highest { get; }

    /// <summary>Whether an address is one of the image.</summary>
    public bool Contains(ulong address) => address >= Lowest && address <= Highest && Highest != 0;

    /// <summary>The virtual address of a byte of the file; null if it is not loaded.</summary>
    public ulong? AddressOf(long offset)
    {
        foreach (Segment segment in _segments)
        {
            if ((ulong)offset >= segment.FileOffset && (ulong)offset - segment.FileOffset < segment.FileSize)
                return segment.VirtualAddress.Value + ((ulong)offset - segment.FileOffset);
        }

        return null;
    }
}
