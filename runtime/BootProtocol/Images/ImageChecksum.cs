using System.Buffers.Binary;

namespace BootProtocol.Images;

/// <summary>Checks the CRC-32 that kernels up to 6.14 carry in the last four bytes of their image.</summary>
internal static class ImageChecksum
{
    /// <summary>
    /// The kernel leaves out the final inversion and stores the register itself, which makes the register 0 at the image's end. The usual
    /// CRC-32 of the same bytes, which inverts, is therefore this.
    /// </summary>
    private const uint Match = 0xffffffff;

    private static readonly ProtocolVersion _first = new(2, 8);

    /// <summary>Checks the image; reads all of it.</summary>
    /// <exception cref="BootFormatException">The image is truncated.</exception>
    public static ChecksumState Verify(BootImage image)
    {
        if (image.Protocol is not { } protocol || protocol < _first || image.ImageLength is not { } length)
            return ChecksumState.Absent;
        image.EnsureComplete();
        ReadOnlyMemory<byte> bytes = image.Memory[..(int)length];
        if (ImageCrc32.Compute(bytes) == Match)
            return ChecksumState.Valid;

        // From 6.15 on the place is kept and holds zeros. A real checksum of 0 would have matched above.
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[^sizeof(uint)..]) == 0 ? ChecksumState.Absent : ChecksumState.Invalid;
    }
}
