using BootProtocol.Compression;

namespace BootProtocol.Decompress;

/// <summary>The header of a Zstandard frame (RFC 8878, 3.1.1.1).</summary>
/// <param name="Start">Where the frame begins in the payload.</param>
/// <param name="Blocks">Where its first block begins.</param>
/// <param name="ContentSize">Bytes of output; null if the frame does not say.</param>
/// <param name="HasChecksum">Whether the lower half of the output's XXH64 follows the last block.</param>
/// <param name="BlockLength">The most bytes of a block, compressed or not.</param>
internal readonly record struct ZstdFrame(int Start, int Blocks, ulong? ContentSize, bool HasChecksum, int BlockLength)
{
    /// <summary>The magic number, as a little-endian word.</summary>
    public const uint Magic = ZstdFrameHeader.Layout.Constant.Magic;

    /// <summary>Bytes of a checksum.</summary>
    public const int ChecksumLength = sizeof(uint);

    private const int MagicLength = sizeof(uint);
    private const int MaximumBlockLength = 128 << 10;
    private const int SmallestWindowBits = 10;

    /// <summary>Whether a frame begins here.</summary>
    public static bool IsAt(ReadOnlySpan<byte> bytes) =>
        FrameMagic.TryParse(bytes, out FrameMagic magic, out _) && magic.Number == Magic;

    /// <summary>Reads a header.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="start">Where the frame begins in it.</param>
    /// <exception cref="BootFormatException">It is no frame, needs a dictionary, or the payload ends within its header.</exception>
    public static ZstdFrame Read(ReadOnlySpan<byte> stream, int start)
    {
        if (!IsAt(stream[start..]))
            throw Fault("magic", start, $"0x{Magic:x8}", "another word, or the end of the payload");
        if (!ZstdFrameHeader.TryParse(stream[start..], out ZstdFrameHeader header, out _))
            throw EndsEarly(stream);
        ZstdFlags flags = header.Flags;
        if ((flags & ZstdFlags.Reserved) != 0)
            throw Fault("frame header descriptor", start + MagicLength, "no reserved bit", $"0x{(byte)flags:x2}");
        int end = start + header.AsSpan().Length;
        if (header.DictionaryId != 0)
        {
            int at = end - (int)header.SizeLength - (int)header.DictionaryLength;
            throw Fault("dictionary", at, "0 (none)", "a dictionary's number");
        }

        // Sizes below 256 have the shorter form.
        ulong? size = header.SizeLength == 0 ? null : header.SizeLength == sizeof(ushort) ? header.ContentSize + 256 : header.ContentSize;
        // Without a window, the output itself serves as one, whatever its size; but no block is larger.
        ulong window = header.Window is { } stated ? WindowOf(stated) : size.GetValueOrDefault();
        int blockLength = (int)Math.Min(MaximumBlockLength, window);
        return new ZstdFrame(start, end, size, (flags & ZstdFlags.ContentChecksum) != 0, blockLength);
    }

    /// <summary>Finds where the frame ends, its checksum included.</summary>
    /// <param name="stream">The payload.</param>
    /// <exception cref="BootFormatException">A block's header is malformed, or the payload ends within the frame.</exception>
    public int FindEnd(ReadOnlySpan<byte> stream)
    {
        int at = Blocks;
        bool isLast;
        do
        {
            var block = ZstdBlock.Read(stream, at, BlockLength);
            isLast = block.IsLast;
            at = block.End;
        }
        while (!isLast);
        if (HasChecksum)
            at += ChecksumLength;
        return at <= stream.Length ? at : throw EndsEarly(stream);
    }

    /// <summary>The window's size: a power of two, and as many eighths of it more as the lowest three bits say.</summary>
    private static ulong WindowOf(ZstdWindow window)
    {
        ulong size = 1UL << (SmallestWindowBits + window.GetExponent());
        return size + size / 8 * window.GetMantissa();
    }

    private static BootFormatException EndsEarly(ReadOnlySpan<byte> stream) => PayloadFault.EndsEarly(PayloadFormat.Zstd, "frame", stream.Length);

    private static BootFormatException Fault(string field, long offset, string expected, string found) =>
        PayloadFault.Make(PayloadFormat.Zstd, field, offset, expected, found);
}
