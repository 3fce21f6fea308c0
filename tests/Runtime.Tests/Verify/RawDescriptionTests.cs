using System.Text;
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
        Assert.Equal(
            (domain.Placement.Word, domain.FrameCount, domain.LaidOutEnd.Value),
            (description.Word, description.FrameCount, description.LaidOutFrames));
        for (ulong pfn = 0; pfn < domain.FrameCount; pfn++)
            Assert.Equal(frames[new Pfn(pfn)], description.Frames[new Pfn(pfn)]);
        description.CheckFiles(path);
        XenPvImage image = XenPvImage.ReadRaw(path, description.FrameCount, description.Frames);
        using GuestMemory memory = image.Memory;
        Assert.Empty(XenPvVerifier.Verify(image));
        if (isShuffled)
            Assert.Equal(new Mfn(ulong.MaxValue), description.Frames[new Pfn(domain.FrameCount)]);
    }

    /// <summary>JSON may escape half of a character, which no name has.</summary>
    [Fact]
    public void JSON_whose_names_are_no_text_is_no_description()
    {
        Assert.True(RawDescription.IsOne("{\"boot\":1}"u8.ToArray()));
        Assert.False(RawDescription.IsOne("{\"b\\ud800\":1}"u8.ToArray()));
    }

    /// <summary>However many frames are named by a few words, they take no memory.</summary>
    [Fact]
    public void Frames_in_pieces_take_no_memory()
    {
        const string Frames = """{"pfn":"0x0","mfn":"0x5000","count":1},{"pfn":"0x1","mfn":"0x100000","count":4194303}""";
        RawDescription description = RawDescription.Parse(Json(Frames, 1 << 22));
        using GuestMemory memory = GuestMemory.Allocate();
        var image = new XenPvImage
        {
            Word = WordSize.Bits64,
            Memory = memory,
            FrameCount = description.FrameCount,
            Frames = description.Frames,
            Context = default,
            SharedInfo = default,
        };
        long before = GC.GetAllocatedBytesForCurrentThread();
        var machine = new MachineMap(image);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal(new Pfn(0), machine.Find(new Mfn(0x5000)));
        Assert.Null(machine.Find(new Mfn(0x4fff)));
        Assert.Null(machine.Find(new Mfn(0x5001)));
        Assert.Equal(new Pfn(1), machine.Find(new Mfn(0x100000)));
        Assert.Equal(new Pfn((1 << 22) - 1), machine.Find(new Mfn(0x100000 + (1 << 22) - 2)));
        Assert.Null(machine.Find(new Mfn(0x100000 + (1 << 22) - 1)));
    }

    [Theory]
    [InlineData("0x100000")]
    [InlineData("0x100001")]
    [InlineData("0xffffffffffffffff")]
    public void Machine_frame_behind_two_frames_is_refused(string mfn)
    {
        string frames = $$"""{"pfn":"0x0","mfn":"{{mfn}}","count":2},{"pfn":"0x2","mfn":"0x100000","count":2}""";
        BootFormatException refused = Assert.Throws<BootFormatException>(() => RawDescription.Parse(Json(frames, 4)));
        Assert.StartsWith("description.frames: expected machine frames ", refused.Message, StringComparison.Ordinal);
    }

    private static byte[] Json(string frames, int count) => Encoding.UTF8.GetBytes(
        """{"boot":"xen-pv","raw":{"page_size":4096,"frames":1,"shared_frames":1},"kernel":{"class":64},"""
        + $$""" "xen_pv":{"nr_frames":{{count}}},"frames":[{{frames}}]}""");
}
