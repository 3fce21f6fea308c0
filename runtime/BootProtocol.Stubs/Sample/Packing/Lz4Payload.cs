using System.Buffers.Binary;
using K4os.Compression.LZ4;

namespace BootProtocol.Sample.Packing;

/// <summary>The payload, packed as a kernel's build does it with <c>lz4 -l</c>: a magic, a block and its length, the unpacked size.</summary>
internal static class Lz4Payload
{
    /// <summary>Bytes before the block.</summary>
    public const int HeadSize = 2 * sizeof(uint);

    private const uint Magic = 0x184c2102;

    /// <summary>The longest block of the format, in bytes.</summary>
    private const int MaximumBlock = 8 << 20;

    /// <summary>Packs bytes.</summary>
    /// <exception cref="InvalidOperationException">There are more than one block takes.</exception>
    public static byte[] Pack(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaximumBlock)
            throw new InvalidOperationException("The sample guest does not fit into one LZ4 block.");
        byte[] packed = new byte[HeadSize + LZ4Codec.MaximumOutputSize(bytes.Length) + sizeof(uint)];
        int length = LZ4Codec.Encode(bytes, packed.AsSpan(HeadSize), LZ4Level.L12_MAX);
        BinaryPrimitives.WriteUInt32LittleEndian(packed, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(packed.AsSpan(sizeof(uint)), (uint)length);
        BinaryPrimitives.WriteUInt32LittleEndian(packed.AsSpan(HeadSize + length), (uint)bytes.Length);
        return packed[..(HeadSize + length + sizeof(uint))];
    }
}
