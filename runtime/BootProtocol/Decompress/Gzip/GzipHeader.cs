using System.IO.Hashing;
using BootProtocol.Compression;

namespace BootProtocol.Decompress;

/// <summary>The header of a gzip member (RFC 1952, 2.3).</summary>
internal static class GzipHeader
{
    /// <summary>Bytes of what follows the deflate data: checksum and size of the output.</summary>
    public const int TrailerLength = 8;

    private const byte Deflate = 8;

    /// <summary>Whether a member may begin here.</summary>
    public static bool IsAt(ReadOnlySpan<byte> bytes) => bytes.StartsWith(GzipMember.Layout.Constant.Id);

    /// <summary>Reads a header.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="start">Where the member begins in it.</param>
    /// <returns>Where the deflate data begins.</returns>
    /// <exception cref="BootFormatException">It is no gzip header, or its checksum is wrong.</exception>
    public static int Read(ReadOnlySpan<byte> stream, int start)
    {
        var member = stream[start..];
        if (!IsAt(member))
            throw Fault("magic", start, "1f 8b", member.Length < 2 ? "the end of the payload" : $"{member[0]:x2} {member[1]:x2}");
        if (!GzipMember.TryParse(member, out GzipMember head, out _))
            throw EndsEarly(stream);
        if (head.CompressionMethod != Deflate)
            throw Fault("compression method", start + 2, "8 (deflate)", $"{head.CompressionMethod}");
        if (head.Flags.GetReserved() != 0)
            throw Fault("flags", start + 3, "no reserved flag", $"0x{(byte)head.Flags:x2}");
        if (!GzipMemberHeader.TryParse(member, out GzipMemberHeader header, out _))
            throw EndsEarly(stream);
        int length = header.AsSpan().Length;
        if (header.HeaderCrc is { } stated)
        {
            var covered = member[..(length - sizeof(ushort))];
            ushort computed = (ushort)Crc32.HashToUInt32(covered);
            if (stated != computed)
                throw PayloadFault.WrongChecksum(PayloadFormat.Gzip, "header CRC16", start + covered.Length, stated, computed);
        }
        return start + length;
    }

    private static BootFormatException EndsEarly(ReadOnlySpan<byte> stream) =>
        PayloadFault.EndsEarly(PayloadFormat.Gzip, "header", stream.Length);

    private static BootFormatException Fault(string field, long offset, string expected, string found) =>
        PayloadFault.Make(PayloadFormat.Gzip, field, offset, expected, found);
}
