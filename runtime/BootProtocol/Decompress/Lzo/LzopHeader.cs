using System.Buffers.Binary;
using System.IO.Hashing;

namespace BootProtocol.Decompress;

/// <summary>The header of an lzop file. Its numbers are big-endian.</summary>
internal static class LzopHeader
{
    private const int OldestVersion = 0x0900;
    private const int VersionWithLevel = 0x0940;

    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'L', (byte)'Z', (byte)'O', 0, 0x0d, 0x0a, 0x1a, 0x0a];

    /// <summary>Reads the header at the payload's beginning.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="end">Where the header ends, and the first block begins.</param>
    /// <returns>The flags.</returns>
    /// <exception cref="BootFormatException">
    /// It is no such header, its checksum is wrong, or it asks for a method or filter that is not LZO1X alone.
    /// </exception>
    public static LzopFlags Read(ReadOnlySpan<byte> stream, out int end)
    {
        if (!stream.StartsWith(Magic))
            throw Fault("magic", 0, Convert.ToHexStringLower(Magic), "other bytes");
        int at = Magic.Length;
        uint version = Read(stream, ref at, 2);
        if (version < OldestVersion)
            throw Fault("version", at - 2, $"0x{OldestVersion:x} or later", $"0x{version:x}");
        bool hasLevel = version >= VersionWithLevel;
        Read(stream, ref at, 2); // the library's version
        if (hasLevel)
            Read(stream, ref at, 2); // the version needed
        uint method = Read(stream, ref at, 1);
        if (method is < 1 or > 3)
            throw Fault("method", at - 1, "1 to 3 (LZO1X)", $"{method}");
        if (hasLevel)
            Read(stream, ref at, 1);
        var flags = (LzopFlags)Read(stream, ref at, 4);
        if ((flags & LzopFlags.Filter) != 0 && Read(stream, ref at, 4) is var filter and not 0)
            throw Fault("filter", at - 4, "0 (none)", $"{filter}");
        Read(stream, ref at, 4); // the file's mode
        Read(stream, ref at, 4); // its time
        if (hasLevel)
            Read(stream, ref at, 4); // the upper half of its time
        uint nameLength = Read(stream, ref at, 1);
        Skip(stream, ref at, nameLength);
        CheckHeader(stream, Magic.Length, ref at, flags);

        if ((flags & LzopFlags.ExtraField) != 0)
        {
            int start = at;
            Skip(stream, ref at, Read(stream, ref at, 4));
            CheckHeader(stream, start, ref at, flags);
        }
        end = at;
        return flags;
    }

    private static void CheckHeader(ReadOnlySpan<byte> stream, int start, ref int at, LzopFlags flags)
    {
        var covered = stream[start..at];
        int field = at;
        uint stated = Read(stream, ref at, 4);
        uint computed = (flags & LzopFlags.HeaderCrc32) != 0 ? Crc32.HashToUInt32(covered) : Adler32.HashToUInt32(covered);
        if (stated != computed)
            throw PayloadFault.WrongChecksum(PayloadFormat.Lzo, "header checksum", field, stated, computed);
    }

    private static uint Read(ReadOnlySpan<byte> stream, ref int at, int length)
    {
        var field = stream[at..];
        Skip(stream, ref at, (uint)length);
        return length switch
        {
            1 => field[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(field),
            _ => BinaryPrimitives.ReadUInt32BigEndian(field),
        };
    }

    private static void Skip(ReadOnlySpan<byte> stream, ref int at, uint length)
    {
        if (length > stream.Length - at)
            throw PayloadFault.EndsEarly(PayloadFormat.Lzo, "header", stream.Length);
        at += (int)length;
    }

    private static BootFormatException Fault(string field, long offset, string expected, string found) =>
        PayloadFault.Make(PayloadFormat.Lzo, field, offset, expected, found);
}
