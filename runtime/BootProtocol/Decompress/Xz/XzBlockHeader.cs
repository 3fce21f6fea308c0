using System.Buffers.Binary;
using System.IO.Hashing;

namespace BootProtocol.Decompress;

/// <summary>The header of a block of an .xz file (.xz file format, 3.1).</summary>
/// <param name="Length">Bytes of the header.</param>
/// <param name="CompressedSize">Bytes of compressed data; null if not stated.</param>
/// <param name="Size">Bytes of output; null if not stated.</param>
/// <param name="FilterStart">The x86 branch filter's first address; null if the block did not go through that filter.</param>
internal readonly record struct XzBlockHeader(int Length, ulong? CompressedSize, ulong? Size, uint? FilterStart)
{
    private const ulong Lzma2 = 0x21;
    private const ulong X86Filter = 0x04;
    private const int HighestDictionary = 40;

    /// <summary>Reads a header.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="start">Where the header is; its first byte is not 0.</param>
    /// <exception cref="BootFormatException">
    /// It is no block header, its checksum is wrong, or it has other filters than LZMA2 and x86.
    /// </exception>
    public static XzBlockHeader Read(ReadOnlySpan<byte> stream, int start)
    {
        int length = (stream[start] + 1) * 4;
        if (stream.Length - start < length)
            throw PayloadFault.EndsEarly(PayloadFormat.Xz, "block header", stream.Length);
        var covered = stream.Slice(start, length - sizeof(uint));
        uint stated = BinaryPrimitives.ReadUInt32LittleEndian(stream[(start + covered.Length)..]);
        uint computed = Crc32.HashToUInt32(covered);
        if (stated != computed)
            throw PayloadFault.WrongChecksum(PayloadFormat.Xz, "block header CRC32", start + covered.Length, stated, computed);

        byte flags = covered[1];
        if ((flags & 0x3c) != 0)
            throw Fault("block flags", start + 1, "no reserved flag", $"0x{flags:x2}");
        int filterCount = (flags & 3) + 1;
        var rest = covered[2..];
        ulong? compressedSize = (flags & 0x40) != 0 ? ReadNumber(ref rest, start) : null;
        ulong? size = (flags & 0x80) != 0 ? ReadNumber(ref rest, start) : null;

        uint? filterStart = null;
        for (int i = 0; i < filterCount; i++)
        {
            ulong filter = ReadNumber(ref rest, start);
            ulong propertiesLength = ReadNumber(ref rest, start);
            if (propertiesLength > (ulong)rest.Length)
                throw Fault("filter properties", start, $"at most {rest.Length} bytes", $"{propertiesLength}");
            var properties = rest[..(int)propertiesLength];
            rest = rest[(int)propertiesLength..];
            bool isLast = i == filterCount - 1;
            if (isLast && filter == Lzma2 && properties.Length == 1 && properties[0] <= HighestDictionary)
                continue;
            if (isLast || i > 0 || filter != X86Filter || properties.Length is not (0 or sizeof(uint)))
                throw Fault("filters", start, "LZMA2, or x86 and LZMA2", $"filter 0x{filter:x} as number {i + 1} of {filterCount}");
            filterStart = properties.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(properties);
        }
        if (rest.ContainsAnyExcept((byte)0))
            throw Fault("block header padding", start, "zeros", "something else");
        return new XzBlockHeader(length, compressedSize, size, filterStart);
    }

    private static ulong ReadNumber(ref ReadOnlySpan<byte> rest, int start) =>
        XzNumber.TryRead(ref rest, out ulong number) ? number : throw Fault("block header", start, "a number", "something else");

    private static BootFormatException Fault(string field, long offset, string expected, string found) =>
        PayloadFault.Make(PayloadFormat.Xz, field, offset, expected, found);
}
