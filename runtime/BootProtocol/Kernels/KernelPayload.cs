using BootProtocol.Decompress;
using BootProtocol.Images;
using BootProtocol.LinuxX86;
using BootProtocol.Pe;

namespace BootProtocol.Kernels;

/// <summary>Where an image holds its kernel, and how it is packed.</summary>
/// <example><code>
/// if (image.FindPayload() is { } payload)
///     Console.WriteLine($"{payload.Format} at 0x{payload.Offset:x}, {payload.Length} bytes, decompressed {payload.DecompressedSize}");
/// </code></example>
public sealed class KernelPayload
{
    private const string Structure = "setup_header";
    private static readonly ProtocolVersion _firstWithPayload = new(2, 8);

    private KernelPayload(
        BootImage image, PayloadOrigin origin, PayloadFormat format, int offset, ReadOnlyMemory<byte> bytes, PayloadEnd end)
    {
        Image = image;
        Origin = origin;
        Format = format;
        Offset = offset;
        Bytes = bytes;
        End = end;
    }

    /// <summary>How it was found.</summary>
    public PayloadOrigin Origin { get; }

    /// <summary>How it is packed.</summary>
    public PayloadFormat Format { get; }

    /// <summary>Its file offset in bytes.</summary>
    public int Offset { get; }

    /// <summary>How many bytes it has in the file; of a bzImage, the size behind the compressed stream included.</summary>
    /// <remarks>Where it was found by search and does not say how long it is, everything up to the image's end.</remarks>
    public int Length => Bytes.Length;

    /// <summary>Its bytes in the file.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>What is known of its last bytes.</summary>
    public PayloadEnd End { get; }

    /// <summary>
    /// The kernel's size in bytes as the payload states it; null if it states none. That it is true shows only when all is decoded.
    /// </summary>
    /// <exception cref="BootFormatException">A header of the payload is broken, or the size is beyond the default limits.</exception>
    public int? DecompressedSize
    {
        get
        {
            using var decoder = PayloadDecoder.Create(Format, Bytes, new PayloadOptions { End = End });
            return decoder.Length;
        }
    }

    /// <summary>Whether the file ends before the payload does. What there is of the kernel can be read, but not all of it.</summary>
    public bool IsCut => Origin == PayloadOrigin.Header && End == PayloadEnd.Open;

    /// <summary>The image.</summary>
    internal BootImage Image { get; }

    /// <summary>Opens the kernel, to be decoded as far as it is asked for.</summary>
    /// <param name="limits">How much it may ask for; null for <see cref="Limits.Default"/>.</param>
    /// <param name="progress">Gets the number of bytes decoded so far, on any thread.</param>
    /// <param name="cancellation">Ends the decoding.</param>
    /// <returns>The kernel; it needs the image to stay open.</returns>
    /// <exception cref="BootFormatException">The payload's beginning is broken.</exception>
    public Kernel Decompress(Limits? limits = null, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        Image.ThrowIfDisposed();
        limits ??= Limits.Default;
        return Format == PayloadFormat.None
            ? new Kernel(this, limits, decoded: null)
            : Open(decoder => new DecodedKernelBytes(decoder, IsCut), limits, progress, cancellation);
    }

    /// <summary>Decodes the whole kernel into the caller's memory, without a copy in between.</summary>
    /// <param name="destination">Where it goes; it may be longer than the kernel.</param>
    /// <param name="limits">How much it may ask for; null for <see cref="Limits.Default"/>.</param>
    /// <param name="progress">Gets the number of bytes decoded so far, on any thread.</param>
    /// <param name="cancellation">Ends the decoding.</param>
    /// <returns>The kernel, as it stands in that memory, whose contents must stay as they are while it is used.</returns>
    /// <exception cref="BootFormatException">The payload is broken.</exception>
    /// <exception cref="BootRequestException">The destination is too short.</exception>
    /// <exception cref="OperationCanceledException">The caller asked for it.</exception>
    public Kernel DecompressInto(
        Memory<byte> destination, Limits? limits = null, IProgress<long>? progress = null, CancellationToken cancellation = default) =>
        Open(decoder => new DecodedKernelBytes(decoder, destination), limits ?? Limits.Default, progress, cancellation);

    /// <summary>Finds the payload of an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="search">Whether to search where the header does not place it, and to open what the image holds.</param>
    /// <returns>The payload; null for an EFI program, and for a Linux image in which there is none.</returns>
    /// <exception cref="BootFormatException">
    /// The header places it outside of the file, it is of no known format, or what the image holds is no kernel image.
    /// </exception>
    internal static KernelPayload? Find(BootImage image, bool search)
    {
        if (search && image.Inner is { } inner)
            return Find(inner, search);
        return image.Kind switch
        {
            ImageKind.Elf => new KernelPayload(image, PayloadOrigin.File, PayloadFormat.None, 0, image.Memory, PayloadEnd.Exact),
            ImageKind.Compressed => OfFile(image),
            ImageKind.EfiZboot => OfEfiZboot(image),
            ImageKind.Pe or ImageKind.UnifiedKernel => null,
            _ => OfHeader(image) ?? (search ? OfSearch(image) : null) ?? OfImage(image, search),
        };
    }

    private Kernel Open(
        Func<PayloadDecoder, DecodedKernelBytes> decode, Limits limits, IProgress<long>? progress, CancellationToken cancellation)
    {
        Image.ThrowIfDisposed();
        var options = new PayloadOptions { End = End, Limits = limits, Progress = progress, Cancellation = cancellation };
        PayloadDecoder decoder = PayloadDecoder.Create(Format, Bytes, options);
        try
        {
            return new Kernel(this, limits, decode(decoder), progress, cancellation);
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
    }

    private static KernelPayload OfFile(BootImage image)
    {
        // The image was taken as compressed by a shorter look at its first bytes, which can mislead.
        if (!PayloadFormats.TryDetect(image.Bytes, out PayloadFormat format))
            throw new BootFormatException(BootErrorCode.WrongMagic, "image", "magic", 0, "a compressed file", Start(image.Bytes));
        return new KernelPayload(image, PayloadOrigin.File, format, 0, image.Memory, PayloadEnd.Exact);
    }

    private static KernelPayload? OfHeader(BootImage image)
    {
        if (!image.HasSetupHeader || image.SetupHeader.PayloadOffset is not { } distance || image.SetupHeader.PayloadLength is not { } length)
            return null;
        if (length == 0)
            return null;
        long offset = image.SetupLength + (long)distance;
        long end = image.ContentLength;

        // Of an image that is cut off, the beginning of its payload is there all the same.
        bool isCut = image.IsTruncated && offset < end && offset + (long)length <= (image.ImageLength ?? long.MaxValue);
        if (offset > end - length && !isCut)
        {
            bool isPlace = offset > end;
            throw new BootFormatException(
                BootErrorCode.OutOfBounds,
                Structure,
                isPlace ? "payload_offset" : "payload_length",
                isPlace ? SetupHeader.Layout.Offset.PayloadOffset : SetupHeader.Layout.Offset.PayloadLength,
                FormattableString.Invariant($"a payload inside an image of {end} bytes"),
                FormattableString.Invariant($"{length} bytes at file offset 0x{offset:x}"));
        }

        ReadOnlyMemory<byte> bytes = image.Memory.Slice((int)offset, (int)Math.Min(length, end - offset));
        if (!PayloadFormats.TryDetectNamed(bytes.Span, out PayloadFormat format))
        {
            throw new BootFormatException(
                BootErrorCode.WrongMagic, "payload", "magic", offset, "that of gzip, bzip2, lzma, xz, lzo, lz4, zstd or ELF", Start(bytes.Span));
        }

        return new KernelPayload(image, PayloadOrigin.Header, format, (int)offset, bytes, isCut ? PayloadEnd.Open : PayloadEnd.SizeTrailer);
    }

    private static KernelPayload OfEfiZboot(BootImage image)
    {
        const string Header = "efi_zboot_header";
        EfiZbootHeader header = EfiZbootHeader.Parse(image.Bytes);
        if (header.PayloadOffset + (long)header.PayloadSize > image.Bytes.Length)
        {
            throw new BootFormatException(
                BootErrorCode.OutOfBounds,
                Header,
                "payload_size",
                EfiZbootHeader.Layout.Offset.PayloadSize,
                FormattableString.Invariant($"a payload inside a file of {image.Bytes.Length} bytes"),
                FormattableString.Invariant($"{header.PayloadSize} bytes at offset 0x{header.PayloadOffset:x}"));
        }

        ReadOnlyMemory<byte> bytes = image.Memory.Slice((int)header.PayloadOffset, (int)header.PayloadSize);
        if (!PayloadFormats.TryDetectNamed(bytes.Span, out PayloadFormat format) || format == PayloadFormat.None)
            throw new BootFormatException(BootErrorCode.WrongMagic, "payload", "magic", header.PayloadOffset, "that of a compressed kernel", Start(bytes.Span));

        // The size that Linux's build puts behind the stream is not counted in payload_size (ZBOOT_SIZE_LEN in its Makefile.zboot).
        return new KernelPayload(image, PayloadOrigin.EfiZboot, format, (int)header.PayloadOffset, bytes, PayloadEnd.Exact);
    }

    /// <summary>The protected-mode part of an image that is its own kernel.</summary>
    private static KernelPayload? OfImage(BootImage image, bool hasSearched)
    {
        if (!image.HasSetupHeader || image.SetupLength > image.ContentLength)
            return null;
        if (!hasSearched && image.Protocol < _firstWithPayload)
            return null;
        int offset = image.SetupLength;
        return new KernelPayload(
            image, PayloadOrigin.Image, PayloadFormat.None, offset, image.Memory[offset..image.ContentLength], PayloadEnd.Exact);
    }

    private static KernelPayload? OfSearch(BootImage image)
    {
        int start = Math.Min(image.SetupLength, image.Bytes.Length);
        int end = image.ContentLength;
        if (end <= start || PayloadSearch.Find(image.Memory[start..end]) is not { } found)
            return null;

        // A newer Linux says where its kernel is. What does not is another kernel: what lies in it plain are its own data, and what can be
        // decoded is only by chance the kernel.
        bool isOfOldLinux = !image.HasSetupHeader || image.Protocol < _firstWithPayload;
        if (!isOfOldLinux && !(found.Format != PayloadFormat.None && found.IsElf))
            return null;
        int offset = start + found.Offset;
        return new KernelPayload(
            image, PayloadOrigin.Search, found.Format, offset, image.Memory.Slice(offset, found.Length), found.End);
    }

    private static string Start(ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty ? "no bytes" : $"bytes {Convert.ToHexStringLower(bytes[..Math.Min(bytes.Length, PayloadFormats.MagicLength)])}";
}
