using System.Buffers.Binary;

namespace BootProtocol.Symbols;

/// <summary>Numbers of one width that stand one behind the other, little-endian.</summary>
/// <param name="bytes">Their bytes; what is left behind the last whole number is none.</param>
/// <param name="width">The bytes of each: 2, 4 or 8.</param>
internal readonly ref struct NumberList(ReadOnlySpan<byte> bytes, int width)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>How many they are; none in the default value.</summary>
    public int Count => width == 0 ? 0 : _bytes.Length / width;

    /// <summary>One of them.</summary>
    public ulong this[int index] => width switch
    {
        2 => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[(index * 2)..]),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[(index * 4)..]),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[(index * 8)..]),
    };

    /// <summary>The list of some numbers in a kernel; empty if they are not all there.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="at">Where they start, in bytes; may be outside.</param>
    /// <param name="count">How many they are.</param>
    /// <param name="width">The bytes of each.</param>
    public static NumberList At(ReadOnlySpan<byte> kernel, long at, int count, int width)
    {
        long size = (long)count * width;
        return at < 0 || at > kernel.Length - size ? default : new NumberList(kernel.Slice((int)at, (int)size), width);
    }

    /// <summary>Whether a place lies inside, and everything up to another one is zero.</summary>
    public static bool IsZero(ReadOnlySpan<byte> kernel, long from, long to) =>
        from >= 0 && to <= kernel.Length && from <= to && !kernel[(int)from..(int)to].ContainsAnyExcept((byte)0);
}
