using System.Globalization;
using System.Runtime.InteropServices;

namespace BootProtocol.Xen.Rings;

/// <summary>One direction of a ring page: one side puts bytes in, the other takes them out, each with an index of its own.</summary>
/// <remarks>
/// Indices count bytes and wrap at 2^32; the place in the ring is the index modulo its size. The other side is not to be trusted: what
/// it wrote is looked at once. Source: Xen's public headers io/console.h and io/xs_wire.h.
/// </remarks>
/// <param name="page">The ring page.</param>
/// <param name="layout">Where the ring stands in it.</param>
internal sealed class ByteRing(Memory<byte> page, ByteRingLayout layout)
{
    /// <summary>Takes bytes out.</summary>
    /// <param name="destination">Where they go.</param>
    /// <returns>How many there were room and bytes for.</returns>
    /// <exception cref="BootFormatException">The other side's index is impossible.</exception>
    public int Read(Span<byte> destination)
    {
        // What this side has written is seen before the other side's index is looked at. Else both could find nothing to do, and
        // neither would wake the other.
        Interlocked.MemoryBarrier();
        uint consumer = Index(layout.ConsumerOffset);
        int used = Used(consumer, Volatile.Read(ref Index(layout.ProducerOffset)), layout.ProducerName, layout.ProducerOffset);
        int count = Math.Min(used, destination.Length);
        for (int i = 0; i < count; i++)
            destination[i] = Data[(int)((consumer + (uint)i) % (uint)layout.Size)];
        Volatile.Write(ref Index(layout.ConsumerOffset), consumer + (uint)count);
        return count;
    }

    /// <summary>Puts bytes in.</summary>
    /// <param name="source">The bytes.</param>
    /// <returns>How many there was room for.</returns>
    /// <exception cref="BootFormatException">The other side's index is impossible.</exception>
    public int Write(ReadOnlySpan<byte> source)
    {
        Interlocked.MemoryBarrier();
        uint producer = Index(layout.ProducerOffset);
        int used = Used(Volatile.Read(ref Index(layout.ConsumerOffset)), producer, layout.ConsumerName, layout.ConsumerOffset);
        int count = Math.Min(layout.Size - used, source.Length);
        for (int i = 0; i < count; i++)
            Data[(int)((producer + (uint)i) % (uint)layout.Size)] = source[i];
        Volatile.Write(ref Index(layout.ProducerOffset), producer + (uint)count);
        return count;
    }

    private Span<byte> Data => page.Span.Slice(layout.DataOffset, layout.Size);

    private ref uint Index(int offset) => ref MemoryMarshal.AsRef<uint>(page.Span[offset..]);

    private int Used(uint consumer, uint producer, string name, int offset)
    {
        uint used = producer - consumer;
        return used <= (uint)layout.Size
            ? (int)used
            : throw new BootFormatException(
                BootErrorCode.BadValue,
                layout.Structure,
                name,
                offset,
                string.Create(CultureInfo.InvariantCulture, $"indices at most {layout.Size} apart"),
                string.Create(CultureInfo.InvariantCulture, $"producer {producer}, consumer {consumer}"));
    }
}
