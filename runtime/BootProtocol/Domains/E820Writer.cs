using System.Globalization;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;

namespace BootProtocol.Domains;

/// <summary>Writes memory maps in the form in which Linux's zero page has them.</summary>
internal static class E820Writer
{
    /// <summary>The most entries that the zero page holds (E820_MAX_ENTRIES_ZEROPAGE in asm/bootparam.h).</summary>
    public const int MaximumInPage = 128;

    /// <summary>
    /// Refuses maps that the kernel would throw away: with one range alone, or one that goes beyond 64 bits (append_e820_table in
    /// arch/x86/kernel/e820.c).
    /// </summary>
    /// <exception cref="BootException">The map is one of those.</exception>
    public static void Check(MemoryMap map)
    {
        if (map.Ranges.Length < 2)
            throw Fault("at least 2 ranges, as Linux takes no shorter map", map.Ranges.Length.ToString(CultureInfo.InvariantCulture));
        foreach (MemoryRange range in map.Ranges)
        {
            if (range.Length != 0 && range.Length - 1 > ulong.MaxValue - range.Start.Value)
                throw Fault("ranges that end below 2^64", $"0x{range.Length:x} bytes at {range.Start}");
        }
    }

    /// <summary>Writes as much of a map as the zero page holds.</summary>
    public static void Write(BootParams.Writer parameters, ReadOnlySpan<MemoryRange> ranges)
    {
        parameters.E820Entries = (byte)ranges.Length;
        for (int i = 0; i < ranges.Length; i++)
            Write(parameters.GetE820Table(i), ranges[i]);
    }

    /// <summary>Writes a range.</summary>
    public static void Write(BootE820Entry.Writer entry, MemoryRange range)
    {
        entry.Addr = range.Start;
        entry.Size = range.Length;
        entry.Type = range.Type;
    }

    private static BootRequestException Fault(string expected, string found) => new(BootErrorCode.NotAllowed, "memory map", "", null, expected, found);
}
