using System.Globalization;
using BootProtocol.LinuxX86;
using BootProtocol.Specs;

namespace BootProtocol.Images;

/// <summary>A kernel image and what its own header says. Bytes are read where they are, and only when they are asked for.</summary>
/// <remarks>
/// Views and spans of a mapped file are valid until the image is disposed, and the file must not be shortened while it is mapped.
/// Members that find nonsense in the image throw <see cref="BootFormatException"/>, and nothing else.
/// </remarks>
public sealed class BootImage : IDisposable
{
    /// <summary>Bytes of a sector, the unit of the setup part.</summary>
    public const int SectorSize = 512;

    /// <summary>Bytes of a paragraph, the unit of <c>syssize</c>.</summary>
    public const int ParagraphSize = 16;

    /// <summary>The longest kernel version text, in bytes.</summary>
    public const int MaximumVersionLength = 4096;

    private static readonly ProtocolVersion _firstWithFullSize = new(2, 4);
    private readonly IDisposable? _owner;
    private ReadOnlyMemory<byte> _memory;
    private ChecksumState? _checksum;

    private BootImage(ReadOnlyMemory<byte> memory, IDisposable? owner)
    {
        _memory = memory;
        _owner = owner;
        Kind = ImageKindDetector.Detect(memory.Span);
    }

    /// <summary>The kind of image.</summary>
    public ImageKind Kind { get; }

    /// <summary>The whole file.</summary>
    public ReadOnlyMemory<byte> Memory => _memory;

    /// <summary>The whole file: the span of <see cref="Memory"/>.</summary>
    public ReadOnlySpan<byte> Bytes => _memory.Span;

    /// <summary>Whether it is a Linux image: setup part and protected-mode part, in which the kernel is packed.</summary>
    public bool IsLinux => Kind is ImageKind.BzImage or ImageKind.ZImage or ImageKind.Old;

    /// <summary>Whether the image has a Linux header of protocol 2.00 or later.</summary>
    public bool HasSetupHeader => Kind is ImageKind.BzImage or ImageKind.ZImage;

    /// <summary>The Linux header.</summary>
    /// <exception cref="BootFormatException">The image has none: see <see cref="HasSetupHeader"/>.</exception>
    public SetupHeader SetupHeader
    {
        get
        {
            if (!HasSetupHeader)
                throw new BootFormatException("image", "", 0, "a Linux image with a header", $"one of kind {Kind}");
            return SetupHeader.Parse(Bytes[SetupHeaderOffset..]);
        }
    }

    /// <summary>The file offset of the first field of the Linux header, 0x1f1.</summary>
    public static int SetupHeaderOffset => ImageKindDetector.HeaderOffset;

    /// <summary>The file offset at which the Linux header itself says that it ends; of an old image, the end of the boot sector.</summary>
    /// <exception cref="BootFormatException">The image is no Linux image.</exception>
    public int SetupHeaderEnd
    {
        get
        {
            RequireLinux();
            int endByte = SetupHeaderOffset + SetupHeader.Layout.Info.EndByte!.Value;
            return HasSetupHeader ? endByte + 1 + Bytes[endByte] : SectorSize;
        }
    }

    /// <summary>The boot protocol; null if the image has no Linux header.</summary>
    public ProtocolVersion? Protocol => HasSetupHeader ? SetupHeader.Version : null;

    /// <summary>Bytes of boot sector and setup code: where the protected-mode part starts.</summary>
    /// <exception cref="BootFormatException">The image is no Linux image.</exception>
    public int SetupLength
    {
        get
        {
            RequireLinux();
            int sectors = HasSetupHeader ? SetupHeader.SetupSects : Bytes[SetupHeaderOffset + SetupHeader.Layout.Offset.SetupSects];
            return ((sectors == 0 ? 4 : sectors) + 1) * SectorSize;
        }
    }

    /// <summary>
    /// Bytes of the image by its own header, setup and protected-mode part together; null if it does not tell (before protocol 2.04 the
    /// field is too small for that).
    /// </summary>
    public long? ImageLength => HasSetupHeader && Protocol >= _firstWithFullSize && SetupHeader.Syssize is { } paragraphs
        ? SetupLength + ((long)paragraphs * ParagraphSize)
        : null;

    /// <summary>Whether the file ends before the image does, by the image's own header.</summary>
    public bool IsTruncated => IsLinux && Bytes.Length < (ImageLength ?? SetupLength);

    /// <summary>Bytes behind the image's end, such as a signature; 0 if the header does not tell where that is.</summary>
    public long TrailingLength => ImageLength is { } length ? Math.Max(0, Bytes.Length - length) : 0;

    /// <summary>The text that names kernel version, builder and time of the build; null if the image has none.</summary>
    /// <exception cref="BootFormatException">The header places it outside of the setup part, or it has no end.</exception>
    public string? KernelVersion => KernelVersionText.Read(this);

    /// <summary>Whether the CRC-32 at the image's end matches. The first call reads the whole image, later ones know the answer.</summary>
    /// <exception cref="BootFormatException">The image is truncated.</exception>
    public ChecksumState Checksum => _checksum ??= ImageChecksum.Verify(this);

    /// <summary>Maps a file. What cannot be mapped (a pipe, a device) is read, at most 1 GiB of it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BootFormatException">It is no image of a known kind.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a directory.</exception>
    public static BootImage Open(string path)
    {
        (ReadOnlyMemory<byte> bytes, IDisposable? owner) = ImageBytes.FromFile(path);
        try
        {
            return new BootImage(bytes, owner);
        }
        catch
        {
            owner?.Dispose();
            throw;
        }
    }

    /// <summary>Reads a stream to its end, at most 1 GiB of it.</summary>
    /// <param name="stream">The stream; it is not closed.</param>
    /// <exception cref="BootFormatException">It is no image of a known kind, or too long.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static BootImage Open(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new BootImage(ImageBytes.FromStream(stream), null);
    }

    /// <summary>Takes an image that is in memory. Nothing is copied.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <exception cref="BootFormatException">It is no image of a known kind.</exception>
    public static BootImage Open(ReadOnlyMemory<byte> bytes) => new(bytes, null);

    /// <summary>Decodes the fields of the Linux header that the image's protocol and header length have; null if it is no Linux image.</summary>
    /// <remarks>An image from before 2.00 has the fields that all versions have.</remarks>
    public SpecRecord? DescribeSetupHeader() => Kind switch
    {
        ImageKind.BzImage or ImageKind.ZImage => SpecReader.Read(SetupHeader.Layout.Info, Bytes[SetupHeaderOffset..]),
        ImageKind.Old => SpecReader.Read(SetupHeader.Layout.Info, Bytes[SetupHeaderOffset..SectorSize], version: 0),
        _ => null,
    };

    /// <summary>Decodes the header of an ELF file; null if the image is none.</summary>
    /// <exception cref="BootFormatException">The header is broken, or not little-endian.</exception>
    public SpecRecord? DescribeElfHeader() => Kind == ImageKind.Elf ? ElfHeaderReader.Describe(Bytes) : null;

    /// <summary>Finds the kernel's <c>kernel_info</c>.</summary>
    /// <param name="info">The structure.</param>
    /// <param name="offset">Its file offset; it is not aligned.</param>
    /// <returns>False if the protocol is older than 2.15 or the header gives no place for it.</returns>
    /// <exception cref="BootFormatException">The header places it outside of the file, or it is broken.</exception>
    public bool TryGetKernelInfo(out KernelInfo info, out long offset)
    {
        info = default;
        offset = 0;
        if (!HasSetupHeader || SetupHeader.KernelInfoOffset is not { } distance || distance == 0)
            return false;
        offset = SetupLength + (long)distance;
        if (offset > Bytes.Length - KernelInfo.Layout.Size)
        {
            throw new BootFormatException(
                "setup_header",
                "kernel_info_offset",
                SetupHeaderOffset + SetupHeader.Layout.Offset.KernelInfoOffset,
                string.Create(CultureInfo.InvariantCulture, $"a place for {KernelInfo.Layout.Size} bytes in a file of {Bytes.Length} bytes"),
                $"file offset 0x{offset:x}");
        }

        if (!KernelInfo.TryParse(Bytes[(int)offset..], out info, out ParseError error))
            throw new BootFormatException(error.Structure, error.Field, offset + error.Offset, error.Expected, error.Found);
        return true;
    }

    /// <summary>Looks at the image as a PE file, as EFI firmware does.</summary>
    /// <param name="view">The headers.</param>
    /// <returns>False if the file does not start with <c>MZ</c>, or has no PE header.</returns>
    /// <exception cref="BootFormatException">The headers lie outside of the file, or are broken.</exception>
    public bool TryGetPe(out PeView view) => PeView.TryFind(Bytes, out view);

    /// <summary>Checks that the file holds the whole image.</summary>
    /// <exception cref="BootFormatException">It does not; the message says how much should be there.</exception>
    public void EnsureComplete()
    {
        if (!IsTruncated)
            return;
        bool bySize = ImageLength is not null;
        int field = bySize ? SetupHeader.Layout.Offset.Syssize : SetupHeader.Layout.Offset.SetupSects;
        throw new BootFormatException(
            "setup_header",
            bySize ? "syssize" : "setup_sects",
            SetupHeaderOffset + field,
            string.Create(CultureInfo.InvariantCulture, $"a file of {ImageLength ?? SetupLength} bytes"),
            string.Create(CultureInfo.InvariantCulture, $"one of {Bytes.Length} bytes (truncated)"));
    }

    /// <summary>Lets go of the file. Views and spans of it must not be used any more.</summary>
    public void Dispose()
    {
        _memory = default;
        _owner?.Dispose();
    }

    private void RequireLinux()
    {
        if (!IsLinux)
            throw new BootFormatException("image", "", 0, "a Linux image", $"one of kind {Kind}");
    }
}
