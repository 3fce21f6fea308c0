using System.IO.Hashing;
using BootProtocol.Compression;

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
    private const ulong FirstFilter = 0x03; // delta
    private const ulong LastFilter = 0x0b; // of branches of RISC-V
    private const int HighestDictionary = 40;

    /// <summary>Reads a header.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="start">Where the header is; its first byte is not 0.</param>
    /// <exception cref="BootFormatException">
    /// It is no block header, its checksum is wrong, or it has other filters than LZMA2 and x86 (<see cref="BootErrorCode.Unsupported"/> for those
    /// that the format has).
    /// </exception>
    public static XzBlockHeader Read(ReadOnlySpan<byte> stream, int start)
    {
        if (!XzBlock.TryParse(stream[start..], out XzBlock block, out _))
            throw PayloadFault.EndsEarly(PayloadFormat.Xz, "block header", stream.Length);
        int length = block.AsSpan().Length;
        int crcAt = length - sizeof(uint);
        uint computed = Crc32.HashToUInt32(block.AsSpan()[..crcAt]);
        if (block.Crc32 != computed)
            throw PayloadFault.WrongChecksum(PayloadFormat.Xz, "block header CRC32", start + crcAt, block.Crc32, computed);
        if (!XzBlockFields.TryParse(block.Fields, out XzBlockFields fields, out var error))
            throw Fault("block header", start + 1 + (error.Offset ?? 0), error.Expected, error.Found);
        if ((fields.Flags & XzBlockFlags.Reserved) != 0)
            throw Fault("block flags", start + 1, "no reserved flag", $"0x{(byte)fields.Flags:x2}");
        if (fields.CompressedSize > long.MaxValue || fields.UncompressedSize > long.MaxValue)
            throw Fault("block header", start, "sizes below 2^63", "larger ones");

        uint? filterStart = null;
        int number = 0;
        foreach (XzFilter filter in fields.Filters)
        {
            number++;
            bool isLast = number == (int)fields.FilterCount;
            if (isLast && filter.Id == Lzma2 && filter.Properties is [<= HighestDictionary])
                continue;
            bool isPlain = filter.Properties.IsEmpty;
            if (isLast || number > 1 || filter.Id != X86Filter || !(isPlain || filter.Properties.Length == X86FilterProperties.Layout.Size))
            {
                // Those in front of LZMA2 that the format has are not wrong, but of no kernel of x86.
                bool isKnown = !isLast && filter.Id is >= FirstFilter and <= LastFilter && (number > 1 || filter.Id != X86Filter);
                BootErrorCode? code = isKnown ? BootErrorCode.Unsupported : null;
                string found = $"filter 0x{filter.Id:x} as number {number} of {fields.FilterCount}";
                throw PayloadFault.Make(PayloadFormat.Xz, "filters", start, "LZMA2, or x86 and LZMA2", found, code: code);
            }

            filterStart = isPlain ? 0 : X86FilterProperties.Parse(filter.Properties).StartOffset;
        }
        if (fields.Padding.ContainsAnyExcept((byte)0))
            throw Fault("block header padding", start, "zeros", "something else");
        return new XzBlockHeader(length, fields.CompressedSize, fields.UncompressedSize, filterStart);
    }

    private static BootFormatException Fault(string field, long offset, string expected, string found) =>
        PayloadFault.Make(PayloadFormat.Xz, field, offset, expected, found);
}
