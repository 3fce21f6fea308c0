using BootProtocol.X86;

namespace BootProtocol;

/// <summary>Descriptors of segments that start at 0 and have no end.</summary>
internal static class FlatSegment
{
    /// <summary>The limit of a segment of 4 GiB, in pages less 1.</summary>
    public const uint NoLimit = 0xfffff;

    /// <summary>Makes a descriptor of a segment that is present.</summary>
    /// <param name="type">The kind of segment.</param>
    /// <param name="mode">Its word size: <see cref="SegmentDescriptor.LongMode"/> or <see cref="SegmentDescriptor.Default32"/>.</param>
    /// <param name="ring">The ring that it belongs to.</param>
    /// <param name="limit">The last page that belongs to it.</param>
    public static SegmentDescriptor Of(SegmentType type, SegmentDescriptor mode, byte ring = 0, uint limit = NoLimit) =>
        default(SegmentDescriptor)
            .WithLimitLow((ushort)limit)
            .WithLimitHigh((byte)(limit >> 16))
            .WithKind(type)
            .WithRing(ring)
        | SegmentDescriptor.CodeOrData | SegmentDescriptor.Present | SegmentDescriptor.Granularity | mode;
}
