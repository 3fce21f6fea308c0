using System.Buffers.Binary;
using System.IO.Hashing;

namespace BootProtocol.Decompress;

/// <summary>The header of a gzip member (RFC 1952, 2.3).</summary>
internal static class GzipHeader
{
    /// <summary>Bytes of what follows the deflate data: checksum and size of the output.</summary>
    public const int TrailerLength = 8;

    private const int FixedLength = 10;
    private const byte Deflate = 8;

    [Flags]
    private enum Flags : byte
    {
        HeaderCrc = 1 << 1,
        Extra = 1 << 2,
        Name = 1 << 3,
        Comment = 1 << 4,
        Reserved = 0xe0,
    }

    /// <summary>What a member begins with.</summary>
    public static ReadOnlySpan<byte> Magic => [0x1f, 0x8b];

    /// <summary>Whether a member may begin here.</summary>
    public static bool IsAt(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Magic);

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
        if (member.Length < FixedLength)
            throw EndsEarly(stream);
        if (member[2] != Deflate)
            throw Fault("compression method", start + 2, "8 (deflate)", $"{member[2]}");
        var flags = (Flags)member[3];
        if ((flags & Flags.Reserved) != 0)
            throw Fault("flags", start + 3, "no reserved flag", $"0x{member[3]:x2}");

        int at = FixedLength;
        if ((flags & Flags.Extra) != 0)
        {
            if (member.Length < at + 2)
                throw EndsEarly(stream);
            at += 2 + BinaryPrimitives.ReadUInt16LittleEndian(member[at..]);
        }
        if ((flags & Flags.Name) != 0)
            at = BehindText(stream, member, at);
        if ((flags & Flags.Comment) != 0)
            at = BehindText(stream, member, at);
        if ((flags & Flags.HeaderCrc) != 0)
        {
            if (member.Length < at + 2)
                throw EndsEarly(stream);
            ushort stated = BinaryPrimitives.ReadUInt16LittleEndian(member[at..]);
            ushort computed = (ushort)Crc32.HashToUInt32(member[..at]);
            if (stated != computed)
                throw PayloadFault.WrongChecksum(PayloadFormat.Gzip, "header CRC16", start + at, stated, computed);
            at += 2;
        }
        if (at > member.Length)
            throw EndsEarly(stream);
        return start + at;
    }

    private static int BehindText(ReadOnlySpan<byte> stream, ReadOnlySpan<byte> member, int at)
    {
        int length = at <= member.Length ? member[at..].IndexOf((byte)0) : -1;
        return length >= 0 ? at + length + 1 : throw EndsEarly(stream);
    }

    private static BootFormatException EndsEarly(ReadOnlySpan<byte> stream) =>
        PayloadFault.EndsEarly(PayloadFormat.Gzip, "header", stream.Length);

    private static BootFormatException Fault(string field, long offset, string expected, string found) =>
        PayloadFault.Make(PayloadFormat.Gzip, field, offset, expected, found);
}
