namespace BootProtocol.X86;

/// <summary>Descriptors of segments that start at 0 and have no end.</summary>
/// <example><code>
/// SegmentDescriptor code = FlatSegment.Of(SegmentType.CodeExecuteRead, SegmentDescriptor.LongMode);
/// Console.WriteLine($"0x{(ulong)code:x16}");
/// </code></example>
public static class FlatSegment
{
    /// <summary>The limit of a segment of 4 GiB, in pages less 1.</summary>
    public const uint NoLimit = 0xfffff;

    /// <summary>Makes a descriptor of a segment that is present.</summary>
    /// <param name="type">The kind of segment.</param>
    /// <param name="mode">Its word size: <see cref="SegmentDescriptor.LongMode"/> or <see cref="SegmentDescriptor.Default32"/>.</param>
    /// <param name="ring">The ring that it belongs to, 0 to 3.</param>
    /// <param name="limit">The last page of 4096 bytes that belongs to it, 0 to <see cref="NoLimit"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ring or the limit is out of its range.</exception>
    public static SegmentDescriptor Of(SegmentType type, SegmentDescriptor mode, byte ring = 0, uint limit = NoLimit)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, NoLimit);
        return default(SegmentDescriptor)
            .WithLimitLow((ushort)limit)
            .WithLimitHigh((byte)(limit >> 16))
            .WithKind(type)
            .WithRing(ring)
            | SegmentDescriptor.CodeOrData | SegmentDescriptor.Present | SegmentDescriptor.Granularity | mode;
    }
}
