using BootProtocol.Images;

namespace BootProtocol.Kernels;

/// <summary>Gets at the kernel in an image.</summary>
/// <example><code>
/// using BootImage opened = BootImage.Open(path);
/// using Kernel decoded = opened.Decompress();
/// Console.WriteLine($"{opened.FindPayload()?.Format}: {decoded.Length} bytes");
/// </code></example>
public static class BootImageKernels
{
    /// <summary>
    /// Finds where the image holds its kernel: by the header from protocol 2.08 on, by search before. An ELF file, compressed or not,
    /// is its own payload, and so is the protected-mode part of a Linux image in which no other is found. Of a compressed file or a unified
    /// kernel image, the payload of what is in it is found (<see cref="BootImage.Inner"/>), at its place there.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="search">
    /// Whether to search where the header does not place it, and to open what a container holds, which reads the image and decodes it.
    /// </param>
    /// <returns>The payload; null for an EFI program, and for a Linux image in which there is none.</returns>
    /// <exception cref="BootFormatException">
    /// The header places it outside of the file, it is of no known format, or what the container holds is no kernel image.
    /// </exception>
    public static KernelPayload? FindPayload(this BootImage image, bool search = true)
    {
        ArgumentNullException.ThrowIfNull(image);
        return KernelPayload.Find(image, search);
    }

    /// <summary>Opens the kernel, to be decoded as far as it is asked for.</summary>
    /// <param name="image">The image.</param>
    /// <param name="limits">How much it may ask for; null for <see cref="Limits.Default"/>.</param>
    /// <param name="progress">Gets the number of bytes decoded so far, on any thread.</param>
    /// <param name="cancellation">Ends the decoding.</param>
    /// <returns>The kernel; it needs the image to stay open.</returns>
    /// <exception cref="BootFormatException">There is no payload, or its beginning is broken.</exception>
    public static Kernel Decompress(
        this BootImage image, Limits? limits = null, IProgress<long>? progress = null, CancellationToken cancellation = default) =>
        Require(image).Decompress(limits, progress, cancellation);

    /// <summary>Decodes the whole kernel into the caller's memory, without a copy in between.</summary>
    /// <param name="image">The image.</param>
    /// <param name="destination">Where it goes; it may be longer than the kernel.</param>
    /// <param name="limits">How much it may ask for; null for <see cref="Limits.Default"/>.</param>
    /// <param name="progress">Gets the number of bytes decoded so far, on any thread.</param>
    /// <param name="cancellation">Ends the decoding.</param>
    /// <returns>The kernel, as it stands in that memory, whose contents must stay as they are while it is used.</returns>
    /// <exception cref="BootFormatException">There is no payload, or it is broken.</exception>
    /// <exception cref="BootRequestException">The destination is too short.</exception>
    /// <exception cref="OperationCanceledException">The caller asked for it.</exception>
    public static Kernel DecompressInto(
        this BootImage image,
        Memory<byte> destination,
        Limits? limits = null,
        IProgress<long>? progress = null,
        CancellationToken cancellation = default) =>
        Require(image).DecompressInto(destination, limits, progress, cancellation);

    private static KernelPayload Require(BootImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (KernelPayload.Find(image, search: true) is { } payload)
            return payload;
        string found = image.Kind == ImageKind.Pe ? "an EFI program without a Linux header and without a kernel in it" : "none";
        throw new BootFormatException(BootErrorCode.Missing, "image", "payload", null, "a kernel, compressed or as an ELF file", found);
    }
}
