using System.Buffers.Binary;

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
    public const uint Magic = 0xfd2fb528;

    /// <summary>Bytes of a checksum.</summary>
    public const int ChecksumLength = sizeof(uint);

    private const int MagicLength = sizeof(uint);
    private const int MaximumBlockLength = 128 << 10;
    private const int SmallestWindowBits = 10;

    /// <summary>Whether a frame begins here.</summary>
    public static bool IsAt(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= MagicLength && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Magic;

    /// <summary>Reads a header.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="start">Where the frame begins in it.</param>
    /// <exception cref="BootFormatException">It is no frame, needs a dictionary, or the payload ends within its header.</exception>
    public static ZstdFrame Read(ReadOnlySpan<byte> stream, int start)
    {
        if (!IsAt(stream[start..]))
            throw Fault("magic", start, $"0x{Magic:x8}", "another word, or the end of the payload");
        int at = start + MagicLength;
        byte descriptor = Next(stream, ref at, 1)[0];
        if ((descriptor & 0x08) != 0)
            throw Fault("frame header descriptor", at - 1, "no reserved bit", $"0x{descriptor:x2}");
        bool isSingleSegment = (descriptor & 0x20) != 0;
        // The output itself serves as the window, whatever its size; but no block is larger.
        ulong window = isSingleSegment ? 0 : WindowOf(Next(stream, ref at, 1)[0]);
        int dictionaryLength = (descriptor & 3) switch { 0 => 0, 1 => 1, 2 => 2, _ => 4 };
        if (Next(stream, ref at, dictionaryLength).ContainsAnyExcept((byte)0))
            throw Fault("dictionary", at - dictionaryLength, "0 (none)", "a dictionary's number");
        ulong? size = ReadContentSize(stream, ref at, descriptor >> 6, isSingleSegment);
        int blockLength = (int)Math.Min(MaximumBlockLength, isSingleSegment ? size.GetValueOrDefault() : window);
        return new ZstdFrame(start, at, size, (descriptor & 0x04) != 0, blockLength);
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
            Next(stream, ref at, ChecksumLength);
        return at;
    }

    /// <summary>The window's size: a power of two, and as many eighths of it more as the lowest three bits say.</summary>
    private static ulong WindowOf(byte descriptor)
    {
        ulong size = 1UL << (SmallestWindowBits + (descriptor >> 3));
        return size + size / 8 * (descriptor & 7u);
    }

    private static ulong? ReadContentSize(ReadOnlySpan<byte> stream, ref int at, int code, bool isSingleSegment) => code switch
    {
        0 when !isSingleSegment => null,
        0 => Next(stream, ref at, 1)[0],
        // Sizes below 256 have the shorter form.
        1 => BinaryPrimitives.ReadUInt16LittleEndian(Next(stream, ref at, 2)) + 256UL,
        2 => BinaryPrimitives.ReadUInt32LittleEndian(Next(stream, ref at, 4)),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(Next(stream, ref at, 8)),
    };

    private static ReadOnlySpan<byte> Next(ReadOnlySpan<byte> stream, ref int at, int length)
    {
        if (stream.Length - at < length)
            throw PayloadFault.EndsEarly(PayloadFormat.Zstd, "frame", stream.Length);
        var bytes = stream.Slice(at, length);
        at += length;
        return bytes;
    }

    private static BootFormatException Fault(string field, long offset, string expected, string found) =>
        PayloadFault.Make(PayloadFormat.Zstd, field, offset, expected, found);
}
