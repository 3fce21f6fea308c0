using BootProtocol.Compression;
using BootProtocol.Lzop;

namespace BootProtocol.Decompress;

/// <summary>Tells payload formats apart, and names them.</summary>
/// <example><code>
/// if (PayloadFormats.TryDetect(image.FindPayload()!.Bytes.Span, out PayloadFormat format))
///     Console.WriteLine(PayloadFormats.Name(format));
/// </code></example>
public static class PayloadFormats
{
    /// <summary>Bytes that begin a payload of any format; frames that decoders skip may come before them.</summary>
    public const int MagicLength = 9;

    private const byte LzmaPropertiesCount = 9 * 5 * 5;

    /// <summary>Finds out the format by the first bytes.</summary>
    /// <param name="payload">The payload; its first <see cref="MagicLength"/> bytes do, if it does not begin with frames to skip.</param>
    /// <param name="format">The format.</param>
    /// <returns>False if the bytes begin none of the formats.</returns>
    public static bool TryDetect(ReadOnlySpan<byte> payload, out PayloadFormat format)
    {
        PayloadFormat? found = DetectMagic(payload) ?? BehindSkippableFrames(payload);
        format = found.GetValueOrDefault();
        return found is not null;
    }

    /// <summary>Finds out the format by the magic number at the very beginning.</summary>
    /// <param name="payload">The payload, or its first <see cref="MagicLength"/> bytes.</param>
    internal static PayloadFormat? DetectMagic(ReadOnlySpan<byte> payload) =>
        payload.StartsWith(GzipMember.Layout.Constant.Id) ? PayloadFormat.Gzip
        : payload.StartsWith(Bzip2Header.Layout.Constant.Magic) ? PayloadFormat.Bzip2
        // One byte of literal and position bits as every known encoder sets them, then the low half of a dictionary size.
        : payload is [0x5d, 0, 0, ..] ? PayloadFormat.Lzma
        : payload.StartsWith(XzStreamHeader.Layout.Constant.Magic) ? PayloadFormat.Xz
        : payload.StartsWith(LzopFileHeader.Layout.Constant.Magic) ? PayloadFormat.Lzo
        : payload.StartsWith("\u007fELF"u8) ? PayloadFormat.None
        : !FrameMagic.TryParse(payload, out FrameMagic frame, out _) ? null
        : frame.Number switch
        {
            Lz4FrameDescriptor.Layout.Constant.Magic or Lz4LegacyHeader.Layout.Constant.Magic => PayloadFormat.Lz4,
            ZstdFrameHeader.Layout.Constant.Magic => PayloadFormat.Zstd,
            _ => null,
        };

    /// <summary>
    /// Finds out the format of bytes that are known to be a payload, because a header says so: LZMA, which has no magic number, is
    /// recognised with any properties and dictionary size then.
    /// </summary>
    /// <param name="payload">The payload, with its size behind it where it has one.</param>
    /// <param name="format">The format.</param>
    /// <returns>False if the bytes begin none of the formats.</returns>
    internal static bool TryDetectNamed(ReadOnlySpan<byte> payload, out PayloadFormat format)
    {
        if (TryDetect(payload, out format))
            return true;
        format = PayloadFormat.Lzma;
        return IsLzma(payload);
    }

    /// <summary>The format's name, as <c>bootproto</c> prints it: gzip bzip2 lzma xz lzo lz4 zstd none.</summary>
    /// <param name="format">The format.</param>
    public static string Name(PayloadFormat format) => format switch
    {
        PayloadFormat.None => "none",
        PayloadFormat.Gzip => "gzip",
        PayloadFormat.Bzip2 => "bzip2",
        PayloadFormat.Lzma => "lzma",
        PayloadFormat.Xz => "xz",
        PayloadFormat.Lzo => "lzo",
        PayloadFormat.Lz4 => "lz4",
        PayloadFormat.Zstd => "zstd",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "is no payload format"),
    };

    /// <summary>
    /// Whether a payload may be a .lzma file of any kind: a byte of properties that can be, any dictionary size, an output size that is
    /// the one behind the stream, or none, and the zero that the data begins with.
    /// </summary>
    private static bool IsLzma(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < LzmaHeader.Layout.Size + sizeof(uint) || payload[0] >= LzmaPropertiesCount || payload[LzmaHeader.Layout.Size] != 0)
            return false;
        ulong size = LzmaHeader.Parse(payload).UncompressedSize;
        uint trailer = PayloadTrailer.Parse(payload[^sizeof(uint)..]).Size;
        return size == ulong.MaxValue || (size == trailer && size != 0);
    }

    /// <summary>Zstandard and LZ4 share the frames that a decoder skips; what follows them decides.</summary>
    private static PayloadFormat? BehindSkippableFrames(ReadOnlySpan<byte> payload)
    {
        while (SkippableFrame.TryRead(payload, out SkippableFrameHeader frame))
        {
            long next = SkippableFrameHeader.Layout.Size + (long)frame.FrameSize;
            if (next > payload.Length)
                return null;
            payload = payload[(int)next..];
            if (payload is [0x28, 0xb5, 0x2f, 0xfd, ..])
                return PayloadFormat.Zstd;
            if (payload is [0x04, 0x22, 0x4d, 0x18, ..])
                return PayloadFormat.Lz4;
        }
        return null;
    }
}
