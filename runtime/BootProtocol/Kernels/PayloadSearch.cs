using System.Buffers;
using BootProtocol.Compression;
using BootProtocol.Decompress;

namespace BootProtocol.Kernels;

/// <summary>
/// Looks for the payload in an image whose header does not place it. Such images are older than Linux 2.6.26, and their kernel is an ELF
/// file or plain memory contents; so of all places that look like a compressed stream, the first that decodes to an ELF file is taken, or
/// else the first that decodes at all.
/// </summary>
internal static class PayloadSearch
{
    /// <summary>Bytes of output that have to decode.</summary>
    private const int ProbeLength = 32 << 10;

    /// <summary>The most places to try; a kernel's own code has a handful that look right.</summary>
    private const int MaximumProbes = 64;

    /// <summary>More bytes than output of <see cref="ProbeLength"/> bytes can take: two blocks of the format with the longest.</summary>
    private const int LargestProbe = 256 << 10;

    /// <summary>The bytes to probe of formats whose blocks decode only whole: legacy LZ4 has blocks of 8 MiB of output.</summary>
    private const int LargestProbedBlock = 16 << 20;

    /// <summary>The fewest bytes of a payload worth its name.</summary>
    private const int MinimumLength = 64;

    private static readonly Limits _limits = new() { MaximumDecoderMemory = 64 << 20 };

    // Rare second and later bytes tell the formats apart; these are the first ones.
    private static readonly SearchValues<byte> _starts = SearchValues.Create(0x1f, (byte)'B', 0x5d, 0xfd, 0x89, 0x02, 0x04, 0x28, 0x7f);

    /// <summary>Searches.</summary>
    /// <param name="part">The protected-mode part of the image.</param>
    /// <returns>The payload; null if there is none.</returns>
    public static FoundPayload? Find(ReadOnlyMemory<byte> part)
    {
        FoundPayload? plausible = null;
        byte[] output = new byte[ProbeLength + PayloadDecoder.Slack];
        int probes = 0;
        int at = 0;
        while (probes < MaximumProbes && part.Span[at..].IndexOfAny(_starts) is var distance and >= 0)
        {
            at += distance;
            if (part.Length - at < MinimumLength)
                break;
            if (LooksRight(part.Span[at..], out PayloadFormat format))
            {
                probes++;
                FoundPayload candidate = Measure(part, at, format);
                int decoded = Probe(part.Slice(at, ProbedLength(candidate)), candidate, output);
                if (decoded > 4 && output.AsSpan().StartsWith("\u007fELF"u8))
                    return candidate with { IsElf = true };
                if (decoded >= MinimumLength && format != PayloadFormat.None)
                    plausible ??= candidate;
            }

            at++;
        }

        return plausible;
    }

    /// <summary>Looks at more of a header than its magic number, which is short and turns up by chance.</summary>
    private static bool LooksRight(ReadOnlySpan<byte> bytes, out PayloadFormat format)
    {
        // Not through frames to skip, of which each is a place to look at anew: what they lead to is found in its own place.
        if (PayloadFormats.DetectMagic(bytes) is not { } found)
        {
            format = default;
            return false;
        }

        format = found;
        return format switch
        {
            PayloadFormat.Gzip => bytes[2] == 8 && (bytes[3] & 0xe0) == 0,
            PayloadFormat.Bzip2 => bytes[3] is >= (byte)'1' and <= (byte)'9' && bytes.Slice(4, 6) is [0x31, 0x41, 0x59, 0x26, 0x53, 0x59],
            PayloadFormat.Lzma => IsLzma(bytes),
            PayloadFormat.None => bytes[4] is 1 or 2 && bytes[5] == 1 && bytes[6] == 1,
            _ => true,
        };
    }

    private static bool IsLzma(ReadOnlySpan<byte> bytes)
    {
        LzmaHeader header = LzmaHeader.Parse(bytes);
        (uint dictionary, ulong size) = (header.DictionarySize, header.UncompressedSize);
        bool isPossible = dictionary >= 1 << 12 && uint.PopCount(dictionary) <= 2 && size is ulong.MaxValue or <= int.MaxValue;
        return isPossible && bytes[LzmaHeader.Layout.Size] == 0;
    }

    /// <summary>
    /// Finds out how long a payload is: Linux's linker script for packed kernels puts the length, 32 bits, in front of it. It is believed
    /// where the payload's own end bears it out.
    /// </summary>
    private static FoundPayload Measure(ReadOnlyMemory<byte> part, int at, PayloadFormat format)
    {
        int rest = part.Length - at;
        if (format == PayloadFormat.Gzip && at >= sizeof(uint))
        {
            ReadOnlySpan<byte> bytes = part.Span;
            uint length = PayloadTrailer.Parse(bytes[(at - sizeof(uint))..]).Size;
            if (length >= MinimumLength && length <= rest)
            {
                uint size = PayloadTrailer.Parse(bytes[(at + (int)length - sizeof(uint))..]).Size;

                // Deflate packs at most 1032 to 1, and never makes anything longer by more than a few bytes.
                if (size <= 1032L * length && size >= length / 2)
                    return new FoundPayload(format, at, (int)length, PayloadEnd.SizeTrailer);
            }
        }

        return new FoundPayload(format, at, rest, format == PayloadFormat.None ? PayloadEnd.Exact : PayloadEnd.Open);
    }

    /// <summary>
    /// Bytes of a payload to try: as many as its beginning may take, so that the work does not grow with all that may follow it.
    /// </summary>
    private static int ProbedLength(FoundPayload candidate) => candidate.End switch
    {
        PayloadEnd.Open => Math.Min(candidate.Length, HasLargeBlocks(candidate.Format) ? LargestProbedBlock : LargestProbe),
        _ => candidate.Length,
    };

    private static bool HasLargeBlocks(PayloadFormat format) => format is PayloadFormat.Bzip2 or PayloadFormat.Lzo or PayloadFormat.Lz4;

    /// <summary>Decodes a beginning.</summary>
    /// <returns>The bytes that came; 0 if it cannot be decoded.</returns>
    private static int Probe(ReadOnlyMemory<byte> payload, FoundPayload candidate, byte[] output)
    {
        try
        {
            var options = new PayloadOptions { End = candidate.End, Limits = _limits, Workers = 1 };
            using var decoder = PayloadDecoder.Create(candidate.Format, payload, options);
            return decoder.Decode(output, ProbeLength);
        }
        catch (BootFormatException)
        {
            return 0;
        }
    }
}
