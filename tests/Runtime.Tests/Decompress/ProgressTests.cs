using System.Collections.Concurrent;
using BootProtocol.Decompress;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Decompress;

[Needs(Need.Tools)]
public sealed class ProgressTests
{
    private static readonly byte[] s_bytes = [.. Sample.Make("code", 3_000_000), .. Sample.Make("zeros", 2_000_000)];
    private static readonly ConcurrentDictionary<string, Lazy<byte[]>> s_payloads = new();

    public static TheoryData<string> Packers => new(Packer.OfKernels.Select(packer => packer.Command));

    [Theory]
    [MemberData(nameof(Packers))]
    public void Progress_goes_to_the_end(string command)
    {
        var packer = Packer.Find(command);
        var progress = new Reports(null, 0);
        Assert.Equal(s_bytes, Decoding.Whole(packer.Format, Payload(packer), new PayloadOptions { Progress = progress }));
        Assert.Equal(s_bytes.Length, progress.Highest);
    }

    [Theory]
    [MemberData(nameof(Packers))]
    public void Decoding_can_be_cancelled_and_taken_up_again(string command)
    {
        var packer = Packer.Find(command);
        byte[] payload = Payload(packer);
        using var source = new CancellationTokenSource();
        var options = new PayloadOptions { Progress = new Reports(source, 1_000_000), Cancellation = source.Token };
        using var decoder = PayloadDecoder.Create(payload, options);
        var output = new byte[s_bytes.Length];
        Assert.ThrowsAny<OperationCanceledException>(() => decoder.Decode(output, output.Length));
        Assert.Equal(s_bytes.AsSpan(0, decoder.Position), output.AsSpan(0, decoder.Position));
        Assert.ThrowsAny<OperationCanceledException>(() => decoder.Decode(output, output.Length));
    }

    [Fact]
    public void A_decoder_goes_on_where_it_was_cancelled()
    {
        foreach (var packer in Packer.OfKernels)
        {
            byte[] payload = Payload(packer);
            var progress = new Interruption();
            using var decoder = PayloadDecoder.Create(payload, new PayloadOptions { Progress = progress, Workers = 2 });
            var output = new byte[s_bytes.Length];
            for (int attempt = 0; !decoder.IsComplete; attempt++)
            {
                try
                {
                    progress.Countdown = 1 + attempt;
                    decoder.Decode(output, output.Length);
                }
                catch (OperationCanceledException)
                {
                    Assert.Equal(s_bytes.AsSpan(0, decoder.Position), output.AsSpan(0, decoder.Position));
                    Assert.InRange(attempt, 0, 100);
                }
            }
            Assert.Equal(s_bytes, output);
        }
    }

    [Fact]
    public void A_disposed_decoder_refuses_to_go_on()
    {
        foreach (var packer in Packer.OfKernels)
        {
            var decoder = PayloadDecoder.Create(packer.PackPayload(s_bytes.AsMemory(0, 1000)));
            decoder.Dispose();
            decoder.Dispose();
            Assert.Throws<ObjectDisposedException>(() => decoder.Decode(new byte[1000], 1000));
        }
    }

    /// <summary>What decoders hold outside of the runtime's memory is given up when nobody uses it any more: else the process ends.</summary>
    [Fact]
    public void A_decoder_may_be_disposed_while_it_decodes()
    {
        foreach (var packer in Packer.OfKernels.Where(packer => packer.Format is PayloadFormat.Gzip or PayloadFormat.Zstd))
        {
            byte[] payload = Payload(packer);
            byte[] output = new byte[s_bytes.Length];
            for (int attempt = 0; attempt < 150; attempt++)
            {
                var decoder = PayloadDecoder.Create(payload);
                int turns = 500 * (attempt % 50);
                var other = new Thread(() =>
                {
                    Thread.SpinWait(turns);
                    decoder.Dispose();
                });
                other.Start();
                try
                {
                    decoder.Decode(output, output.Length);
                }
                catch (ObjectDisposedException)
                {
                    // It was disposed before the end.
                }

                other.Join();
                Assert.Throws<ObjectDisposedException>(() => decoder.Position);
            }
        }
    }

    [Fact]
    public void Arguments_are_checked()
    {
        using var decoder = PayloadDecoder.Create(Packer.Find("gzip -1").Pack(s_bytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => decoder.Decode(new byte[10], 11));
        Assert.Throws<ArgumentOutOfRangeException>(() => decoder.Decode(new byte[10], -1));
        Assert.Equal(10, decoder.Decode(new byte[10], 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => decoder.Decode(new byte[9], 9));
        Assert.Throws<InvalidOperationException>(() => decoder.DecodeWhole());
        Assert.Throws<ArgumentOutOfRangeException>(() => new PayloadOptions { Workers = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Limits { MaximumOutput = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => PayloadDecoder.Create((PayloadFormat)99, new byte[100]));
    }

    /// <summary>All bytes, packed once for all tests.</summary>
    private static byte[] Payload(Packer packer) => s_payloads.GetOrAdd(packer.Command, _ => new(() => packer.PackPayload(s_bytes))).Value;

    private sealed class Reports(CancellationTokenSource? source, long limit) : IProgress<long>
    {
        private long _highest;

        public long Highest => _highest;

        public void Report(long value)
        {
            InterlockedMax(value);
            if (value >= limit)
                source?.Cancel();
        }

        private void InterlockedMax(long value)
        {
            long seen;
            do
            {
                seen = Volatile.Read(ref _highest);
            }
            while (value > seen && Interlocked.CompareExchange(ref _highest, value, seen) != seen);
        }
    }

    private sealed class Interruption : IProgress<long>
    {
        public int Countdown;

        public void Report(long value)
        {
            if (Interlocked.Decrement(ref Countdown) == 0)
                throw new OperationCanceledException();
        }
    }
}
