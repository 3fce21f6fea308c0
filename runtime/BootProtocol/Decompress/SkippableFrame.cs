using BootProtocol.Compression;

namespace BootProtocol.Decompress;

/// <summary>A frame of user data that decoders pass over: the same in Zstandard (RFC 8878, 3.1.2) and in the LZ4 frame format.</summary>
internal static class SkippableFrame
{
    /// <summary>The lowest of the 16 magic numbers.</summary>
    public const uint Magic = 0x184d2a50;

    /// <summary>Whether a magic number is one of the 16.</summary>
    /// <param name="magic">The number, as a little-endian word.</param>
    public static bool IsMagic(uint magic) => (magic & ~0xfu) == Magic;

    /// <summary>Whether such a frame begins where bytes begin.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="frame">The head of the frame.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out SkippableFrameHeader frame) =>
        SkippableFrameHeader.TryParse(bytes, out frame, out _) && IsMagic(frame.MagicNumber);

    /// <summary>Passes over the frames that begin at a place, if any do.</summary>
    /// <param name="format">The payload's format.</param>
    /// <param name="stream">The payload.</param>
    /// <param name="at">The place.</param>
    /// <returns>The place behind them.</returns>
    /// <exception cref="BootFormatException">The payload ends within one.</exception>
    public static int Skip(PayloadFormat format, ReadOnlySpan<byte> stream, int at)
    {
        while (TryRead(stream[at..], out SkippableFrameHeader frame))
        {
            if (frame.FrameSize > stream.Length - at - SkippableFrameHeader.Layout.Size)
                throw PayloadFault.EndsEarly(format, "skippable frame", stream.Length);
            at += SkippableFrameHeader.Layout.Size + (int)frame.FrameSize;
        }
        return at;
    }
}
