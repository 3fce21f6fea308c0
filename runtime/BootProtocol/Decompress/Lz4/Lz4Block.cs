using K4os.Compression.LZ4;

namespace BootProtocol.Decompress;

/// <summary>One compressed LZ4 block.</summary>
internal static class Lz4Block
{
    // The block format's own limit: incompressible data grows by one byte in 255, and by 16.
    private const int GrowthDivisor = 255;
    private const int GrowthConstant = 16;

    /// <summary>The most bytes that a block of this many bytes of output may have.</summary>
    public static int MaximumCompressedLength(int length) => length + length / GrowthDivisor + GrowthConstant;

    /// <summary>Decodes a whole block.</summary>
    /// <param name="block">The compressed bytes.</param>
    /// <param name="output">Room for its output.</param>
    /// <param name="history">Output before it that the block may copy from; up to 64 KiB are of use.</param>
    /// <returns>Bytes of output; -1 if the block is malformed or has more output than there is room.</returns>
    public static int Decode(ReadOnlySpan<byte> block, Span<byte> output, ReadOnlySpan<byte> history = default)
    {
        if (block.IsEmpty)
            return -1;
        int decoded = history.IsEmpty ? LZ4Codec.Decode(block, output) : LZ4Codec.Decode(block, output, history);
        return decoded < 0 || decoded > output.Length ? -1 : decoded;
    }

    /// <summary>Decodes an independent block as far as there is room.</summary>
    /// <returns>Bytes of output; -1 if the block is malformed.</returns>
    public static int DecodeStart(ReadOnlySpan<byte> block, Span<byte> output)
    {
        if (block.IsEmpty)
            return -1;
        if (output.IsEmpty)
            return 0;
        int decoded = LZ4Codec.PartialDecode(block, output);
        return decoded < 0 || decoded > output.Length ? -1 : decoded;
    }
}
