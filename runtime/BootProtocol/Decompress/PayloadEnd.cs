namespace BootProtocol.Decompress;

/// <summary>What is known of the last bytes of a payload.</summary>
/// <example><code>
/// KernelPayload payload = image.FindPayload()!;
/// var options = new PayloadOptions { End = payload.End };
/// using PayloadDecoder decoder = PayloadDecoder.Create(payload.Format, payload.Bytes, options);
/// Console.WriteLine(payload.End == PayloadEnd.SizeTrailer ? $"{decoder.Length} bytes, as the trailer says" : "no size behind it");
/// </code></example>
public enum PayloadEnd
{
    /// <summary>
    /// As in a bzImage of protocol 2.08 or later: the decompressed size follows the compressed stream as a 32-bit little-endian number,
    /// except after gzip, which ends with that number anyway, and after an ELF file that is not compressed. Where a kernel was packed anew
    /// into the room of another one, zeros fill what is left in front of that number, also after gzip. Nothing else follows.
    /// </summary>
    SizeTrailer,

    /// <summary>The payload is the compressed stream and nothing else, as in a file that a compression tool wrote.</summary>
    Exact,

    /// <summary>Bytes of something else may follow the stream, as where a payload was found by search.</summary>
    Open,
}
