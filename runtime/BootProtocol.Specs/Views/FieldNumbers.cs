using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace BootProtocol;

/// <summary>Fits values into the sizes that fields have. For generated code.</summary>
/// <example><code>
/// ushort sectors = FieldNumbers.Narrow16(0x1f4, "setup_sects");
/// Console.WriteLine(sectors);
/// </code></example>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class FieldNumbers
{
    /// <summary>The value as one byte.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not fit.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte Narrow8(ulong value, string field)
    {
        if (value > byte.MaxValue)
            Throw(value, field, 8);
        return unchecked((byte)value);
    }

    /// <summary>The value as two bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not fit.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Narrow16(ulong value, string field)
    {
        if (value > ushort.MaxValue)
            Throw(value, field, 16);
        return unchecked((ushort)value);
    }

    /// <summary>The value as four bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not fit.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Narrow32(ulong value, string field)
    {
        if (value > uint.MaxValue)
            Throw(value, field, 32);
        return unchecked((uint)value);
    }

    /// <summary>The value as one byte with a sign.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not fit.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static sbyte NarrowSigned8(long value, string field)
    {
        if (value is < sbyte.MinValue or > sbyte.MaxValue)
            ThrowSigned(value, field, 8);
        return unchecked((sbyte)value);
    }

    /// <summary>The value as two bytes with a sign.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not fit.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static short NarrowSigned16(long value, string field)
    {
        if (value is < short.MinValue or > short.MaxValue)
            ThrowSigned(value, field, 16);
        return unchecked((short)value);
    }

    /// <summary>The value as four bytes with a sign.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not fit.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NarrowSigned32(long value, string field)
    {
        if (value is < int.MinValue or > int.MaxValue)
            ThrowSigned(value, field, 32);
        return unchecked((int)value);
    }

    /// <summary>Reads a number of any size.</summary>
    /// <param name="bytes">The number's bytes: at most 8; none are 0.</param>
    /// <param name="isBigEndian">Whether the most significant byte comes first.</param>
    public static ulong Read(ReadOnlySpan<byte> bytes, bool isBigEndian)
    {
        ulong number = 0;
        for (int i = 0; i < bytes.Length; i++)
            number = number << 8 | bytes[isBigEndian ? i : bytes.Length - 1 - i];
        return number;
    }

    /// <summary>Writes a number of any size.</summary>
    /// <param name="place">The number's bytes: at most 8.</param>
    /// <param name="value">The number.</param>
    /// <param name="isBigEndian">Whether the most significant byte comes first.</param>
    /// <param name="field">The field's name, for the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number does not fit.</exception>
    public static void Write(Span<byte> place, ulong value, bool isBigEndian, string field)
    {
        if (place.Length < sizeof(ulong) && value >> (8 * place.Length) != 0)
            Throw(value, field, 8 * place.Length);
        for (int i = 0; i < place.Length; i++, value >>= 8)
            place[isBigEndian ? place.Length - 1 - i : i] = unchecked((byte)value);
    }

    /// <summary>Reads a number that is stored in bytes of 7 bits each, the lowest first; what has more than 64 bits is cut.</summary>
    /// <param name="bytes">The number's bytes; none are 0.</param>
    public static ulong ReadLeb128(ReadOnlySpan<byte> bytes)
    {
        ulong number = 0;
        for (int i = Math.Min(bytes.Length, LongestLeb128) - 1; i >= 0; i--)
            number = number << 7 | (bytes[i] & 0x7fu);
        return number;
    }

    /// <summary>The most bytes of such a number of 64 bits.</summary>
    internal const int LongestLeb128 = 10;

    [DoesNotReturn]
    private static void Throw(ulong value, string field, int bits) =>
        throw new ArgumentOutOfRangeException(nameof(value), $"0x{value:x}", $"{field} has {bits} bits.");

    [DoesNotReturn]
    private static void ThrowSigned(long value, string field, int bits) =>
        throw new ArgumentOutOfRangeException(nameof(value), value, $"{field} has {bits} bits and a sign.");
}
