using BootProtocol.Compression;

namespace BootProtocol.Decompress;

/// <summary>What a decoder works on: the compressed stream without a size trailer, and what is known of it.</summary>
/// <param name="Format">The format.</param>
/// <param name="Stream">The stream; with <see cref="PayloadEnd.Open"/>, something else may follow it.</param>
/// <param name="Trailer">The output size that the payload's end states, not yet checked against anything; null if it states none.</param>
/// <param name="Options">The caller's options.</param>
internal sealed record PayloadSource(PayloadFormat Format, ReadOnlyMemory<byte> Stream, uint? Trailer, PayloadOptions Options)
{
    /// <summary>Cuts the size trailer off, where there is one.</summary>
    /// <exception cref="BootFormatException">The payload is shorter than the trailer.</exception>
    public static PayloadSource Cut(PayloadFormat format, ReadOnlyMemory<byte> payload, PayloadOptions options)
    {
        if (options.End != PayloadEnd.SizeTrailer || format == PayloadFormat.None)
            return new PayloadSource(format, payload, null, options);
        if (!PayloadTrailer.TryParse(payload.Span[^Math.Min(payload.Length, PayloadTrailer.Layout.Size)..], out PayloadTrailer trailer, out _))
            throw PayloadFault.EndsEarly(format, "size trailer", payload.Length);

        // gzip's own last word says the same, and belongs to its stream.
        var stream = format == PayloadFormat.Gzip ? payload : payload[..^PayloadTrailer.Layout.Size];
        return new PayloadSource(format, stream, trailer.Size, options);
    }
}
