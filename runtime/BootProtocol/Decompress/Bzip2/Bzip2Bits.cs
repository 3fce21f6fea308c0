using System.Buffers.Binary;

namespace BootProtocol.Decompress;

/// <summary>A bzip2 stream seen as bits, the highest of each byte first. Its parts begin at any bit.</summary>
internal static class Bzip2Bits
{
    /// <summary>Bits of the numbers that begin a block and the stream's end.</summary>
    public const int MagicBits = 48;

    /// <summary>What begins a block: the digits of pi.</summary>
    public const ulong BlockMagic = 0x314159265359;

    /// <summary>What begins the stream's end: the digits of pi's root.</summary>
    public const ulong EndMagic = 0x177245385090;

    /// <summary>Bits of a checksum.</summary>
    public const int ChecksumBits = 32;

    private const int PlacesPerByte = 8;

    // By two whole bytes from the middle of a block's magic number: the bit offsets, one bit each, at which it may have begun.
    private static readonly byte[] s_offsets = MakeOffsets();

    /// <summary>Reads up to 56 bits.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="bit">The first of them.</param>
    /// <param name="count">How many.</param>
    /// <param name="value">Their value.</param>
    /// <returns>False if the payload ends before.</returns>
    public static bool TryRead(ReadOnlySpan<byte> stream, long bit, int count, out ulong value)
    {
        value = 0;
        if (bit + count > stream.Length * 8L)
            return false;
        var bytes = stream[(int)(bit >> 3)..];
        if (bytes.Length >= sizeof(ulong))
        {
            value = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        }
        else
        {
            Span<byte> last = stackalloc byte[sizeof(ulong)];
            last.Clear();
            bytes.CopyTo(last);
            value = BinaryPrimitives.ReadUInt64BigEndian(last);
        }
        value = value << (int)(bit & 7) >> (64 - count);
        return true;
    }

    /// <summary>Whether a block may begin here.</summary>
    public static bool IsBlockAt(ReadOnlySpan<byte> stream, long bit) =>
        TryRead(stream, bit, MagicBits, out ulong magic) && magic == BlockMagic;

    /// <summary>Whether the stream may end here.</summary>
    public static bool IsEndAt(ReadOnlySpan<byte> stream, long bit) =>
        TryRead(stream, bit, MagicBits, out ulong magic) && magic == EndMagic;

    /// <summary>Finds what looks like the beginning of a block.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="bit">Where to begin to look.</param>
    /// <returns>The first bit; -1 if there is nothing.</returns>
    public static long FindMagic(ReadOnlySpan<byte> stream, long bit)
    {
        ReadOnlySpan<byte> offsets = s_offsets;
        // The table sees the second and third byte of the six or seven that a magic number lies in.
        for (int at = (int)(bit >> 3); at + 2 < stream.Length; at++)
        {
            int candidates = offsets[stream[at + 1] << 8 | stream[at + 2]];
            if (candidates == 0)
                continue;
            for (int offset = 0; offset < PlacesPerByte; offset++)
            {
                long place = at * 8L + offset;
                if ((candidates >> offset & 1) != 0 && place >= bit
                    && TryRead(stream, place, MagicBits, out ulong value) && value == BlockMagic)
                {
                    return place;
                }
            }
        }
        return -1;
    }

    private static byte[] MakeOffsets()
    {
        var offsets = new byte[1 << 16];
        // If the number begins at bit n of a byte, the second and third byte hold its bits from 8 - n on.
        for (int n = 0; n < PlacesPerByte; n++)
            offsets[(ushort)(BlockMagic >> (MagicBits - 24 + n))] |= (byte)(1 << n);
        return offsets;
    }
}
