using System.Buffers.Binary;

namespace BootProtocol.Decompress;

/// <summary>Where a Zstandard frame ends and what it says of its output (RFC 8878, 3.1.1), without decoding it.</summary>
/// <param name="Start">Where the frame begins in the payload.</param>
/// <param name="End">Where it ends, its checksum included.</param>
/// <param name="ContentSize">Bytes of output; null if the frame does not say.</param>
/// <param name="Checksum">The lower half of the output's XXH64; null if the frame has none.</param>
internal readonly record struct ZstdFrame(int Start, int End, ulong? ContentSize, uint? Checksum)
{
    /// <summary>The magic number, as a little-endian word.</summary>
    public const uint Magic = 0xfd2fb528;

    /// <summary>Bytes of a checksum.</summary>
    public const int ChecksumLength = sizeof(uint);

    private const int MagicLength = sizeof(uint);
    private const int BlockHeaderLength = 3;
    /// <summary>The most bytes of output of a block.</summary>
    public const int MaximumBlockLength = 128 << 10;

    private enum BlockType
    {
        Raw,
        Repeated,
        Compressed,
        Reserved,
    }

    /// <summary>Whether a frame begins here.</summary>
    public static bool IsAt(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= MagicLength && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Magic;

    /// <summary>Reads the frame's header, and its blocks' headers to find its end.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="start">Where the frame begins in it.</param>
    /// <exception cref="BootFormatException">It is no frame, needs a dictionary, or the payload ends within it.</exception>
    public static ZstdFrame Read(ReadOnlySpan<byte> stream, int start)
    {
        if (!IsAt(stream[start..]))
            throw Fault("magic", start, $"0x{Magic:x8}", "another word, or the end of the payload");
        int at = start + MagicLength;
        byte descriptor = Next(stream, ref at, 1)[0];
        if ((descriptor & 0x08) != 0)
            throw Fault("frame header descriptor", at - 1, "no reserved bit", $"0x{descriptor:x2}");
        bool isSingleSegment = (descriptor & 0x20) != 0;
        bool hasChecksum = (descriptor & 0x04) != 0;
        if (!isSingleSegment)
            Next(stream, ref at, 1); // The window; the output itself serves for it, whatever its size.
        int dictionaryLength = (descriptor & 3) switch { 0 => 0, 1 => 1, 2 => 2, _ => 4 };
        if (Next(stream, ref at, dictionaryLength).ContainsAnyExcept((byte)0))
            throw Fault("dictionary", at - dictionaryLength, "0 (none)", "a dictionary's number");
        ulong? size = ReadContentSize(stream, ref at, descriptor >> 6, isSingleSegment);

        bool isLast;
        do
        {
            var header = Next(stream, ref at, BlockHeaderLength);
            int word = header[0] | header[1] << 8 | header[2] << 16;
            isLast = (word & 1) != 0;
            var type = (BlockType)(word >> 1 & 3);
            int length = word >> 3;
            if (type == BlockType.Reserved)
                throw Fault("block type", at - BlockHeaderLength, "0 to 2", "3");
            if (length > MaximumBlockLength)
                throw Fault("block size", at - BlockHeaderLength, $"at most {MaximumBlockLength} bytes", $"{length}");
            Next(stream, ref at, type == BlockType.Repeated ? 1 : length);
        }
        while (!isLast);

        uint? checksum = hasChecksum ? BinaryPrimitives.ReadUInt32LittleEndian(Next(stream, ref at, ChecksumLength)) : null;
        return new ZstdFrame(start, at, size, checksum);
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
