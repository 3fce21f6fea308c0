using BootProtocol.Allocation;
using BootProtocol.Decompress;

namespace BootProtocol.Images;

/// <summary>Opens the image that another one holds.</summary>
internal static class InnerImage
{
    /// <summary>How many images may be in each other; a kernel has one or two around it.</summary>
    private const int MaximumDepth = 8;

    /// <summary>Bytes of output that show what is in a compressed file.</summary>
    private const int ProbeLength = 4096;

    /// <summary>Opens it.</summary>
    /// <returns>Null for an image that holds none, and for a compressed ELF file.</returns>
    /// <exception cref="BootFormatException">It cannot be decoded, is no kernel image, or there are too many in each other.</exception>
    public static BootImage? Open(BootImage image)
    {
        (ReadOnlyMemory<byte> bytes, string container, OwnedMemory? owner) = image.Kind switch
        {
            ImageKind.Compressed => Decode(image),
            ImageKind.UnifiedKernel => (image.UnifiedKernel!.Profiles[0].Kernel, "a unified kernel image", null),
            _ => default,
        };
        if (container is null)
            return null;
        if (image.Depth == MaximumDepth)
            throw new BootFormatException(
                BootErrorCode.TooLarge, "image", "", null, FormattableString.Invariant($"at most {MaximumDepth} images in each other"), "more");
        return BootImage.OpenInner(bytes, image, container, owner);
    }

    /// <summary>Decompresses a file, unless an ELF file is in it: that is decoded as far as it is asked for, like every payload.</summary>
    private static (ReadOnlyMemory<byte> Bytes, string Container, OwnedMemory? Owner) Decode(BootImage image)
    {
        // The file was taken as compressed by a shorter look at its first bytes, which can mislead.
        if (!PayloadFormats.TryDetect(image.Bytes, out PayloadFormat format))
            return default;
        using (PayloadDecoder probe = Create(image, format))
        {
            byte[] start = new byte[ProbeLength + PayloadDecoder.Slack];
            int length = Math.Min(probe.Length ?? ProbeLength, ProbeLength);
            int decoded = probe.Decode(start, length);
            if (start.AsSpan(0, decoded).StartsWith("\u007fELF"u8))
                return default;
        }

        using PayloadDecoder decoder = Create(image, format);
        OwnedMemory output = decoder.DecodeOwned();
        return (output.Memory[..decoder.Position], PayloadFormats.Name(format), output);
    }

    private static PayloadDecoder Create(BootImage image, PayloadFormat format) =>
        PayloadDecoder.Create(format, image.Memory, new PayloadOptions { End = PayloadEnd.Exact, Limits = image.Limits });
}
