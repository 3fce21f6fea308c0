using BootProtocol.Images;
using BootProtocol.LinuxX86;
using BootProtocol.Sample;
using K4os.Compression.LZ4;

namespace BootProtocol.Runtime.Tests.Sample;

/// <summary>The bzImage: every part is where its header says.</summary>
public sealed class SampleImageTests
{
    private const int Lz4HeadSize = 8;

    [Theory]
    [InlineData(WordSize.Bits64)]
    [InlineData(WordSize.Bits32)]
    public void IsTheSameEveryTime(WordSize word) => Assert.Equal(SampleGuest.Create(word), SampleGuest.Create(word));

    [Theory]
    [InlineData(WordSize.Bits64)]
    [InlineData(WordSize.Bits32)]
    public void IsAWholeImage(WordSize word)
    {
        byte[] bytes = SampleGuest.Create(word);
        using var image = BootImage.Open(bytes);
        Assert.Equal(ImageKind.BzImage, image.Kind);
        Assert.Equal(new ProtocolVersion(2, 15), image.Protocol);
        Assert.Equal(0x26c, image.SetupHeaderEnd);
        Assert.Equal(bytes.Length, image.ImageLength);
        Assert.Equal(ChecksumState.Valid, image.Checksum);
        Assert.Equal("1.0.0-sample (bootproto) #1 sample guest that reports how it was started", image.KernelVersion);

        Assert.True(image.TryGetKernelInfo(out KernelInfo info, out _));
        Assert.Equal((uint)KernelInfo.Layout.Size, info.Size);
        Assert.Equal(info.Size, info.SizeTotal);

        SetupHeader header = image.SetupHeader;
        Assert.Equal(word == WordSize.Bits64, header.Xloadflags.HasFlag(XloadFlags.Kernel64));
        Assert.Equal(LoadFlags.LoadedHigh, header.Loadflags);
        Assert.True(header.InitSize >= SampleKernel.Link(word).MemorySize);
    }

    [Theory]
    [InlineData(WordSize.Bits64)]
    [InlineData(WordSize.Bits32)]
    public void PayloadIsTheKernelAndItsRelocations(WordSize word)
    {
        using var image = BootImage.Open(SampleGuest.Create(word));
        SetupHeader header = image.SetupHeader;
        ReadOnlySpan<byte> payload = image.Bytes.Slice(image.SetupLength + (int)header.PayloadOffset!, (int)header.PayloadLength!);
        Assert.Equal(0x184c2102u, BitConverter.ToUInt32(payload));
        Assert.Equal((uint)payload.Length - Lz4HeadSize - sizeof(uint), BitConverter.ToUInt32(payload[4..]));

        byte[] unpacked = new byte[BitConverter.ToUInt32(payload[^4..])];
        Assert.Equal(unpacked.Length, LZ4Codec.Decode(payload[Lz4HeadSize..^4], unpacked));
        SampleKernel kernel = SampleKernel.Link(word);
        Assert.Equal([.. kernel.Elf.Span, .. kernel.RelocationBytes.Span], unpacked);
    }
}
