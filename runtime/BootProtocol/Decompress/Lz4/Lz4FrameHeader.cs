using System.Buffers.Binary;
using System.IO.Hashing;

namespace BootProtocol.Decompress;

/// <summary>The header of an LZ4 frame (LZ4 frame format description, version 1.6).</summary>
/// <param name="IsIndependent">Whether no block copies from the output of an earlier one.</param>
/// <param name="HasBlockChecksums">Whether an XXH32 follows each block.</param>
/// <param name="HasContentChecksum">Whether an XXH32 of the output follows the frame.</param>
/// <param name="ContentSize">The size of the output in bytes; null if it is not stated.</param>
/// <param name="BlockLength">The most bytes of output of a block.</param>
/// <param name="End">Where the header ends in the payload.</param>
internal readonly record struct Lz4FrameHeader(
    bool IsIndependent, bool HasBlockChecksums, bool HasContentChecksum, ulong? ContentSize, int BlockLength, int End)
{
    /// <summary>The magic number, as a little-endian word.</summary>
    public const uint Magic = 0x184d2204;

    private const int MagicLength = sizeof(uint);
    private const int FixedLength = MagicLength + 3;

    /// <summary>Reads a header.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="start">Where the frame begins in it.</param>
    /// <exception cref="BootFormatException">It is no frame header, or one of a frame that needs a dictionary.</exception>
    public static Lz4FrameHeader Read(ReadOnlySpan<byte> stream, int start)
    {
        var frame = stream[start..];
        if (frame.Length < FixedLength)
            throw PayloadFault.EndsEarly(PayloadFormat.Lz4, "frame header", stream.Length);
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(frame);
        if (magic != Magic)
            throw Fault("magic", start, $"0x{Magic:x8}", $"0x{magic:x8}");

        byte flags = frame[MagicLength];
        byte descriptor = frame[MagicLength + 1];
        bool hasSize = (flags & 0x08) != 0;
        if (flags >> 6 != 1)
            throw Fault("frame version", start + MagicLength, "1", $"{flags >> 6}");
        if ((flags & 0x02) != 0)
            throw Fault("frame flags", start + MagicLength, "no reserved flag", $"0x{flags:x2}");
        if ((flags & 0x01) != 0)
            throw Fault("frame flags", start + MagicLength, "no dictionary", "a dictionary's number");
        int sizeCode = descriptor >> 4;
        if ((descriptor & 0x8f) != 0 || sizeCode < 4)
            throw Fault("block maximum size", start + MagicLength + 1, "0x40, 0x50, 0x60 or 0x70", $"0x{descriptor:x2}");

        int checksumAt = MagicLength + 2 + (hasSize ? sizeof(ulong) : 0);
        if (frame.Length <= checksumAt)
            throw PayloadFault.EndsEarly(PayloadFormat.Lz4, "frame header", stream.Length);
        byte computed = (byte)(XxHash32.HashToUInt32(frame[MagicLength..checksumAt]) >> 8);
        if (frame[checksumAt] != computed)
            throw PayloadFault.WrongChecksum(PayloadFormat.Lz4, "header checksum", start + checksumAt, frame[checksumAt], computed);

        return new Lz4FrameHeader(
            IsIndependent: (flags & 0x20) != 0,
            HasBlockChecksums: (flags & 0x10) != 0,
            HasContentChecksum: (flags & 0x04) != 0,
            hasSize ? BinaryPrimitives.ReadUInt64LittleEndian(frame[(MagicLength + 2)..]) : null,
            BlockLength: 1 << (8 + 2 * sizeCode),
            start + checksumAt + 1);
    }

    private static BootFormatException Fault(string field, long offset, string expected, string found) =>
        PayloadFault.Make(PayloadFormat.Lz4, field, offset, expected, found);
}
