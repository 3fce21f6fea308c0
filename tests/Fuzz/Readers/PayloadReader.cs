using BootProtocol.Decompress;
using BootProtocol.Fuzz.Peers;

namespace BootProtocol.Fuzz.Readers;

/// <summary>Decodes a payload whole and in steps, which have to give the same, and what the format's own library gives.</summary>
internal static class PayloadReader
{
    private const int MaximumOutput = 256 << 10;
    private static readonly Limits _small = new() { MaximumOutput = MaximumOutput, MaximumDecoderMemory = 8 << 20 };

    /// <summary>Takes the output of steps. What is behind a decoder's position may hold anything.</summary>
    private static readonly byte[] _room = new byte[MaximumOutput + PayloadDecoder.Slack];

    /// <summary>Decodes a stream of a format.</summary>
    public static void Read(PayloadFormat format, byte[] stream, Facts facts)
    {
        PeerComparison.Compare(format, stream);
        byte[]? whole = null;
        facts.Ask("whole", () => (whole = DecodeWhole(format, stream, PayloadEnd.Exact)).Length);
        facts.Mended = ChecksumMender.Mend(stream, facts.Refusal);
        int? steps = null;
        facts.Ask("in steps", () => steps = DecodeInSteps(format, stream));
        byte[]? first = null;
        facts.Ask("first", () => (first = DecodeWhole(format, stream, PayloadEnd.Open)).Length);
        if (whole is null)
            return;
        Require(whole.Length <= MaximumOutput, "more output than the limit allows");
        Require(steps is { } length && _room.AsSpan(0, length).SequenceEqual(whole), "other output in steps");
        Require(first is not null && whole.AsSpan().StartsWith(first), "other output where something may follow");

        // The last word of gzip is its size already.
        byte[] payload = format is PayloadFormat.Gzip ? stream : [.. stream, .. BitConverter.GetBytes(whole.Length)];
        facts.Ask("with a size", () => DecodeWhole(format, payload, PayloadEnd.SizeTrailer).AsSpan().SequenceEqual(whole));
    }

    private static byte[] DecodeWhole(PayloadFormat format, byte[] stream, PayloadEnd end)
    {
        using var decoder = PayloadDecoder.Create(format, stream, Options(end));
        return decoder.DecodeWhole().ToArray();
    }

    private static int DecodeInSteps(PayloadFormat format, byte[] stream)
    {
        using var decoder = PayloadDecoder.Create(format, stream, Options(PayloadEnd.Exact));
        for (int step = 1; !decoder.IsComplete; step = (step * 3) + 1)
        {
            int before = decoder.Position;
            int position = decoder.Decode(_room, Math.Min(before + step, _room.Length));
            Require(position > before || decoder.IsComplete, "no progress");
        }

        return decoder.Position;
    }

    /// <summary>One worker: what others count at the same time is not this input's.</summary>
    private static PayloadOptions Options(PayloadEnd end) => new() { End = end, Limits = _small, Workers = 1 };

    private static void Require(bool isTrue, string otherwise)
    {
        if (!isTrue)
            throw new InvalidOperationException(otherwise);
    }
}
