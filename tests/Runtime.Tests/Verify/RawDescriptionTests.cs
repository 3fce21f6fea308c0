using BootProtocol.Domains;
using BootProtocol.Memory;
using BootProtocol.Output;
using BootProtocol.Runtime.Tests.XenPv;
using BootProtocol.Testing;
using BootProtocol.Verify;

namespace BootProtocol.Runtime.Tests.Verify;

/// <summary>What a raw domain's description says is what the domain is.</summary>
public sealed class RawDescriptionTests
{
    [Theory]
    [InlineData("sample-32", true)]
    [InlineData("sample-64", true)]
    [InlineData("sample-64", false)]
    public void A_domain_is_read_back_with_its_own_frames(string kernel, bool isShuffled)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("domain");
        IMachineFrames frames = isShuffled ? new ShuffledFrames(0x20000, 48 << 8) : new ContiguousFrames(new Mfn(0x7000));
        using XenPvDomain domain = PvDomains.Build(PvDomains.Image(kernel), new XenPvBuilder { MemorySize = 48 << 20, Frames = frames });
        RawOutput.Write(domain, path);

        RawDescription description = RawDescription.Parse(File.ReadAllBytes(path + RawDescription.Extension));
        Assert.Equal((domain.Placement.Word, domain.FrameCount, domain.LaidOutEnd.Value), (description.Word, description.FrameCount, description.LaidOutFrames));
        for (ulong pfn = 0; pfn < domain.FrameCount; pfn++)
            Assert.Equal(frames[new Pfn(pfn)], description.Frames[new Pfn(pfn)]);
        description.CheckFiles(path);
        XenPvImage image = XenPvImage.ReadRaw(path, description.FrameCount, description.Frames);
        using GuestMemory memory = image.Memory;
        Assert.Empty(XenPvVerifier.Verify(image));
        if (isShuffled)
            Assert.Equal(new Mfn(ulong.MaxValue), description.Frames[new Pfn(domain.FrameCount)]);
    }
}
