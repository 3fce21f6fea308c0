using BootProtocol.Compression;
using BootProtocol.Decompress;
using BootProtocol.Disk;
using BootProtocol.LinuxX86;
using BootProtocol.Pe;

namespace BootProtocol.Images;

/// <summary>Tells kinds of images apart by the magic numbers in their own headers.</summary>
internal static class ImageKindDetector
{
    /// <summary>The bytes that <see cref="CouldBeImage"/> looks at.</summary>
    public const int TellingLength = BootImage.SectorSize * 2;

    /// <summary>The file offset of the Linux header.</summary>
    public const int HeaderOffset = SetupHeader.Layout.Start;

    private const int MagicOffset = SetupHeader.Layout.Offset.Header;

    /// <summary>Whether the first bytes of a file (no fewer than <see cref="TellingLength"/>) can be those of a known kind.</summary>
    public static bool CouldBeImage(ReadOnlySpan<byte> start) =>
        Holds(start, MagicOffset, "HdrS"u8) || Holds(start, 0, "\u007fELF"u8) || Holds(start, 0, "MZ"u8) || HasBootFlag(start)
        || IsCompressed(start);

    /// <summary>Finds the kind.</summary>
    /// <param name="image">The whole file.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="headerFault">Of a Linux image: why its header cannot be used.</param>
    /// <returns>False if it is none of the known kinds.</returns>
    public static bool TryDetect(ReadOnlySpan<byte> image, out ImageKind kind, out ParseError headerFault)
    {
        headerFault = default;
        if (Holds(image, MagicOffset, "HdrS"u8))
        {
            int loadFlags = SetupHeader.Layout.Offset.Loadflags;
            bool isLow = loadFlags < image.Length && !((LoadFlags)image[loadFlags]).HasFlag(LoadFlags.LoadedHigh);
            kind = isLow ? ImageKind.ZImage : ImageKind.BzImage;
            _ = SetupHeader.TryParse(image[HeaderOffset..], out _, out headerFault);
            return true;
        }

        ImageKind? found = Holds(image, 0, "\u007fELF"u8) ? ImageKind.Elf
            : EfiZbootHeader.TryParse(image, out _, out _) ? ImageKind.EfiZboot
            : ForeignFormats.IsForeignKernel(image) ? null
            : PeView.TryFind(image, out PeView view) ? (UnifiedKernelImage.IsOne(view) ? ImageKind.UnifiedKernel : ImageKind.Pe)
            : IsCompressed(image) ? ImageKind.Compressed
            : IsOld(image) && ForeignFormats.Name(image) is null ? ImageKind.Old
            : null;
        kind = found.GetValueOrDefault();
        return found is not null;
    }

    /// <summary>The error for bytes that are no image of a known kind.</summary>
    /// <param name="image">The file, or its beginning.</param>
    /// <param name="container">What they were packed in, such as "gzip"; null for nothing.</param>
    public static BootFormatException Unknown(ReadOnlySpan<byte> image, string? container = null)
    {
        const string Expected = "a kernel image for x86: a Linux image, an ELF file, either of them compressed, or an EFI program";
        string name = ForeignFormats.Name(image)
            ?? $"bytes {Convert.ToHexStringLower(image[..Math.Min(image.Length, 8)])}, the beginning of no known format";
        string found = container is null ? $"{name}, no kernel" : $"{name} in {container}, no kernel";
        return new BootFormatException(BootErrorCode.WrongMagic, "image", "", null, Expected, found);
    }

    /// <summary>
    /// A boot sector's signature alone is a weak sign, since every bootable disk has one. The old images also say how much setup code
    /// follows the boot sector, and that much must be there.
    /// </summary>
    private static bool IsOld(ReadOnlySpan<byte> image) =>
        HasBootFlag(image) && BootSector.TryParse(image[HeaderOffset..], out BootSector sector, out _) && (ulong)image.Length > sector.SetupLength;

    /// <summary>Whether a file starts as the compression tools of kernels write it; what follows a frame to skip is not looked for.</summary>
    private static bool IsCompressed(ReadOnlySpan<byte> image) =>
        PayloadFormats.DetectMagic(image) is not (null or PayloadFormat.None)
        || (FrameMagic.TryParse(image, out FrameMagic magic, out _) && SkippableFrame.IsMagic(magic.Number));

    private static bool HasBootFlag(ReadOnlySpan<byte> image) =>
        MasterBootRecord.TryParse(image, out MasterBootRecord sector, out _) && sector.Signature == 0xaa55;

    private static bool Holds(ReadOnlySpan<byte> image, int offset, ReadOnlySpan<byte> magic) =>
        image.Length >= offset + magic.Length && image.Slice(offset, magic.Length).SequenceEqual(magic);
}
