namespace BootProtocol.Decompress;

/// <summary>The header of a block of a Zstandard frame (RFC 8878, 3.1.1.2).</summary>
/// <param name="Data">Where the block's bytes are.</param>
/// <param name="DataLength">How many there are.</param>
/// <param name="Kind">How they stand for the output.</param>
/// <param name="Length">Bytes of output, unless the block is compressed.</param>
/// <param name="IsLast">Whether it is the frame's last block.</param>
internal readonly record struct ZstdBlock(int Data, int DataLength, ZstdBlockKind Kind, int Length, bool IsLast)
{
    /// <summary>Bytes of a header.</summary>
    public const int HeaderLength = 3;

    /// <summary>Where the next block begins.</summary>
    public int End => Data + DataLength;

    /// <summary>Reads a header.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="start">Where the header is.</param>
    /// <param name="mostBytes">The most bytes that a block of the frame may have, compressed or not.</param>
    /// <exception cref="BootFormatException">It is no such header, or the payload ends within the block.</exception>
    public static ZstdBlock Read(ReadOnlySpan<byte> stream, int start, int mostBytes)
    {
        if (stream.Length - start < HeaderLength)
            throw PayloadFault.EndsEarly(PayloadFormat.Zstd, "block header", stream.Length);
        int word = stream[start] | stream[start + 1] << 8 | stream[start + 2] << 16;
        var kind = (ZstdBlockKind)(word >> 1 & 3);
        int length = word >> 3;
        if (kind == ZstdBlockKind.Reserved)
            throw PayloadFault.Make(PayloadFormat.Zstd, "block type", start, "0 to 2", "3");
        if (length > mostBytes)
            throw PayloadFault.Make(PayloadFormat.Zstd, "block size", start, $"at most {mostBytes} bytes", $"{length}");
        var block = new ZstdBlock(start + HeaderLength, kind == ZstdBlockKind.Repeated ? 1 : length, kind, length, (word & 1) != 0);
        if (stream.Length - block.Data < block.DataLength)
            throw PayloadFault.EndsEarly(PayloadFormat.Zstd, "block", stream.Length);
        return block;
    }
}
