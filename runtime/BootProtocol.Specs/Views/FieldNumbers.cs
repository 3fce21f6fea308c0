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

    [DoesNotReturn]
    private static void Throw(ulong value, string field, int bits) =>
        throw new ArgumentOutOfRangeException(nameof(value), $"0x{value:x}", $"{field} has {bits} bits.");

    [DoesNotReturn]
    private static void ThrowSigned(long value, string field, int bits) =>
        throw new ArgumentOutOfRangeException(nameof(value), value, $"{field} has {bits} bits and a sign.");
}
