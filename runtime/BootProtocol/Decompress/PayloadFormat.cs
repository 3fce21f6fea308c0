namespace BootProtocol.Decompress;

/// <summary>How the kernel inside an image is compressed. Linux tells them apart by their first bytes (lib/decompress.c).</summary>
/// <example><code>
/// KernelPayload payload = image.FindPayload()!;
/// if (payload.Format is PayloadFormat.Zstd or PayloadFormat.Lz4)
///     Console.WriteLine($"{PayloadFormats.Name(payload.Format)}, fast to decode");
/// </code></example>
public enum PayloadFormat
{
    /// <summary>Not compressed: an ELF file as it is.</summary>
    None,

    /// <summary>gzip, RFC 1952.</summary>
    Gzip,

    /// <summary>bzip2.</summary>
    Bzip2,

    /// <summary>The .lzma file of the LZMA utilities ("LZMA alone").</summary>
    Lzma,

    /// <summary>The .xz file format: LZMA2, for x86 kernels behind the x86 branch filter.</summary>
    Xz,

    /// <summary>The file format of lzop: LZO1X in blocks.</summary>
    Lzo,

    /// <summary>LZ4: the legacy framing that Linux uses, or the LZ4 frame format.</summary>
    Lz4,

    /// <summary>Zstandard, RFC 8878.</summary>
    Zstd,
}
