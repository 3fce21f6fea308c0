using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.Allocation;
using BootProtocol.Elf;
using BootProtocol.LinuxX86;
using BootProtocol.Specs;

namespace BootProtocol.Images;

/// <summary>A kernel image and what its own header says. Bytes are read where they are, and only when they are asked for.</summary>
/// <remarks>
/// The file is read once: what happens to it later changes nothing. Views and spans keep the memory that they are of, but what they
/// show once the image is disposed is undefined. Members that find nonsense in the image throw <see cref="BootFormatException"/>, and nothing else.
/// What a compressed file or a unified kernel image holds is an image of its own: <see cref="Inner"/>. An image is for one thread at a
/// time, but may be disposed from several.
/// </remarks>
/// <example><code>
/// using BootImage opened = BootImage.Open(path);           // read once; views are of that memory
/// Console.WriteLine($"{opened.Kind}: protocol {opened.Protocol}, {opened.KernelVersion}");
/// if (opened.HasSetupHeader)
///     Console.WriteLine($"{opened.SetupHeader.CmdlineSize} bytes of command line");
/// </code></example>
public sealed class BootImage : IDisposable
{
    /// <summary>Bytes of a sector, the unit of the setup part.</summary>
    public const int SectorSize = 512;

    /// <summary>Bytes of a paragraph, the unit of <c>syssize</c>.</summary>
    public const int ParagraphSize = 16;

    /// <summary>The longest kernel version text, in bytes.</summary>
    public const int MaximumVersionLength = 4096;

    private static readonly ProtocolVersion _firstWithFullSize = new(2, 4);
    private readonly OwnedMemory? _owner;
    private readonly ParseError _headerFault;
    private readonly ReadOnlyMemory<byte> _memory;
    private readonly ImageKind _kind;
    private ChecksumState? _checksum;
    private BootImage? _inner;
    private bool _hasOpenedInner;
    private ParseError _innerFault;
    private int _isDisposed;

    private BootImage(ReadOnlyMemory<byte> memory, OwnedMemory? owner, Limits? limits, string? container = null, int depth = 0)
    {
        if (!ImageKindDetector.TryDetect(memory.Span, out ImageKind kind, out _headerFault))
            throw ImageKindDetector.Unknown(memory.Span, container);
        _memory = memory;
        _owner = owner;
        _kind = kind;
        Limits = limits ?? Limits.Default;
        Depth = depth;
    }

    /// <summary>The kind of image.</summary>
    public ImageKind Kind => Live._kind;

    /// <summary>The whole file.</summary>
    public ReadOnlyMemory<byte> Memory => Live._memory;

    /// <summary>The whole file: the span of <see cref="Memory"/>.</summary>
    public ReadOnlySpan<byte> Bytes => Live._memory.Span;

    /// <summary>Whether it is a Linux image: setup part and protected-mode part, in which the kernel is packed.</summary>
    public bool IsLinux => Kind is ImageKind.BzImage or ImageKind.ZImage or ImageKind.Old;

    /// <summary>Whether the image has a Linux header of protocol 2.00 or later, as long as that version asks for.</summary>
    public bool HasSetupHeader => Kind is ImageKind.BzImage or ImageKind.ZImage && !_headerFault.IsError;

    /// <summary>The Linux header.</summary>
    /// <exception cref="BootFormatException">The image has none, or a broken one: see <see cref="HasSetupHeader"/>.</exception>
    public SetupHeader SetupHeader
    {
        get
        {
            if (Live._headerFault.IsError)
                throw _headerFault.ToException();
            if (!HasSetupHeader)
                throw new BootFormatException(BootErrorCode.Missing, "image", "", 0, "a Linux image with a header", $"one of kind {Kind}");
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
            return Kind == ImageKind.Old ? SectorSize : endByte + 1 + Bytes[endByte];
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
            return (int)(HasSetupHeader ? SetupHeader.SetupLength : BootSector.Parse(Bytes[SetupHeaderOffset..]).SetupLength);
        }
    }

    /// <summary>
    /// Bytes of the image by its own header, setup and protected-mode part together, rounded up to whole paragraphs; null if it does not
    /// say (before protocol 2.04 the field is too small for that, and images made by hand leave it 0).
    /// </summary>
    public long? ImageLength => HasSetupHeader && Protocol >= _firstWithFullSize && SetupHeader.ProtectedLength is { } length and > 0
        ? SetupLength + (long)length
        : null;

    /// <summary>
    /// Where the image ends in the file: as its header says, but no later than the file does; where it does not say, before the
    /// certificates of a signature, or else the file's end.
    /// </summary>
    public int ContentLength => (int)Math.Min(Bytes.Length, ImageLength ?? SignatureOffset ?? Bytes.Length);

    /// <summary>
    /// Whether the file ends before the image does, by the image's own header. The last paragraph, to which its size is rounded up, need
    /// not be whole.
    /// </summary>
    public bool IsTruncated => IsLinux && (_headerFault.IsError
        || (ImageLength is { } length ? Bytes.Length <= length - ParagraphSize : Bytes.Length < SetupLength));

    /// <summary>Bytes behind the image's end, such as a signature; 0 if the header does not say where that is.</summary>
    public long TrailingLength => ImageLength is { } length ? Math.Max(0, Bytes.Length - length) : 0;

    /// <summary>The Authenticode signatures behind the image, as Secure Boot checks them; empty if it is not signed.</summary>
    /// <exception cref="BootFormatException">The PE header places them outside of the file, or one of them is broken.</exception>
    public ImmutableArray<PeSignature> Signatures => TryGetPe(out PeView pe) ? PeSignature.ReadAll(Memory, pe) : [];

    /// <summary>
    /// The image that this one holds: what a compressed file decompresses to, or the kernel of a unified kernel image's first profile.
    /// Null for all others, and for a compressed ELF file, which is the payload itself.
    /// </summary>
    /// <remarks>It is opened at the first call, which may decompress it whole, and disposed with this image.</remarks>
    /// <exception cref="BootFormatException">
    /// It cannot be decoded, is no kernel image, or there are too many in each other, or too large ones.
    /// </exception>
    public BootImage? Inner
    {
        get
        {
            if (!Live._hasOpenedInner)
            {
                _hasOpenedInner = true;
                try
                {
                    _inner = InnerImage.Open(this);
                }
                catch (BootFormatException exception)
                {
                    // To find that out may have taken a gigabyte of output: once is enough.
                    _innerFault = exception.Error;
                }
            }

            return _innerFault.IsError ? throw _innerFault.ToException() : _inner;
        }
    }

    /// <summary>The parts of a unified kernel image; null if this is none.</summary>
    /// <exception cref="BootFormatException">It has too many profiles.</exception>
    public UnifiedKernelImage? UnifiedKernel =>
        Kind == ImageKind.UnifiedKernel && TryGetPe(out PeView pe) ? UnifiedKernelImage.Read(Memory, pe) : null;

    /// <summary>How much the image may ask for.</summary>
    internal Limits Limits { get; }

    /// <summary>How many images this one is in.</summary>
    internal int Depth { get; }

    private int? SignatureOffset =>
        TryGetPe(out PeView pe) && pe.Certificates is { Offset: > 0 } place && place.Offset < Bytes.Length ? (int)place.Offset : null;

    /// <summary>The text that names kernel version, builder and time of the build; null if the image has none.</summary>
    /// <exception cref="BootFormatException">The header places it outside of the setup part, or it has no end.</exception>
    public string? KernelVersion => KernelVersionText.Read(this);

    /// <summary>Whether the CRC-32 at the image's end matches. The first call reads the whole image, later ones do not.</summary>
    /// <exception cref="BootFormatException">The image is truncated.</exception>
    public ChecksumState Checksum => Live._checksum ??= ImageChecksum.Verify(this);

    /// <summary>Reads a file; of what has no length beforehand (a pipe, a device) at most 1 GiB.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">How much an image in it may ask for; null for <see cref="Limits.Default"/>.</param>
    /// <exception cref="BootFormatException">It is no image of a known kind, or has 2 GiB or more.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a directory.</exception>
    public static BootImage Open(string path, Limits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        (ReadOnlyMemory<byte> bytes, OwnedMemory owner) = ImageBytes.FromFile(path);
        return new BootImage(bytes, owner, limits);
    }

    /// <summary>Reads a stream to its end, at most 1 GiB of it.</summary>
    /// <param name="stream">The stream; it is not closed.</param>
    /// <param name="limits">How much an image in it may ask for; null for <see cref="Limits.Default"/>.</param>
    /// <exception cref="BootFormatException">It is no image of a known kind, or too long.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static BootImage Open(Stream stream, Limits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        (ReadOnlyMemory<byte> bytes, OwnedMemory owner) = ImageBytes.FromStream(stream);
        return new BootImage(bytes, owner, limits);
    }

    /// <summary>Takes an image that is in memory. Nothing is copied.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="limits">How much an image in it may ask for; null for <see cref="Limits.Default"/>.</param>
    /// <exception cref="BootFormatException">It is no image of a known kind.</exception>
    public static BootImage Open(ReadOnlyMemory<byte> bytes, Limits? limits = null) => new(bytes, null, limits);

    /// <summary>Takes an image that is in another one.</summary>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="outer">The image that holds it.</param>
    /// <param name="container">What that is, such as "gzip"; an error names it.</param>
    /// <param name="owner">The memory of its bytes, which it takes over; null if they are the outer one's.</param>
    /// <exception cref="BootFormatException">It is no image of a known kind.</exception>
    internal static BootImage OpenInner(ReadOnlyMemory<byte> bytes, BootImage outer, string container, OwnedMemory? owner) =>
        new(bytes, owner, owner is null ? outer.Limits : outer.Limits.Without(bytes.Length), container, outer.Depth + 1);

    /// <summary>Decodes the fields of the Linux header that the image's protocol and header length have; null if it is no Linux image.</summary>
    /// <remarks>An image from before 2.00 has the fields that all versions have, and one that is cut off those before its end.</remarks>
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
                BootErrorCode.OutOfBounds,
                "setup_header",
                "kernel_info_offset",
                SetupHeader.Layout.Offset.KernelInfoOffset,
                string.Create(CultureInfo.InvariantCulture, $"a place for {KernelInfo.Layout.Size} bytes in a file of {Bytes.Length} bytes"),
                $"file offset 0x{offset:x}");
        }

        if (!KernelInfo.TryParse(Bytes[(int)offset..], out info, out ParseError error))
            throw new BootFormatException(error.Code, error.Structure, error.Field, offset + error.Offset, error.Expected, error.Found);
        return true;
    }

    /// <summary>Looks at the image as a PE file, as EFI firmware does.</summary>
    /// <param name="view">The headers.</param>
    /// <returns>False if the file does not start with <c>MZ</c>, or has no PE header.</returns>
    public bool TryGetPe(out PeView view) => PeView.TryFind(Bytes, out view);

    /// <summary>Checks that the file holds the whole image.</summary>
    /// <exception cref="BootFormatException">It does not; the message says how much should be there.</exception>
    public void EnsureComplete()
    {
        foreach (UnifiedKernelSection section in UnifiedKernel?.Sections ?? [])
            section.Require();
        if (!IsTruncated)
            return;
        if (_headerFault.IsError)
            throw _headerFault.ToException();
        bool bySize = ImageLength is not null;
        int field = bySize ? SetupHeader.Layout.Offset.Syssize : SetupHeader.Layout.Offset.SetupSects;
        throw new BootFormatException(
            BootErrorCode.Truncated,
            "setup_header",
            bySize ? "syssize" : "setup_sects",
            field,
            string.Create(CultureInfo.InvariantCulture, $"a file of {ImageLength ?? SetupLength} bytes"),
            string.Create(CultureInfo.InvariantCulture, $"one of {Bytes.Length} bytes (truncated)"));
    }

    /// <summary>
    /// Gives the memory up: from then on every other member throws <see cref="ObjectDisposedException"/>, and so does memory that was
    /// handed out, where it is not the caller's own. Any thread may do so.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _inner?.Dispose();
        _owner?.Close();
    }

    /// <summary>Checks that it is not disposed.</summary>
    /// <exception cref="ObjectDisposedException">It is.</exception>
    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);

    private BootImage Live
    {
        get
        {
            ThrowIfDisposed();
            return this;
        }
    }

    private void RequireLinux()
    {
        if (!IsLinux)
            throw new BootFormatException(BootErrorCode.Unsupported, "image", "", 0, "a Linux image", $"one of kind {Kind}");
    }
}
