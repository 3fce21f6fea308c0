using System.Text.Json;
using BootProtocol.Domains;
using BootProtocol.Memory;
using BootProtocol.Output;
using BootProtocol.Testing;
using BootProtocol.Verify;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Output;

/// <summary>Whatever the layout: what is written is read back, by our reader and by another one, and is the guest's memory to the byte.</summary>
public sealed class ReadBackTests
{
    private const int Layouts = 60;

    [Fact]
    public void One_file_holds_all_memory() => TestGuest.Any.Sample(
        static guest =>
        {
            using Domain domain = guest.Build();
            byte[] file = TestGuest.ToElf(domain);
            Assert.Null(PhysicalImage.Ours(file).Difference(PhysicalImage.MemoryOf(domain)));
            Assert.Null(PhysicalImage.Theirs(file).Difference(PhysicalImage.MemoryOf(domain)));
        },
        iter: Layouts);

    [Fact]
    public void Raw_frames_are_all_memory() => TestGuest.Any.Sample(
        static guest =>
        {
            using var folder = new TemporaryFolder();
            using Domain domain = guest.Build();
            RawOutput.Write(domain, folder.File("out"));
            byte[] file = File.ReadAllBytes(folder.File("out"));
            int frames = file.Length - domain.SharedFrames.Length;
            Assert.Equal(0, frames % GuestMemory.PageSize);
            Assert.Null(PhysicalImage.Raw(file[..frames]).Difference(
                domain.Memory.Extents.Select(static extent => (extent.Start.Value, (ReadOnlyMemory<byte>)extent.Memory))));
            Assert.True(file.AsSpan(frames).SequenceEqual(domain.SharedFrames.Span));
            Assert.Equal(!domain.VcpuContext.IsEmpty, File.Exists(folder.File("out.vcpu")));
            if (!domain.VcpuContext.IsEmpty)
                Assert.True(File.ReadAllBytes(folder.File("out.vcpu")).AsSpan().SequenceEqual(domain.VcpuContext.Span));

            // Nothing but what was claimed is there.
            foreach (GuestExtent extent in domain.Memory.Extents)
                file.AsSpan((int)extent.Start.Value, extent.Memory.Length).Clear();
            Assert.False(file.AsSpan(0, frames).ContainsAnyExcept((byte)0));

            using var description = JsonDocument.Parse(File.ReadAllBytes(folder.File("out.json")));
            JsonElement raw = description.RootElement.GetProperty("raw");
            Assert.Equal(frames / GuestMemory.PageSize, raw.GetProperty("frames").GetInt32());
            Assert.Equal(domain.SharedFrames.Length / GuestMemory.PageSize, raw.GetProperty("shared_frames").GetInt32());
            Assert.Equal(
                domain.Regions.Select(static region => $"{region.Name} 0x{region.Start.Value:x} 0x{region.End.Value:x}"),
                description.RootElement.GetProperty("regions").EnumerateArray().Select(static region =>
                    $"{region.GetProperty("name").GetString()} {region.GetProperty("start").GetString()} {region.GetProperty("end").GetString()}"));
        },
        iter: Layouts);

    /// <summary>A domain for Xen is verified from its files alone.</summary>
    [Theory]
    [InlineData(WordSize.Bits64)]
    [InlineData(WordSize.Bits32)]
    public void Raw_domains_are_read_back_whole(WordSize word)
    {
        using var folder = new TemporaryFolder();
        byte[] kernel = new XenPv.PvKernel { Word = word, VirtualBase = 0xc0000000 }.Build();
        using XenPvDomain domain = XenPv.PvDomains.Build(kernel, new XenPvBuilder { MemorySize = 32 << 20, CommandLine = "quiet" });
        RawOutput.Write(domain, folder.File("out"));
        RawDescription description = RawDescription.Parse(File.ReadAllBytes(folder.File("out.json")));
        description.CheckFiles(folder.File("out"));
        Assert.Equal((word, domain.FrameCount, domain.LaidOutEnd.Value), (description.Word, description.FrameCount, description.LaidOutFrames));
        for (ulong frame = 0; frame < domain.FrameCount; frame++)
            Assert.Equal(domain.Frames[new Pfn(frame)], description.Frames[new Pfn(frame)]);
    }

    /// <summary>Segments of any sizes and at any places come out of the file as they went in.</summary>
    [Fact]
    public void Segments_are_read_as_they_were_given() =>
        Gen.Select(Gen.Int[0, 9000], Gen.Int[0, 9000], Gen.Int[0, 5000]).Array[1, 12].Sample(
            static parts =>
            {
                var segments = new List<PhysicalSegment>();
                ulong at = 0x100000;
                foreach ((int size, int more, int gap) in parts)
                {
                    byte[] bytes = new byte[size];
                    new Random(size).NextBytes(bytes);
                    segments.Add(new PhysicalSegment(new Paddr(at), bytes, (ulong)(size + more)));
                    at += (ulong)(size + more + gap);
                }

                using var file = new MemoryStream();
                PvhElf.Write(file, new Paddr(0x100000), Enumerable.Reverse(segments));
                foreach (PhysicalImage image in new[] { PhysicalImage.Ours(file.ToArray()), PhysicalImage.Theirs(file.ToArray()) })
                {
                    Assert.Null(image.Difference(segments.Select(static segment => (segment.Address.Value, InMemory(segment)))));
                    Assert.Equal(
                        segments.Select(static segment => segment.MemorySize).Where(static size => size > 0), image.Pieces.Select(static piece => piece.Size));
                }
            },
            iter: 300);

    /// <summary>The comparison itself: whichever byte of the guest is another, it is found.</summary>
    [Fact]
    public void A_byte_that_is_another_is_found()
    {
        var random = new Random(1);
        foreach (string way in TestGuest.Ways)
        {
            using Domain domain = new TestGuest(way, [(5000, 100), (0, 3000), (4097, 0)], [3001], "quiet", 16).Build();
            byte[] file = TestGuest.ToElf(domain);
            (ulong Address, ReadOnlyMemory<byte> Bytes)[] memory = [.. PhysicalImage.MemoryOf(domain)];
            for (int round = 0; round < 50; round++)
            {
                (ulong address, ReadOnlyMemory<byte> bytes) = memory[random.Next(memory.Length)];
                int place = random.Next(bytes.Length);
                byte[] changed = bytes.ToArray();
                changed[place] ^= 0x10;
                Assert.Equal(address + (ulong)place, PhysicalImage.Ours(file).Difference([(address, changed)]));
            }
        }
    }

    private static ReadOnlyMemory<byte> InMemory(PhysicalSegment segment) =>
        (byte[])[.. segment.Bytes.Span, .. new byte[(int)segment.MemorySize - segment.Bytes.Length]];
}
