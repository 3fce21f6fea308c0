using BootProtocol.Decompress;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>Ways to decode a payload, for the tests to compare.</summary>
internal static class Decoding
{
    /// <summary>Decodes all of a payload at once.</summary>
    public static byte[] Whole(PayloadFormat format, ReadOnlyMemory<byte> payload, PayloadOptions? options = null)
    {
        using var decoder = PayloadDecoder.Create(format, payload, options);
        return Whole(decoder);
    }

    /// <summary>Decodes a payload in many steps, into memory that is in part too short for it and changes its place.</summary>
    public static byte[] InSteps(PayloadFormat format, ReadOnlyMemory<byte> payload, PayloadOptions? options, Random random)
    {
        using var decoder = PayloadDecoder.Create(format, payload, options);
        byte[] output = new byte[decoder.Length is { } known && random.Next(2) == 0 ? known : random.Next(1000)];
        int idle = 0;
        while (!decoder.IsComplete)
        {
            int before = decoder.Position;
            int most = Math.Min(output.Length - before, random.Next(3) == 0 ? 200_000 : 300);
            int count = before + random.Next(most + 1);
            int position = decoder.Decode(output, count);
            Assert.Equal(decoder.Position, position);
            Assert.True(position >= count || decoder.IsComplete || position >= output.Length - PayloadDecoder.Slack);
            if (decoder.IsComplete || random.Next(4) != 0 || output.Length == decoder.Length)
            {
                idle = position > before ? 0 : idle + 1;
                Assert.True(idle < 1000, "no progress");
                if (idle < 20)
                    continue;
            }

            // What is behind the position is undefined: it must not matter.
            var other = new byte[decoder.Length == output.Length ? output.Length : output.Length + random.Next(300_000)];
            random.NextBytes(other);
            output.AsSpan(0, position).CopyTo(other);
            output = other;
        }
        return output[..decoder.Position];
    }

    private static byte[] Whole(PayloadDecoder decoder)
    {
        var output = decoder.DecodeWhole();
        Assert.True(decoder.IsComplete);
        Assert.Equal(output.Length, decoder.Position);
        return output.ToArray();
    }
}
