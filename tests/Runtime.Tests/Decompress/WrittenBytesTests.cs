using System.Buffers.Binary;
using BootProtocol.Decompress;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>No byte counts as decoded that was not written in this run; and what counts is what the format's tool writes.</summary>
public sealed class WrittenBytesTests
{
    private const int Slack = PayloadDecoder.Slack;

    private static readonly PayloadEnd[] s_ends = [PayloadEnd.Exact, PayloadEnd.SizeTrailer, PayloadEnd.Open];

    public static TheoryData<string> Packers => new(Packer.All.Select(packer => packer.Command));

    public static TheoryData<string> KernelPackers => new(Packer.OfKernels.Select(packer => packer.Command));

    [Theory]
    [MemberData(nameof(Packers))]
    [Needs(Need.Tools)]
    public void A_cut_stream_gives_a_beginning_of_its_output(string command)
    {
        var packer = Packer.Find(command);
        foreach ((byte[] bytes, int step) in new[] { (Sample.Mixed(1000), 1), (Sample.Make("code", 300_000), 4801), (Sample.Make("zeros", 300_000), 7) })
        {
            byte[] stream = packer.Pack(bytes);
            for (int length = 0; length < stream.Length; length += step)
            {
                // A size behind gzip would be more of its data.
                PayloadEnd end = s_ends[length % s_ends.Length];
                if (packer.Format == PayloadFormat.Gzip && end == PayloadEnd.SizeTrailer)
                    end = PayloadEnd.Exact;
                byte[] cut = end == PayloadEnd.SizeTrailer ? Packer.WithTrailer(stream[..length], (uint)bytes.Length) : stream[..length];
                WrittenBytes written = WrittenBytes.Decode(packer.Format, cut, end, bytes.Length + Slack, 1, 700, 150_000);
                Assert.True(bytes.AsSpan().StartsWith(written.Bytes), $"{length} of {stream.Length} bytes");
                // Only legacy LZ4 has no end mark, so a part of it may be whole.
                Assert.True(written.Fault is not null || command.StartsWith("lz4 -l", StringComparison.Ordinal), $"{length}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Packers))]
    [Needs(Need.Tools)]
    public void A_changed_byte_brings_up_nothing_of_what_was_there_before(string command)
    {
        var packer = Packer.Find(command);
        byte[] bytes = Sample.Mixed(1200);
        byte[] stream = packer.Pack(bytes);
        for (int at = 0; at < stream.Length; at++)
        {
            byte change = ((ReadOnlySpan<byte>)[0x01, 0x80, 0xff])[at % 3];
            byte[] changed = [.. stream];
            changed[at] ^= change;
            Check(packer, changed, bytes.Length, at / 3);
        }
    }

    [Theory]
    [MemberData(nameof(Packers))]
    [Needs(Need.Tools)]
    public void Changed_bytes_in_many_places_neither(string command)
    {
        var packer = Packer.Find(command);
        var random = new Random(command.Length);
        foreach (byte[] bytes in (byte[][])[Sample.Make("code", 150_000), Sample.Make("text", 30_000), Sample.Make("zeros", 200_000)])
        {
            byte[] stream = packer.Pack(bytes);
            for (int round = 0; round < 60; round++)
            {
                byte[] changed = [.. stream];
                for (int i = random.Next(4); i >= 0; i--)
                    changed[random.Next(changed.Length)] = (byte)(random.Next(4) == 0 ? 0 : random.Next(256));
                Check(packer, changed, bytes.Length, round);
            }
        }
    }

    [Theory]
    [MemberData(nameof(KernelPackers))]
    [Needs(Need.Tools)]
    public void What_the_tool_gives_of_a_broken_file_is_what_is_decoded_of_it(string command)
    {
        var packer = Packer.Find(command);
        var random = new Random(7);
        byte[] bytes = Sample.Mixed(20_000);
        byte[] stream = packer.Pack(bytes);
        int taken = 0;
        for (int round = 0; round < 40; round++)
        {
            byte[] broken = round % 4 == 0 ? stream[..random.Next(stream.Length)] : [.. stream];
            if (round % 4 != 0)
                broken[random.Next(broken.Length)] ^= (byte)(1 << random.Next(8));
            (int exitCode, byte[] output) = Unpack(packer, broken);
            WrittenBytes written = WrittenBytes.Decode(packer.Format, broken, PayloadEnd.Exact, bytes.Length + Slack);

            // The tool writes in larger pieces, and may give up before it has written what it has; so one begins with the other.
            int common = Math.Min(output.Length, written.Bytes.Length);
            Assert.True(output.AsSpan(0, common).SequenceEqual(written.Bytes.AsSpan(0, common)), $"round {round}");
            if (written.Fault is not null)
                continue;
            taken++;
            Assert.Equal((0, output.Length), (exitCode, written.Bytes.Length));
        }
        // Most of a file is under a checksum; legacy LZ4 has none.
        Assert.InRange(taken, 0, command.StartsWith("lz4 -l", StringComparison.Ordinal) ? 39 : 8);
    }

    [Fact]
    public void A_zstd_block_that_is_too_large_for_its_window_is_no_full_room()
    {
        byte[] payload = Convert.FromHexString("28b52ffd04004d00001008000100b3f10116bddbcb4f");
        foreach (int room in (int[])[100, 100_000, 200_000, 1_000_000])
        {
            WrittenBytes written = WrittenBytes.Decode(PayloadFormat.Zstd, payload, PayloadEnd.Exact, room);
            Assert.Equal(([], false), (written.Bytes, written.IsComplete));
            Assert.StartsWith("zstd payload.block at offset 0x6: expected a compressed block of at most 1024 bytes", written.Fault, StringComparison.Ordinal);
        }
        WrittenBytes stated = WrittenBytes.Decode(PayloadFormat.Zstd, Packer.WithTrailer(payload, 100_000), PayloadEnd.SizeTrailer, 100_000);
        Assert.Empty(stated.Bytes);
        Assert.Contains("block", stated.Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)] // stored as it is
    [InlineData(1)] // one byte, repeated
    [Needs(Need.Tools)]
    public void Zstd_blocks_of_no_compression_are_no_larger_than_the_window(int kind)
    {
        // A window of 1 KiB; then one block, the last.
        WrittenBytes whole = WrittenBytes.Decode(PayloadFormat.Zstd, Frame(1024), PayloadEnd.Exact, 1024 + Slack, 1);
        Assert.Equal((1024, true), (whole.Bytes.Length, whole.IsComplete));
        Assert.Equal(Filter.Run("zstd -dc", Frame(1024)), whole.Bytes);
        WrittenBytes large = WrittenBytes.Decode(PayloadFormat.Zstd, Frame(1025), PayloadEnd.Exact, 1025 + Slack);
        Assert.StartsWith("zstd payload.block size", large.Fault, StringComparison.Ordinal);

        byte[] Frame(int size)
        {
            int header = size << 3 | kind << 1 | 1;
            byte[] data = kind == 0 ? Sample.Make("text", size) : [0x41];
            return [0x28, 0xb5, 0x2f, 0xfd, 0, 0, (byte)header, (byte)(header >> 8), (byte)(header >> 16), .. data];
        }
    }

    /// <summary>Nor are blocks larger than 128 KiB, whatever the window.</summary>
    [Theory]
    [InlineData(0x30)] // 64 KiB
    [InlineData(0x38)] // 128 KiB
    [InlineData(0x50)] // 1 MiB
    public void Zstd_blocks_have_at_most_128_KiB(byte window)
    {
        int most = Math.Min(128 << 10, 1 << (10 + (window >> 3)));
        for (int kind = 0; kind < 2; kind++)
        {
            WrittenBytes whole = WrittenBytes.Decode(PayloadFormat.Zstd, Frame(most, kind), PayloadEnd.Exact, most + Slack);
            Assert.Equal((most, true), (whole.Bytes.Length, whole.IsComplete));
            WrittenBytes large = WrittenBytes.Decode(PayloadFormat.Zstd, Frame(most + 1, kind), PayloadEnd.Exact, most + 1 + Slack);
            Assert.StartsWith("zstd payload.block size", large.Fault, StringComparison.Ordinal);
        }

        byte[] Frame(int size, int kind)
        {
            int header = size << 3 | kind << 1 | 1;
            byte[] data = kind == 0 ? new byte[size] : [0x41];
            return [0x28, 0xb5, 0x2f, 0xfd, 0, window, (byte)header, (byte)(header >> 8), (byte)(header >> 16), .. data];
        }
    }

    [Theory]
    [InlineData("zstd", "28b52ffd0058")]
    [InlineData("lz4 -l", "02214c18")]
    [InlineData("gzip", "1f8b0800000000000003")]
    [InlineData("lzma", "5d00000400ffffffffffffffff00")]
    [InlineData("bzip2", "425a6839314159265359")]
    [Needs(Need.Time)]
    public void Bytes_without_sense_bring_up_nothing_either(string name, string start)
    {
        byte[] header = Convert.FromHexString(start);
        Assert.True(PayloadFormats.TryDetect(header, out var format));
        for (int seed = 0; seed < 1500; seed++)
        {
            var random = new Random(seed);
            byte[] data = new byte[random.Next(3, 400)];
            random.NextBytes(data);
            for (int i = 0; i < data.Length && seed % 3 == 0; i++)
                data[i] &= (byte)random.Next(256);
            byte[] size = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(size, data.Length << 3 | 5);
            byte[] block = name switch { "zstd" => size[..3], "lz4 -l" => BitConverter.GetBytes(data.Length), _ => [] };
            WrittenBytes.Decode(format, (byte[])[.. header, .. block, .. data], s_ends[seed % 3], random.Next(300_000), random.Next(2000));
        }
    }

    private static void Check(Packer packer, byte[] stream, int length, int variant)
    {
        PayloadEnd end = s_ends[variant % s_ends.Length];
        byte[] payload = end == PayloadEnd.SizeTrailer ? packer.WithSize(stream, (uint)length) : stream;
        int room = (variant / s_ends.Length % 3) switch { 0 => length, 1 => length / 2, _ => length + Slack };
        WrittenBytes.Decode(packer.Format, payload, end, room, variant % 2 == 0 ? [] : [1, length / 3]);
    }

    private static (int ExitCode, byte[] Output) Unpack(Packer packer, byte[] bytes)
    {
        using var folder = new TemporaryFolder();
        string packed = folder.File("packed");
        string output = folder.File("output");
        File.WriteAllBytes(packed, bytes);
        ToolRun run = ToolRun.Start("sh", ["-c", $"{packer.UnpackCommand} < {packed} > {output}"], folder.Path);
        return (run.ExitCode, File.ReadAllBytes(output));
    }
}
