using BootProtocol.Decompress;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>What a decoder came to: the same, whatever its memory held before.</summary>
/// <param name="Bytes">What it reports as decoded.</param>
/// <param name="IsComplete">Whether that is all.</param>
/// <param name="Fault">The one error, if there was one.</param>
internal sealed record WrittenBytes(byte[] Bytes, bool IsComplete, string? Fault)
{
    // There are many thousand runs, each of which would leave large objects behind.
    [ThreadStatic]
    private static byte[]? t_memory;

    /// <summary>Decodes twice, into memory that holds two patterns which no byte has in common, and compares what is reported.</summary>
    /// <param name="format">The format.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="end">What is known of its end.</param>
    /// <param name="room">Bytes of memory for the output.</param>
    /// <param name="counts">Bytes to ask for, one after the other; then as many as there is room for.</param>
    public static WrittenBytes Decode(PayloadFormat format, ReadOnlyMemory<byte> payload, PayloadEnd end, int room, params int[] counts)
    {
        WrittenBytes first = Decode(0x5a, format, payload, end, room, counts);
        WrittenBytes second = Decode(0xa5, format, payload, end, room, counts);
        Assert.Equal(first.Bytes.Length, second.Bytes.Length);
        Assert.True(first.Bytes.AsSpan().SequenceEqual(second.Bytes), $"{format}: bytes that were there before, {first.Fault}");
        Assert.Equal((first.IsComplete, first.Fault), (second.IsComplete, second.Fault));
        return first;
    }

    private static WrittenBytes Decode(
        byte filling, PayloadFormat format, ReadOnlyMemory<byte> payload, PayloadEnd end, int room, int[] counts)
    {
        if (t_memory is null || t_memory.Length < room)
            t_memory = new byte[room];
        Memory<byte> output = t_memory.AsMemory(0, room);
        output.Span.Fill(filling);
        int position = 0;
        try
        {
            var options = new PayloadOptions { End = end, Limits = new() { MaximumOutput = 8 << 20 }, Workers = 2 };
            using var decoder = PayloadDecoder.Create(format, payload, options);
            try
            {
                foreach (int count in counts)
                    decoder.Decode(output, Math.Min(count, room));
                decoder.Decode(output, room);
            }
            finally
            {
                position = decoder.Position;
            }
            return new WrittenBytes(output.Span[..position].ToArray(), decoder.IsComplete, null);
        }
        catch (BootFormatException e)
        {
            Assert.DoesNotContain('\n', e.Message);
            return new WrittenBytes(output.Span[..position].ToArray(), false, e.Message);
        }
    }
}
