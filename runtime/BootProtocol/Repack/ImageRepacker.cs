using System.Collections.Immutable;
using BootProtocol.Images;

namespace BootProtocol.Repack;

/// <summary>Makes another image of one: with another kernel, initial RAM file system, command line or sections in it, or without its signature.</summary>
/// <remarks>
/// <para>
/// Of a bzImage, the kernel is decoded, changed and packed again by the same method. The code that decodes it when it boots has the
/// place and the length of the payload and the size of the kernel built in, so the kernel has to keep its size, and the payload must not grow.
/// </para>
/// <para>
/// Of a unified kernel image, the sections change, and so do the headers that say where they are; the EFI program in it stays where it is.
/// </para>
/// <para>
/// Checksums that the image has (the CRC-32 of kernels before 6.15, that of the PE headers) are made right. A signature holds no longer, so
/// that an image with one is refused unless it may be taken off.
/// </para>
/// </remarks>
/// <example><code>
/// var repacker = new ImageRepacker { Vmlinux = kernel.DecodeAll() };
/// RepackedImage changed = repacker.Repack(image);
/// using BootImage opened = BootImage.Open(changed.ToArray());
/// using Kernel decoded = opened.Decompress();
/// Console.WriteLine(decoded.DecodeAll().Span.SequenceEqual(kernel.DecodeAll().Span));
/// </code></example>
public sealed class ImageRepacker
{
    /// <summary>
    /// The decoded kernel with all that its build appended to it, as <see cref="Kernels.Kernel.DecodeAll"/> gives it, of the same size as the
    /// one that is there; null for the one that is there. In a unified kernel image it is that of <c>.linux</c>.
    /// </summary>
    public ReadOnlyMemory<byte>? Vmlinux { get; init; }

    /// <summary>
    /// The initial RAM file system, as an archive, packed or not, that the kernel reads; null for the one that is there. In a bzImage it is
    /// the one that is linked into the kernel, and must not be longer than that; in a unified kernel image, section <c>.initrd</c>.
    /// </summary>
    public ReadOnlyMemory<byte>? Initramfs { get; init; }

    /// <summary>
    /// The command line, without NULs; null for the one that is there. In a bzImage it is the one that is built into the kernel
    /// (<c>CONFIG_CMDLINE</c>), which few have; in a unified kernel image, section <c>.cmdline</c>.
    /// </summary>
    public string? CommandLine { get; init; }

    /// <summary>
    /// Sections of a unified kernel image that change; none in another image. <c>.linux</c> is a whole kernel image here. Sections of its EFI
    /// program stay.
    /// </summary>
    public ImmutableArray<SectionChange> Sections { get; init; } = [];

    /// <summary>
    /// Whether a signature may be taken off; one that is there is taken off then, even if nothing else changes. In a unified kernel image this
    /// is also that of its measurements (<c>.pcrsig</c>), and that of the kernel in it if <see cref="Vmlinux"/> changes that.
    /// </summary>
    public bool StripSignature { get; init; }

    /// <summary>Ends the work.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Makes the other image; it is in memory until it is written.</summary>
    /// <param name="image">The image; it does not change.</param>
    /// <exception cref="BootFormatException">The image is broken, or of a kind that is not repacked.</exception>
    /// <exception cref="BootRequestException">
    /// What is asked for cannot be had: it does not fit, has no place in this image, or is signed.
    /// </exception>
    /// <exception cref="PackerUnavailableException">The program that packs the kernel's format is not on this machine.</exception>
    /// <exception cref="OperationCanceledException">The caller asked for it.</exception>
    public RepackedImage Repack(BootImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (CommandLine?.Contains('\0', StringComparison.Ordinal) == true)
            throw new BootRequestException(BootErrorCode.NotAllowed, "command line", "", null, "a text without NULs", "one with a NUL");
        image.EnsureComplete();
        return image.Kind switch
        {
            ImageKind.UnifiedKernel => UnifiedKernelEditor.Repack(image, this),
            ImageKind.BzImage when !Sections.IsDefaultOrEmpty => throw new BootRequestException(
                BootErrorCode.NotAllowed, $"section {Sections[0].Name}", "", null, "a unified kernel image, which has such sections", "a bzImage"),
            ImageKind.BzImage => LinuxImageEditor.Repack(image, this),
            _ => throw new BootFormatException(
                BootErrorCode.Unsupported, "image", "", 0, "a bzImage or a unified kernel image", $"one of kind {image.Kind}"),
        };
    }

    /// <summary>Checks that a signature may be taken off, if there is one.</summary>
    /// <returns>Bytes of the file without it.</returns>
    /// <exception cref="BootRequestException">It may not.</exception>
    /// <exception cref="BootFormatException">Something follows it in the file, or it is not where an image can have it.</exception>
    internal int CheckSignature(BootImage image)
    {
        int length = image.Bytes.Length;
        if (!image.TryGetPe(out PeView pe) || pe.Certificates is not { Length: > 0 } place)
            return length;
        bool isStale = !image.IsLinux && place.Offset + place.Length <= length && PeSignature.PartAt(pe, place.Offset, place.Length) is not null;
        if (!isStale && (place.Offset < image.ContentLength && image.IsLinux || place.Offset + place.Length != length))
        {
            throw new BootFormatException(
                BootErrorCode.OutOfBounds,
                "data_dirent",
                "certs",
                null,
                FormattableString.Invariant($"certificates behind the image that end with the file of {length} bytes"),
                FormattableString.Invariant($"{place.Length} bytes at offset 0x{place.Offset:x}"));
        }

        // Where sections took the place of the certificates, there is only their place to take out.
        int rest = isStale ? length : (int)place.Offset;
        return StripSignature ? rest : throw new BootRequestException(
            BootErrorCode.NotAllowed,
            "signature",
            "",
            place.Offset,
            "an image without one, or that it may be stripped",
            FormattableString.Invariant($"one of {place.Length} bytes"));
    }
}
