namespace BootProtocol.Decompress;

/// <summary>One compressed LZ4 block.</summary>
/// <remarks>
/// The decoder of K4os.Compression.LZ4 is not used: a match of distance 0, which the format does not allow, it copies from the very place that it is
/// to write, so that what was in that memory before becomes output.
/// </remarks>
internal static class Lz4Block
{
    /// <summary>How far back a match may reach, in bytes.</summary>
    public const int HistoryLength = 64 << 10;

    // The block format's own limit: incompressible data grows by one byte in 255, and by 16.
    private const int GrowthDivisor = 255;
    private const int GrowthConstant = 16;

    /// <summary>The most bytes that a block of this many bytes of output may have.</summary>
    public static int MaximumCompressedLength(int length) => length + length / GrowthDivisor + GrowthConstant;

    /// <summary>Decodes a whole block.</summary>
    /// <param name="block">The compressed bytes.</param>
    /// <param name="output">Room for the output, behind output before it that the block may copy from.</param>
    /// <param name="start">Where the block's output begins in it: 0 if the block is independent.</param>
    /// <returns>Bytes of output; -1 if the block is malformed or has more output than there is room.</returns>
    public static int Decode(ReadOnlySpan<byte> block, Span<byte> output, int start = 0) => Run(block, output, start, isPart: false);

    /// <summary>Decodes an independent block as far as there is room.</summary>
    /// <returns>Bytes of output; -1 if the block is malformed.</returns>
    public static int DecodeStart(ReadOnlySpan<byte> block, Span<byte> output) => Run(block, output, 0, isPart: true);

    private static unsafe int Run(ReadOnlySpan<byte> block, Span<byte> output, int start, bool isPart)
    {
        if (block.IsEmpty)
            return -1;
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)start, (uint)output.Length);
        // Pointers to no memory at all would not compare as those to some do.
        Span<byte> room = output.IsEmpty ? stackalloc byte[1] : output;
        fixed (byte* input = block, memory = room)
        {
            byte* end = Lz4Run.Decode(input, input + block.Length, memory, memory + start, memory + output.Length, isPart);
            return end == null ? -1 : (int)(end - memory) - start;
        }
    }
}
