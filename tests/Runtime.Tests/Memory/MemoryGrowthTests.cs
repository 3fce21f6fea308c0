using System.Buffers.Binary;
using BootProtocol.Decompress;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Runtime.Tests.Kernels;

namespace BootProtocol.Runtime.Tests.Memory;

/// <summary>Memory that is asked for grows with what is decoded, and not with what a few bytes claim.</summary>
public sealed class MemoryGrowthTests
{
    private const int MiB = 1 << 20;

    [Theory]
    [InlineData(5)]
    [InlineData(70)]
    [InlineData(200)]
    public void Output_of_unknown_size_takes_a_few_times_its_own(int mebibytes)
    {
        byte[] packed = PackedImage.Gzip(new byte[mebibytes * MiB]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using var decoder = PayloadDecoder.Create(packed, new PayloadOptions { End = PayloadEnd.Exact });
        Assert.Equal(mebibytes * MiB, decoder.DecodeWhole().Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, mebibytes * MiB, (6L * mebibytes * MiB) + MiB);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public void Output_that_is_less_than_stated_takes_a_few_times_its_own(int mebibytes)
    {
        byte[] kernel = new byte[mebibytes * MiB];
        "\u007fELF"u8.CopyTo(kernel);
        byte[] payload = PackedImage.Gzip(kernel);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(^4..), 1 << 30);
        using var image = BootImage.Open(PackedImage.Create(payload));
        long before = GC.GetAllocatedBytesForCurrentThread();
        using Kernel opened = image.Decompress();
        Assert.Equal(1 << 30, opened.Length);
        Assert.True(opened.IsElf);
        Assert.Throws<BootFormatException>(() => opened.DecodeAll());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, MiB, (6L * mebibytes * MiB) + MiB);
    }
}
