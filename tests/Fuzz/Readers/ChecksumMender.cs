using System.Buffers.Binary;
using System.Globalization;

namespace BootProtocol.Fuzz.Readers;

/// <summary>Makes checksums right: changes would not get behind them otherwise.</summary>
internal static class ChecksumMender
{
    /// <summary>How far behind the place that an error names a checksum may stand, in bytes: a block's behind its magic number.</summary>
    private const int Reach = 8;

    /// <summary>Replaces a wrong checksum, of any width and byte order, by that which the error says is right.</summary>
    /// <returns>The stream with it; null if the error is of another kind, or the checksum is not at whole bytes.</returns>
    public static byte[]? Mend(byte[] stream, ParseError error)
    {
        if (error is not { Code: BootErrorCode.BadChecksum, Offset: { } offset } || !TryRead(error.Found, out ulong stated)
            || !TryRead(error.Expected.Split(' ')[0], out ulong computed))
            return null;
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        for (int at = (int)offset; at <= offset + Reach; at++)
        {
            for (int width = sizeof(ulong); width > 0; width /= 2)
            {
                foreach (bool isLittle in (ReadOnlySpan<bool>)[true, false])
                {
                    Span<byte> place = stream.AsSpan(Math.Min(at, stream.Length));
                    if (place.Length < width || !Write(number, stated, width, isLittle).SequenceEqual(place[..width]))
                        continue;
                    byte[] mended = [.. stream];
                    Write(number, computed, width, isLittle).CopyTo(mended.AsSpan(at));
                    return mended;
                }
            }
        }

        return null;
    }

    private static bool TryRead(string text, out ulong number) =>
        ulong.TryParse(text.AsSpan(text.StartsWith("0x", StringComparison.Ordinal) ? 2 : 0), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out number);

    private static Span<byte> Write(Span<byte> bytes, ulong number, int width, bool isLittle)
    {
        if (isLittle)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        else
            BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return isLittle ? bytes[..width] : bytes[^width..];
    }
}
