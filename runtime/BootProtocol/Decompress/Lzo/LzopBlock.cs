using System.IO.Hashing;
using System.Numerics;
using BootProtocol.Lzop;

namespace BootProtocol.Decompress;

/// <summary>One block of an lzop file.</summary>
/// <param name="Start">Where the block's header is in the payload.</param>
/// <param name="Data">Where its compressed bytes are.</param>
/// <param name="DataLength">How many there are; as many as of output if the block is stored as it is.</param>
/// <param name="Length">Bytes of output.</param>
internal readonly record struct LzopBlock(int Start, int Data, int DataLength, int Length)
{
    /// <summary>The most bytes of output that lzop gives a block.</summary>
    public const int MaximumLength = 64 << 20;

    private const int WordLength = sizeof(uint);

    /// <summary>Where the next block's header is.</summary>
    public int End => Data + DataLength;

    private bool IsStored => DataLength == Length;

    /// <summary>Reads a block's header.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="start">Where the header is.</param>
    /// <param name="flags">The file's flags.</param>
    /// <param name="block">The block.</param>
    /// <returns>False if the word that ends the file is here instead.</returns>
    /// <exception cref="BootFormatException">The sizes cannot be, or the payload ends.</exception>
    public static bool TryRead(ReadOnlySpan<byte> stream, int start, LzopFlags flags, out LzopBlock block)
    {
        block = default;
        uint length = ReadWord(stream, start);
        if (length == 0)
            return false;
        if (length > MaximumLength)
            throw PayloadFault.Make(PayloadFormat.Lzo, "block size", start, $"at most {MaximumLength} bytes", $"{length}");
        if (!LzopBlockHeader.TryParse(stream[start..], out LzopBlockHeader header, out _))
            throw EndsEarly(stream);
        uint dataLength = header.CompressedSize;
        if (dataLength == 0 || dataLength > length)
        {
            throw PayloadFault.Make(
                PayloadFormat.Lzo, "compressed block size", start + WordLength, $"1 to {length} bytes", $"{dataLength}");
        }

        long data = start + 2L * WordLength + WordLength * ChecksumCount(flags, isStored: dataLength == length);
        if (data + dataLength > stream.Length)
            throw PayloadFault.EndsEarly(PayloadFormat.Lzo, "block", stream.Length);
        block = new LzopBlock(start, (int)data, (int)dataLength, (int)length);
        return true;
    }

    /// <summary>Decodes the block and checks it.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="flags">The file's flags.</param>
    /// <param name="output">Memory of exactly <see cref="Length"/> bytes.</param>
    /// <exception cref="BootFormatException">The block is malformed, or a checksum is wrong.</exception>
    public void Decode(ReadOnlySpan<byte> stream, LzopFlags flags, Span<byte> output)
    {
        var data = stream.Slice(Data, DataLength);
        int at = Start + 2 * WordLength;
        int outputAdler = Field(flags, LzopFlags.OutputAdler32, ref at);
        int outputCrc = Field(flags, LzopFlags.OutputCrc32, ref at);
        if (IsStored)
        {
            data.CopyTo(output);
        }
        else
        {
            if (Field(flags, LzopFlags.BlockAdler32, ref at) is var adler and > 0)
                Check(stream, adler, "compressed block Adler-32", Adler32.HashToUInt32(data));
            if (Field(flags, LzopFlags.BlockCrc32, ref at) is var crc and > 0)
                Check(stream, crc, "compressed block CRC-32", Crc32.HashToUInt32(data));
            Lzo1x.Decode(data, output, Data);
        }
        if (outputAdler > 0)
            Check(stream, outputAdler, "block Adler-32", Adler32.HashToUInt32(output));
        if (outputCrc > 0)
            Check(stream, outputCrc, "block CRC-32", Crc32.HashToUInt32(output));
    }

    /// <summary>A stored block has no second copy of its checksums.</summary>
    private static int ChecksumCount(LzopFlags flags, bool isStored)
    {
        const LzopFlags OfOutput = LzopFlags.OutputAdler32 | LzopFlags.OutputCrc32;
        const LzopFlags OfBlock = LzopFlags.BlockAdler32 | LzopFlags.BlockCrc32;
        return BitOperations.PopCount((uint)(flags & (isStored ? OfOutput : OfOutput | OfBlock)));
    }

    private static int Field(LzopFlags flags, LzopFlags flag, ref int at)
    {
        if ((flags & flag) == 0)
            return 0;
        int field = at;
        at += WordLength;
        return field;
    }

    private static void Check(ReadOnlySpan<byte> stream, int at, string field, uint computed)
    {
        uint stated = ReadWord(stream, at);
        if (stated != computed)
            throw PayloadFault.WrongChecksum(PayloadFormat.Lzo, field, at, stated, computed);
    }

    private static uint ReadWord(ReadOnlySpan<byte> stream, int at) =>
        LzopWord.TryParse(stream[at..], out LzopWord word, out _)
            ? word.Value
            : throw EndsEarly(stream);

    private static BootFormatException EndsEarly(ReadOnlySpan<byte> stream) =>
        PayloadFault.EndsEarly(PayloadFormat.Lzo, "block header", stream.Length);
}
