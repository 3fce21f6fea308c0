using System.Buffers.Binary;
using System.IO.Hashing;
using BootProtocol.Pe;

namespace BootProtocol.Images;

/// <summary>Checks the CRC-32 that kernels up to 6.14 carry in the last four bytes of their image.</summary>
/// <remarks>
/// It is that of the image as the kernel's build made it. Signing comes after that: it sets the PE header's checksum and the place of the
/// certificates, which are zero before, and appends the certificates.
/// </remarks>
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
        if (image.Protocol is not { } protocol || protocol < _first)
            return ChecksumState.Absent;
        image.EnsureComplete();
        ReadOnlyMemory<byte> bytes = image.Memory[..image.ContentLength];
        if (bytes.Length <= sizeof(uint))
            return ChecksumState.Absent;
        if (Compute(image, bytes) == Match)
            return ChecksumState.Valid;

        // Only the build of Linux, which packs its kernel, writes one; where it cannot be distinguished from the image's other bytes, there is none.
        // From 6.15 on the place is kept and holds zeros. A real checksum of 0 would have matched above.
        bool isOfLinux = image.ImageLength == bytes.Length && image.SetupHeader.PayloadLength is > 0;
        return !isOfLinux || BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[^sizeof(uint)..]) == 0
            ? ChecksumState.Absent
            : ChecksumState.Invalid;
    }

    /// <summary>The checksum of an image.</summary>
    /// <param name="bytes">The image up to where its checksum stands.</param>
    public static uint Of(ReadOnlySpan<byte> bytes) => ~Crc32.HashToUInt32(bytes);

    private static uint Compute(BootImage image, ReadOnlyMemory<byte> bytes)
    {
        const int Index = (int)DataDirectoryIndex.Certs;
        if (!image.TryGetPe(out PeView pe) || pe.DataDirectory.Count <= Index)
            return ImageCrc32.Compute(bytes);
        long place = pe.DirectoryOffset + (Index * DataDirectoryEntry.Layout.Size);
        int headLength = (int)Math.Min(bytes.Length, place + DataDirectoryEntry.Layout.Size);
        byte[] head = bytes.Span[..headLength].ToArray();
        Clear(head, pe.ChecksumOffset, sizeof(uint));
        Clear(head, place, DataDirectoryEntry.Layout.Size);
        ReadOnlyMemory<byte> rest = bytes[headLength..];
        return ImageCrc32.Combine(Crc32.HashToUInt32(head), ImageCrc32.Compute(rest), rest.Length);
    }

    private static void Clear(Span<byte> head, long offset, int length)
    {
        if (offset + length <= head.Length)
            head.Slice((int)offset, length).Clear();
    }
}
