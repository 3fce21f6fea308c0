using System.Collections.Immutable;
using BootProtocol.LinuxX86;

namespace BootProtocol.Memory;

/// <summary>What a machine's physical addresses hold: an E820 map.</summary>
/// <param name="Ranges">The ranges as they are handed to the guest, in its order.</param>
/// <example><code>
/// MemoryMap map = MemoryMap.ForPc(256 &lt;&lt; 20);
/// Console.WriteLine($"{map.RamSize} bytes; the first MiB is RAM: {map.IsRam(new Paddr(0), 1 &lt;&lt; 20)}");
/// </code></example>
public sealed record MemoryMap(ImmutableArray<MemoryRange> Ranges)
{
    private const ulong ConventionalEnd = 0xa0000;
    private const ulong HighStart = 1 << 20;

    /// <summary>Where the ranges of devices start below 4 GiB on the PC that <see cref="ForPc"/> describes.</summary>
    private const ulong DeviceStart = 3UL << 30;
    private const ulong AboveDevices = 4UL << 30;

    /// <summary>The map of a plain PC: memory up to 640 KiB, from 1 MiB to 3 GiB, and the rest from 4 GiB on.</summary>
    /// <param name="memory">Bytes of memory in all, the hole below 1 MiB counted: more than 1 MiB; cut to whole pages.</param>
    /// <exception cref="BootRequestException">It is no more than 1 MiB, or more than 2^52 bytes, which no processor addresses.</exception>
    public static MemoryMap ForPc(ulong memory)
    {
        memory &= ~(X86Page.Size - 1UL);
        if (memory is <= HighStart or > (1UL << 52))
            throw new BootRequestException(BootErrorCode.NotAllowed, "memory", "size", null, "more than 1 MiB, at most 2^52 bytes", $"0x{memory:x}");
        var ranges = ImmutableArray.CreateBuilder<MemoryRange>(3);
        ranges.Add(new MemoryRange(new Paddr(0), ConventionalEnd, E820Type.Ram));
        ulong low = Math.Min(memory, DeviceStart);
        ranges.Add(new MemoryRange(new Paddr(HighStart), low - HighStart, E820Type.Ram));
        if (memory > low)
            ranges.Add(new MemoryRange(new Paddr(AboveDevices), memory - low, E820Type.Ram));
        return new MemoryMap(ranges.ToImmutable());
    }

    /// <summary>Whether all of a range is memory for free use: in ranges of RAM, and in none of another type.</summary>
    /// <param name="start">Its first address.</param>
    /// <param name="length">Its bytes.</param>
    public bool IsRam(Paddr start, ulong length)
    {
        if (start.Value + length < start.Value)
            return false;
        ulong end = start.Value + length;
        foreach (MemoryRange range in Ranges)
        {
            if (range.Type != E820Type.Ram && range.Start.Value < end && range.End > start)
                return false;
        }

        ulong at = start.Value;
        while (at < end)
        {
            ulong reached = at;
            foreach (MemoryRange range in Ranges)
            {
                if (range.Type == E820Type.Ram && range.Start.Value <= at && range.End.Value > reached)
                    reached = range.End.Value;
            }

            if (reached == at)
                return false;
            at = reached;
        }

        return true;
    }

    /// <summary>Bytes of memory for free use, as the ranges of RAM say.</summary>
    public ulong RamSize => Ranges.Where(static range => range.Type == E820Type.Ram).Aggregate(0UL, static (sum, range) => sum + range.Length);
}
