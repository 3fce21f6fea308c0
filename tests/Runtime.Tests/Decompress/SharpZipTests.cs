using BootProtocol.Decompress;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Testing;
using ICSharpCode.SharpZipLib.BZip2;
using ICSharpCode.SharpZipLib.GZip;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>gzip and bzip2 as another implementation reads and writes them.</summary>
public sealed class SharpZipTests
{
    private const int RandomisedAt = 4 + 6 + 4;

    public static TheoryData<string, int> Samples
    {
        get
        {
            var samples = new TheoryData<string, int>();
            foreach (string kind in Sample.Kinds)
            {
                foreach (int size in (int[])[0, 1, 5, 1000, 65_536, 300_001])
                    samples.Add(kind, size);
            }

            return samples;
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void What_it_packs_is_decoded(string kind, int size)
    {
        byte[] bytes = Sample.Make(kind, size);
        foreach (int level in (int[])[1, 6, 9])
        {
            byte[] gzip = Packed(stream => new GZipOutputStream(stream) { IsStreamOwner = false }, bytes, level);
            Assert.Equal(bytes, Decoding.Whole(PayloadFormat.Gzip, gzip, new() { End = PayloadEnd.Exact }));
            byte[] bzip2 = Packed(stream => new BZip2OutputStream(stream, level) { IsStreamOwner = false }, bytes, level);

            // Behind the magic numbers and the block's checksum a bit says that the block is randomised, which bzip2 has not written since 0.9.5.
            if (size > 0 && (bzip2[RandomisedAt] & 0x80) != 0)
                Assert.Contains("no randomised block", Assert.Throws<BootFormatException>(Decode).Message, StringComparison.Ordinal);
            else
                Assert.Equal(bytes, Decode());

            byte[] Decode() => Decoding.Whole(PayloadFormat.Bzip2, bzip2, new() { End = PayloadEnd.Exact });
        }
    }

    /// <summary>A payload of a real kernel, packed by the tools: both decode the same.</summary>
    [Theory]
    [InlineData("gzip")]
    [InlineData("bzip2")]
    [Needs(Need.Kernels)]
    public void A_real_kernel_is_decoded_alike(string format)
    {
        const string Name = "6.1-686-pae";
        byte[] packed = Runtime.Tests.Kernels.PackingTool.Pack(Name, format, DecodedKernels.Bytes(Name));
        using var source = new MemoryStream(packed);
        using Stream theirs = format == "gzip" ? new GZipInputStream(source) : new BZip2InputStream(source);
        using var expected = new MemoryStream();
        theirs.CopyTo(expected);
        using var image = BootImage.Open(packed);
        using Kernel kernel = image.Decompress();
        Assert.True(expected.ToArray().AsSpan().SequenceEqual(kernel.DecodeAll().Span));
    }

    private static byte[] Packed(Func<Stream, Stream> packer, byte[] bytes, int level)
    {
        using var packed = new MemoryStream();
        using (Stream stream = packer(packed))
        {
            (stream as GZipOutputStream)?.SetLevel(level);
            stream.Write(bytes);
        }

        return packed.ToArray();
    }
}
