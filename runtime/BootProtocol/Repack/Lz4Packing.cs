using System.Buffers.Binary;
using BootProtocol.Compression;
using K4os.Compression.LZ4;

namespace BootProtocol.Repack;

/// <summary>Packs in the legacy framing of LZ4, which is the one that Linux decodes: a magic number, then blocks, each behind its length.</summary>
internal static class Lz4Packing
{
    private const int BlockLength = 8 << 20;

    /// <summary>Packs bytes.</summary>
    /// <param name="bytes">What is to be packed.</param>
    /// <param name="level">How hard to try.</param>
    /// <param name="output">Where it goes.</param>
    /// <param name="cancellation">Ends it between two blocks.</param>
    public static void Pack(ReadOnlySpan<byte> bytes, LZ4Level level, Stream output, CancellationToken cancellation)
    {
        Span<byte> word = stackalloc byte[sizeof(uint)];
        byte[] block = new byte[LZ4Codec.MaximumOutputSize(Math.Min(bytes.Length, BlockLength))];
        BinaryPrimitives.WriteUInt32LittleEndian(word, Lz4LegacyHeader.Layout.Constant.Magic);
        output.Write(word);
        while (!bytes.IsEmpty)
        {
            cancellation.ThrowIfCancellationRequested();
            int taken = Math.Min(bytes.Length, BlockLength);
            int length = LZ4Codec.Encode(bytes[..taken], block, level);
            BinaryPrimitives.WriteUInt32LittleEndian(word, (uint)length);
            output.Write(word);
            output.Write(block.AsSpan(0, length));
            bytes = bytes[taken..];
        }
    }
}
