using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Sample;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Kernels;

/// <summary>The kernel of an image as a stream.</summary>
public sealed class KernelStreamTests
{
    [Fact]
    public void A_stream_reads_what_the_kernel_has_wherever_it_is_sought()
    {
        using var image = BootImage.Open(SampleGuest.Create(WordSize.Bits64));
        using Kernel kernel = image.Decompress();
        byte[] all = kernel.DecodeAll().ToArray();
        using Stream stream = kernel.OpenRead();
        Assert.Equal(all.Length, stream.Length);
        Gen.Select(Gen.Int[0, all.Length + 10], Gen.Int[0, 5000]).Sample((position, length) =>
        {
            byte[] buffer = new byte[length];
            stream.Position = position;
            int count = stream.Read(buffer, 0, length);
            int expected = Math.Clamp(all.Length - position, 0, length);
            return count == expected && stream.Position == position + count
                && buffer.AsSpan(0, count).SequenceEqual(all.AsSpan(Math.Min(position, all.Length), count))
                && !buffer.AsSpan(count).ContainsAnyExcept((byte)0);
        }, threads: 1);
    }

    [Fact]
    public void A_kernel_is_decoded_as_far_as_it_is_read()
    {
        // The end of it is broken.
        byte[] kernel = new byte[8 << 20];
        "\u007fELF"u8.CopyTo(kernel);
        byte[] payload = PackedImage.Gzip(kernel);
        payload[^8] ^= 1;
        using var image = BootImage.Open(PackedImage.Create(payload));
        using Kernel opened = image.Decompress();
        using Stream stream = opened.OpenRead();
        stream.Seek(1 << 20, SeekOrigin.Begin);
        Assert.InRange(opened.DecodedLength, 0, 1 << 20);
        stream.ReadExactly(new byte[1000]);
        Assert.InRange(opened.DecodedLength, (1 << 20) + 1000, 4 << 20);
        stream.Seek(-1, SeekOrigin.End);
        Assert.Throws<BootFormatException>(() => stream.ReadByte());
    }

    [Fact]
    public void A_stream_keeps_to_the_rules_of_streams()
    {
        byte[] bytes = [.. "\u007fELF"u8, .. new byte[6]];
        using var image = BootImage.Open(bytes);
        using Kernel kernel = image.Decompress();
        Stream stream = kernel.OpenRead();
        using Stream other = kernel.OpenRead();
        Assert.Equal((true, true, false), (stream.CanRead, stream.CanSeek, stream.CanWrite));
        Assert.Equal(0x7f, stream.ReadByte());
        Assert.Equal(3, stream.Seek(2, SeekOrigin.Current));
        Assert.Equal('F', stream.ReadByte());
        Assert.Equal(10, stream.Seek(0, SeekOrigin.End));
        Assert.Equal(-1, stream.ReadByte());
        Assert.Equal(long.MaxValue, stream.Seek(long.MaxValue, SeekOrigin.Begin));
        Assert.Equal(0, stream.Read(new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Seek(1, SeekOrigin.Current));
        Assert.Throws<IOException>(() => stream.Seek(-1, SeekOrigin.Begin));
        Assert.Throws<IOException>(() => stream.Position = -1);
        Assert.Equal(long.MaxValue, stream.Position);
        Assert.Throws<NotSupportedException>(() => stream.Write(new byte[1], 0, 1));
        Assert.Throws<NotSupportedException>(() => stream.SetLength(1));
        Assert.Equal(0, other.Position);

        stream.Dispose();
        Assert.Equal((false, false, false), (stream.CanRead, stream.CanSeek, stream.CanWrite));
        Assert.Throws<ObjectDisposedException>(() => stream.Read(new byte[1]));
        Assert.Throws<ObjectDisposedException>(() => stream.Length);
        Assert.Throws<ObjectDisposedException>(() => stream.Position);
        Assert.Throws<ObjectDisposedException>(() => stream.Seek(0, SeekOrigin.Begin));
        Assert.Equal(0x7f, other.ReadByte());
        Assert.Equal(10, kernel.DecodeAll().Length);
    }
}
