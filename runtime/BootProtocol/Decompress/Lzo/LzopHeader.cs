using System.IO.Hashing;
using BootProtocol.Lzop;

namespace BootProtocol.Decompress;

/// <summary>The header of an lzop file. Its numbers are big-endian.</summary>
internal static class LzopHeader
{
    private const int OldestVersion = 0x0900;

    private static ReadOnlySpan<byte> Magic => LzopFileHeader.Layout.Constant.Magic;

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
        if (!LzopFileHeader.TryParse(stream, out LzopFileHeader header, out _))
            throw EndsEarly(stream);
        if (header.Version < OldestVersion)
            throw Fault("version", Magic.Length, $"0x{OldestVersion:x} or later", $"0x{header.Version:x}");
        // From 0x0940 on, two bytes more stand above the method, and three above the filter.
        bool isNewer = header.VersionNeeded is not null;
        if (header.Method is < 1 or > 3)
            throw Fault("method", isNewer ? 15 : 13, "1 to 3 (LZO1X)", $"{header.Method}");
        if (header.Filter is { } filter and not 0)
            throw Fault("filter", isNewer ? 21 : 18, "0 (none)", $"{filter}");
        end = header.AsSpan().Length;
        Check(header.AsSpan()[Magic.Length..], (header.Adler32 ?? header.Crc32)!.Value, header.Flags, end);
        if ((header.Flags & LzopFlags.ExtraField) != 0)
        {
            if (!LzopExtraField.TryParse(stream[end..], out LzopExtraField extra, out _))
                throw EndsEarly(stream);
            end += extra.AsSpan().Length;
            Check(extra.AsSpan(), extra.Checksum, header.Flags, end);
        }
        return header.Flags;
    }

    /// <summary>Checks what ends with its checksum.</summary>
    private static void Check(ReadOnlySpan<byte> part, uint stated, LzopFlags flags, int end)
    {
        var covered = part[..^sizeof(uint)];
        uint computed = (flags & LzopFlags.HeaderCrc32) != 0 ? Crc32.HashToUInt32(covered) : Adler32.HashToUInt32(covered);
        if (stated != computed)
            throw PayloadFault.WrongChecksum(PayloadFormat.Lzo, "header checksum", end - sizeof(uint), stated, computed);
    }

    private static BootFormatException EndsEarly(ReadOnlySpan<byte> stream) =>
        PayloadFault.EndsEarly(PayloadFormat.Lzo, "header", stream.Length);

    private static BootFormatException Fault(string field, long offset, string expected, string found) =>
        PayloadFault.Make(PayloadFormat.Lzo, field, offset, expected, found);
}
