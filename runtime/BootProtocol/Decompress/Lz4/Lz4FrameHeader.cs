using System.IO.Hashing;
using BootProtocol.Compression;

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
    public const uint Magic = Lz4FrameDescriptor.Layout.Constant.Magic;

    private const int MagicLength = sizeof(uint);
    private const uint SmallestBlocks = 4;

    /// <summary>Where the size of the output is in the payload, if it is stated: right before the header's checksum.</summary>
    public int ContentSizeAt => End - 1 - sizeof(ulong);

    /// <summary>Reads a header.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="start">Where the frame begins in it.</param>
    /// <exception cref="BootFormatException">It is no frame header, or one of a frame that needs a dictionary.</exception>
    public static Lz4FrameHeader Read(ReadOnlySpan<byte> stream, int start)
    {
        var frame = stream[start..];
        if (FrameMagic.TryParse(frame, out FrameMagic magic, out _) && magic.Number != Magic)
            throw Fault("magic", start, $"0x{Magic:x8}", $"0x{magic.Number:x8}");
        if (!Lz4FrameDescriptor.TryParse(frame, out Lz4FrameDescriptor header, out _))
            throw PayloadFault.EndsEarly(PayloadFormat.Lz4, "frame header", stream.Length);

        Lz4Flags flags = header.Flags;
        Lz4BlockSizes sizes = header.BlockSizes;
        if (flags.GetVersion() != 1)
            throw Fault("frame version", start + MagicLength, "1", $"{flags.GetVersion()}");
        if ((flags & Lz4Flags.Reserved) != 0)
            throw Fault("frame flags", start + MagicLength, "no reserved flag", $"0x{(byte)flags:x2}");
        if ((flags & Lz4Flags.Dictionary) != 0)
            throw Fault("frame flags", start + MagicLength, "no dictionary", "a dictionary's number");
        if ((sizes & (Lz4BlockSizes.ReservedLow | Lz4BlockSizes.ReservedHigh)) != 0 || sizes.GetMaximum() < SmallestBlocks)
            throw Fault("block maximum size", start + MagicLength + 1, "0x40, 0x50, 0x60 or 0x70", $"0x{(byte)sizes:x2}");

        int checksumAt = header.AsSpan().Length - 1;
        byte computed = (byte)(XxHash32.HashToUInt32(frame[MagicLength..checksumAt]) >> 8);
        if (header.Checksum != computed)
            throw PayloadFault.WrongChecksum(PayloadFormat.Lz4, "header checksum", start + checksumAt, header.Checksum, computed);
        return new Lz4FrameHeader(
            IsIndependent: (flags & Lz4Flags.Independent) != 0,
            HasBlockChecksums: (flags & Lz4Flags.BlockChecksum) != 0,
            HasContentChecksum: (flags & Lz4Flags.ContentChecksum) != 0,
            header.ContentSize,
            BlockLength: (int)header.BlockMaximum,
            start + checksumAt + 1);
    }

    private static BootFormatException Fault(string field, long offset, string expected, string found) =>
        PayloadFault.Make(PayloadFormat.Lz4, field, offset, expected, found);
}
