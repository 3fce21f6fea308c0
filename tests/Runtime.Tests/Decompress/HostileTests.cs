using BootProtocol.Decompress;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>Whatever the bytes: a result, or the one exception, soon.</summary>
[Needs(Need.Tools)]
public sealed class HostileTests
{
    private static readonly Limits s_small = new() { MaximumOutput = 1 << 20 };

    public static TheoryData<string> Packers => new(Packer.All.Select(packer => packer.Command));

    [Theory]
    [MemberData(nameof(Packers))]
    public void Every_beginning_of_a_payload_is_refused(string command)
    {
        var packer = Packer.Find(command);
        byte[] bytes = Sample.Mixed(1400);
        byte[] stream = packer.Pack(bytes);
        byte[] payload = packer.WithSize(stream, (uint)bytes.Length);
        for (int length = 0; length < payload.Length; length++)
            Assert.ThrowsAny<BootFormatException>(() => Decoding.Whole(packer.Format, payload.AsMemory(0, length)));
        foreach (var end in (PayloadEnd[])[PayloadEnd.Exact, PayloadEnd.Open])
        {
            for (int length = 0; length < stream.Length; length++)
            {
                // Only legacy LZ4 has no end mark, so a part of it may be whole.
                bool isDecoded = TryDecode(packer.Format, stream.AsMemory(0, length), end) is not null;
                Assert.True(!isDecoded || packer.Command.StartsWith("lz4 -l", StringComparison.Ordinal), $"{end}: {length} bytes");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Packers))]
    public void Every_changed_byte_gives_a_result_or_the_exception(string command)
    {
        var packer = Packer.Find(command);
        byte[] payload = packer.PackPayload(Sample.Mixed(1400));
        for (int i = 0; i < payload.Length; i++)
        {
            ReadOnlySpan<byte> changes = [0x01, 0x10, 0x80, 0xff];
            for (int j = 0; j < changes.Length; j++)
            {
                byte[] changed = [.. payload];
                changed[i] ^= changes[j];
                TryDecode(packer.Format, changed, (i + j) % 2 == 0 ? PayloadEnd.SizeTrailer : PayloadEnd.Open);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Packers))]
    public void Random_damage_gives_a_result_or_the_exception(string command)
    {
        var packer = Packer.Find(command);
        byte[] stream = packer.Pack(Sample.Mixed(150_000));
        var random = new Random(1);
        for (int round = 0; round < 150; round++)
        {
            byte[] changed = [.. stream];
            for (int i = random.Next(1, 8); i > 0; i--)
            {
                int at = random.Next(changed.Length);
                int length = Math.Min(random.Next(1, 40), changed.Length - at);
                switch (random.Next(4))
                {
                    case 0:
                        random.NextBytes(changed.AsSpan(at, length));
                        break;
                    case 1:
                        changed.AsSpan(at, length).Fill((byte)(random.Next(2) * 255));
                        break;
                    case 2:
                        changed.AsSpan(random.Next(changed.Length - length), length).CopyTo(changed.AsSpan(at));
                        break;
                    default:
                        changed[at] = (byte)random.Next(256);
                        break;
                }
            }
            TryDecode(packer.Format, changed, PayloadEnd.Exact);
            TryDecode(packer.Format, changed, PayloadEnd.Open);
        }
    }

    [Theory]
    [MemberData(nameof(Packers))]
    public void A_wrong_size_trailer_is_refused(string command)
    {
        var packer = Packer.Find(command);
        byte[] bytes = Sample.Mixed(5000);
        byte[] stream = packer.Pack(bytes);
        foreach (uint size in (uint[])[0, 1, 4999, 5001, 1 << 20, (1 << 30) + 1, 3u << 30, uint.MaxValue])
        {
            byte[] payload = packer.WithSize(stream, size);
            Assert.Throws<BootFormatException>(() => Decoding.Whole(packer.Format, payload));
        }
    }

    /// <summary>Who asks for byte after byte gets one each time, or the exception: a block that does not fit is no reason to wait.</summary>
    [Theory]
    [MemberData(nameof(Packers))]
    public void A_wrong_size_trailer_is_refused_in_steps(string command)
    {
        var packer = Packer.Find(command);
        byte[] stream = packer.Pack(Sample.Mixed(5000));
        foreach (uint size in (uint[])[1, 3, 4000])
        {
            using var decoder = PayloadDecoder.Create(packer.Format, packer.WithSize(stream, size));
            byte[] output = new byte[size];
            Assert.Throws<BootFormatException>(() =>
            {
                while (!decoder.IsComplete)
                {
                    int before = decoder.Position;
                    Assert.True(decoder.Decode(output, Math.Min(before + 1, output.Length)) > before, $"no progress from {before} on");
                }
            });
        }
    }

    [Theory]
    [MemberData(nameof(Packers))]
    public void Output_beyond_the_limit_is_refused(string command)
    {
        var packer = Packer.Find(command);
        byte[] bytes = Sample.Make("zeros", 24 << 20);
        byte[] stream = packer.Pack(bytes);
        byte[] payload = packer.WithSize(stream, (uint)bytes.Length);
        byte[] lie = packer.WithSize(stream, 5000);
        Refused(() => Decoding.Whole(packer.Format, payload, new PayloadOptions { Limits = s_small }));
        Refused(() => Decoding.Whole(packer.Format, lie, new PayloadOptions { Limits = s_small }));
        foreach (var end in (PayloadEnd[])[PayloadEnd.Exact, PayloadEnd.Open])
            Refused(() => Decoding.Whole(packer.Format, stream, new PayloadOptions { End = end, Limits = s_small }));
        var just = new Limits { MaximumOutput = bytes.Length };
        Assert.Equal(bytes, Decoding.Whole(packer.Format, stream, new() { End = PayloadEnd.Exact, Limits = just }));

        void Refused(Action decode)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            var refusal = Assert.Throws<BootFormatException>(decode);
            Assert.DoesNotContain('\n', refusal.Message);
            // A decoder's own memory, and the output grown to its limit in steps.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20 << 20);
        }
    }

    [Theory]
    [MemberData(nameof(Packers))]
    public void A_limit_is_inclusive(string command)
    {
        var packer = Packer.Find(command);
        byte[] bytes = Sample.Mixed(20_000);
        byte[] stream = packer.Pack(bytes);
        foreach (var end in (PayloadEnd[])[PayloadEnd.Exact, PayloadEnd.Open])
        {
            var just = new Limits { MaximumOutput = bytes.Length };
            Assert.Equal(bytes, Decoding.Whole(packer.Format, stream, new() { End = end, Limits = just }));
            var refusal = Assert.Throws<BootFormatException>(
                () => Decoding.Whole(packer.Format, stream, new() { End = end, Limits = new() { MaximumOutput = bytes.Length - 1 } }));
            Assert.Contains("at most 19999 bytes of output", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Bytes_of_no_format_are_refused()
    {
        foreach (byte[] bytes in (byte[][])[[], [0x1f], [0x1f, 0x8c, 8], [0x50, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff], new byte[100]])
        {
            Assert.False(PayloadFormats.TryDetect(bytes, out _));
            var refusal = Assert.Throws<BootFormatException>(() => PayloadDecoder.Create(bytes));
            Assert.Equal(("payload", "magic", 0L), (refusal.Structure, refusal.Field, refusal.Offset));
        }
    }

    [Fact]
    public void A_failure_is_final()
    {
        byte[] payload = Packer.Find("gzip -n -9").PackPayload(Sample.Mixed(10_000));
        payload[payload.Length / 2] ^= 0xff;
        using var decoder = PayloadDecoder.Create(payload);
        var output = new byte[10_000];
        var first = Assert.Throws<BootFormatException>(() => decoder.Decode(output, output.Length));
        var second = Assert.Throws<BootFormatException>(() => decoder.Decode(output, output.Length));
        Assert.Equal(first.Message, second.Message);
        Assert.False(decoder.IsComplete);
    }

    private static byte[]? TryDecode(PayloadFormat format, ReadOnlyMemory<byte> payload, PayloadEnd end)
    {
        try
        {
            return Decoding.Whole(format, payload, new PayloadOptions { End = end, Limits = s_small });
        }
        catch (BootFormatException e)
        {
            Assert.DoesNotContain('\n', e.Message);
            return null;
        }
    }
}
