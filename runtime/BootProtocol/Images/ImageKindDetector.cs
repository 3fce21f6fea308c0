using System.Buffers.Binary;
using BootProtocol.LinuxX86;

namespace BootProtocol.Images;

/// <summary>Tells kinds of images apart by the magic numbers in their own headers.</summary>
internal static class ImageKindDetector
{
    /// <summary>The file offset of the Linux header; offsets of its fields count from here.</summary>
    public static int HeaderOffset => SetupHeader.Layout.Info.BaseOffset;

    private static int MagicOffset => HeaderOffset + SetupHeader.Layout.Offset.Header;

    private static int BootFlagOffset => HeaderOffset + SetupHeader.Layout.Offset.BootFlag;

    /// <summary>The bytes that <see cref="CouldBeImage"/> wants to see.</summary>
    public const int TellingLength = BootImage.SectorSize * 2;

    /// <summary>Whether the first bytes of a file (no fewer than <see cref="TellingLength"/>) can be those of a known kind.</summary>
    public static bool CouldBeImage(ReadOnlySpan<byte> start) =>
        Holds(start, MagicOffset, "HdrS"u8) || Holds(start, 0, "\u007fELF"u8) || Holds(start, 0, "MZ"u8) || HasBootFlag(start)
        || IsCompressed(start);

    /// <summary>Finds the kind.</summary>
    /// <exception cref="BootFormatException">It is none of the known kinds, or its header is broken.</exception>
    public static ImageKind Detect(ReadOnlySpan<byte> image)
    {
        if (Holds(image, MagicOffset, "HdrS"u8))
        {
            if (!SetupHeader.TryParse(image[HeaderOffset..], out SetupHeader header, out ParseError error))
                throw error.ToException();
            return header.Loadflags.HasFlag(LoadFlags.LoadedHigh) ? ImageKind.BzImage : ImageKind.ZImage;
        }

        if (Holds(image, 0, "\u007fELF"u8))
            return ImageKind.Elf;
        if (PeView.TryFind(image, out _))
            return ImageKind.Pe;
        if (IsOld(image))
            return ImageKind.Old;
        if (IsCompressed(image))
            return ImageKind.Compressed;
        throw Unknown(image);
    }

    /// <summary>The error for bytes that are no image of a known kind.</summary>
    public static BootFormatException Unknown(ReadOnlySpan<byte> image)
    {
        const string Expected =
            "a Linux header (\"HdrS\"), an ELF file (\"\\x7fELF\"), one that is compressed, or an EFI program (\"MZ\" and \"PE\")";
        if (image.Length < MagicOffset + 4)
            return new BootFormatException("image", "magic", MagicOffset, Expected, $"only {image.Length} bytes");
        string found = Convert.ToHexStringLower(image.Slice(MagicOffset, 4));
        return new BootFormatException(
            "image", "magic", MagicOffset, Expected, $"bytes {found}, and {Convert.ToHexStringLower(image[..4])} at offset 0x0");
    }

    /// <summary>
    /// A boot sector's signature alone is a weak sign, since every bootable disk has one. The old images also say how much setup code
    /// follows the boot sector, and that much must be there.
    /// </summary>
    private static bool IsOld(ReadOnlySpan<byte> image)
    {
        if (!HasBootFlag(image))
            return false;
        int sectors = image[HeaderOffset + SetupHeader.Layout.Offset.SetupSects];
        return image.Length > ((sectors == 0 ? 4 : sectors) + 1) * BootImage.SectorSize;
    }

    /// <summary>Whether a file starts as the compression tools of kernels write it: gzip, bzip2, lzma, xz, lzop, lz4, zstd.</summary>
    private static bool IsCompressed(ReadOnlySpan<byte> image) => image
        is [0x1f, 0x8b, ..]
        or [(byte)'B', (byte)'Z', (byte)'h', ..]
        or [0x5d, 0, 0, ..]
        or [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..]
        or [0x89, (byte)'L', (byte)'Z', (byte)'O', 0, 0x0d, 0x0a, 0x1a, 0x0a, ..]
        or [0x02, 0x21, 0x4c, 0x18, ..]
        or [0x04, 0x22, 0x4d, 0x18, ..]
        or [0x28, 0xb5, 0x2f, 0xfd, ..]
        or [>= 0x50 and <= 0x5f, 0x2a, 0x4d, 0x18, ..];

    private static bool HasBootFlag(ReadOnlySpan<byte> image) =>
        image.Length >= BootFlagOffset + sizeof(ushort) && BinaryPrimitives.ReadUInt16LittleEndian(image[BootFlagOffset..]) == 0xaa55;

    private static bool Holds(ReadOnlySpan<byte> image, int offset, ReadOnlySpan<byte> magic) =>
        image.Length >= offset + magic.Length && image.Slice(offset, magic.Length).SequenceEqual(magic);
}
