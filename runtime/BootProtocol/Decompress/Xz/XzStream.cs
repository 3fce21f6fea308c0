using System.IO.Hashing;
using BootProtocol.Compression;

namespace BootProtocol.Decompress;

/// <summary>Header, index and footer of an .xz stream (.xz file format, 2.1 and 4).</summary>
internal static class XzStream
{
    /// <summary>Bytes of a stream's header.</summary>
    public const int HeaderLength = 12;

    /// <summary>Bytes of a stream's footer.</summary>
    public const int FooterLength = 12;

    /// <summary>Numbers, and what is padded, come in steps of this many bytes.</summary>
    public const int Alignment = 4;

    private const int MagicLength = 6;

    /// <summary>Whether a stream may begin here.</summary>
    public static bool IsAt(ReadOnlySpan<byte> bytes) => bytes.StartsWith(XzStreamHeader.Layout.Constant.Magic);

    /// <summary>Reads a stream's header.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="start">Where the header is.</param>
    /// <returns>The number of the check that the blocks have.</returns>
    /// <exception cref="BootFormatException">It is no such header, or its checksum is wrong.</exception>
    public static int ReadHeader(ReadOnlySpan<byte> stream, int start)
    {
        if (stream.Length - start < HeaderLength)
            throw EndsEarly("stream header", stream);
        var bytes = stream.Slice(start, HeaderLength);
        if (!IsAt(bytes))
            throw Fault("magic", start, "fd 37 7a 58 5a 00", Convert.ToHexStringLower(bytes[..MagicLength]));
        var header = XzStreamHeader.Parse(bytes);
        CheckCrc("stream header CRC32", bytes[MagicLength..^sizeof(uint)], header.Crc32, start + MagicLength + 2);
        if (header.Reserved != 0 || !XzCheck.IsKnown(header.Check))
            throw Fault("stream flags", start + MagicLength, $"00, then the check: {XzCheck.Known}", $"{header.Reserved:x2} {header.Check:x2}");
        return header.Check;
    }

    /// <summary>Reads index and footer, and compares them with what was decoded.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="start">Where the index is; its first byte is 0.</param>
    /// <param name="check">The check's number, by the header.</param>
    /// <param name="blocks">The blocks that were decoded.</param>
    /// <returns>Where the stream ends.</returns>
    /// <exception cref="BootFormatException">Something does not fit.</exception>
    public static int ReadEnd(ReadOnlySpan<byte> stream, int start, int check, IReadOnlyList<XzBlockSizes> blocks)
    {
        var rest = stream[(start + 1)..];
        if (!XzNumber.TryRead(ref rest, out ulong count) || count != (ulong)blocks.Count)
            throw Fault("index", start + 1, $"{blocks.Count} blocks", "another number");
        foreach (var block in blocks)
        {
            int at = stream.Length - rest.Length;
            if (!XzNumber.TryRead(ref rest, out ulong unpadded) || !XzNumber.TryRead(ref rest, out ulong output))
                throw Fault("index", at, "two sizes", "something else, or the end of the payload");
            if (new XzBlockSizes(unpadded, output) != block)
                throw Fault("index", at, $"{block.Unpadded} and {block.Output}, as decoded", $"{unpadded} and {output}");
        }

        int end = stream.Length - rest.Length;
        int padding = -(end - start) & (Alignment - 1);
        if (rest.Length < padding + sizeof(uint) + FooterLength)
            throw EndsEarly("index", stream);
        if (rest[..padding].ContainsAnyExcept((byte)0))
            throw Fault("index padding", end, "zeros", "something else");
        end += padding;
        CheckCrc("index CRC32", stream[start..end], ContentChecksum.Parse(stream[end..]).Value, end);
        end += sizeof(uint);
        CheckFooter(stream, end, check, end - start);
        return end + FooterLength;
    }

    /// <summary>The output's size by the index of the only stream of a payload.</summary>
    /// <returns>Null if the payload is anything else; no check is made.</returns>
    public static ulong? FindSize(ReadOnlySpan<byte> stream)
    {
        if (stream.Length < HeaderLength + FooterLength || stream is not [.., (byte)'Y', (byte)'Z'])
            return null;
        long indexLength = IndexLength(stream[^FooterLength..]);
        if (indexLength > stream.Length - HeaderLength - FooterLength)
            return null;
        int start = stream.Length - FooterLength - (int)indexLength;
        var rest = stream[start..^FooterLength];
        if (rest[0] != 0)
            return null;
        rest = rest[1..];
        if (!XzNumber.TryRead(ref rest, out ulong count))
            return null;

        ulong size = 0;
        UInt128 blocksLength = 0;
        for (ulong i = 0; i < count; i++)
        {
            if (!XzNumber.TryRead(ref rest, out ulong unpadded) || !XzNumber.TryRead(ref rest, out ulong output) || size + output < size)
                return null;
            blocksLength += (UInt128)unpadded + (Alignment - 1) & ~(UInt128)(Alignment - 1);
            size += output;
        }
        return blocksLength == (UInt128)(start - HeaderLength) ? size : null;
    }

    private static void CheckFooter(ReadOnlySpan<byte> stream, int start, int check, int indexLength)
    {
        var bytes = stream.Slice(start, FooterLength);
        XzStreamFooter footer = XzStreamFooter.Parse(bytes);
        CheckCrc("stream footer CRC32", bytes[4..10], footer.Crc32, start);
        if (footer.IndexLength != (ulong)indexLength)
            throw Fault("backward size", start + 4, $"an index of {indexLength} bytes", $"{footer.IndexLength}");
        if (footer.Reserved != 0 || footer.Check != check)
            throw Fault("stream flags", start + 8, $"00 {check:x2}, as in the header", $"{footer.Reserved:x2} {footer.Check:x2}");
        if (bytes is not [.., (byte)'Y', (byte)'Z'])
            throw Fault("footer magic", start + 10, "59 5a", $"{bytes[10]:x2} {bytes[11]:x2}");
    }

    private static long IndexLength(ReadOnlySpan<byte> footer) =>
        (long)XzStreamFooter.Parse(footer).IndexLength;

    private static void CheckCrc(string field, ReadOnlySpan<byte> covered, uint stated, int offset)
    {
        uint computed = Crc32.HashToUInt32(covered);
        if (stated != computed)
            throw PayloadFault.WrongChecksum(PayloadFormat.Xz, field, offset, stated, computed);
    }

    private static BootFormatException EndsEarly(string field, ReadOnlySpan<byte> stream) =>
        PayloadFault.EndsEarly(PayloadFormat.Xz, field, stream.Length);

    private static BootFormatException Fault(string field, long offset, string expected, string found) =>
        PayloadFault.Make(PayloadFormat.Xz, field, offset, expected, found);
}
