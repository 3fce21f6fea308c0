using BootProtocol.Decompress;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Relocate;
using BootProtocol.Rules;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.Images;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Kernels;

public sealed class KernelTests
{
    [Theory]
    [MemberData(nameof(DecodedKernels.All), MemberType = typeof(DecodedKernels))]
    [Needs(Need.Kernels)]
    public void The_kernel_of_every_image_is_what_its_own_tool_yields(string name)
    {
        using var image = BootImage.Open(PathOf(name));
        using Kernel kernel = image.Decompress();
        Assert.True(DecodedKernels.Bytes(name).AsSpan().SequenceEqual(kernel.DecodeAll().Span));
        Assert.Equal(kernel.Length, kernel.DecodedLength);
        Assert.True(kernel.IsElf);
        Assert.Contains(kernel.BootWays, way => way.Possible);
    }

    [Theory]
    [InlineData("6.1-cloud-amd64", 3)]
    [InlineData("6.12-amd64", 3)]
    [InlineData("6.1-686-pae", 1)]
    [InlineData("trixie-rt-amd64", 3)]
    [InlineData("sid-amd64", 2)]
    [InlineData("sid-cloud-amd64", 2)]
    [Needs(Need.Kernels)]
    public void Notes_cost_what_lies_before_them(string name, int lists)
    {
        using var image = BootImage.Open(PathOf(name));
        using Kernel kernel = image.Decompress();
        Assert.Equal("linux", kernel.Notes.Xen.GuestOs);
        Assert.InRange(kernel.DecodedLength, 1, kernel.Length - 1);
        Assert.Equal(lists, kernel.Relocations!.Kinds.Length);
        Assert.Equal(kernel.Length, kernel.DecodedLength);
        Assert.Equal(kernel.Length, kernel.Relocations.Offset + kernel.Relocations.Length);
        Assert.True(kernel.Relocations.Count(RelocationKind.Add32) > 50_000);
        Assert.Null(kernel.Configuration);
    }

    [Theory]
    [InlineData("xen")]
    [InlineData("xen-4.20")]
    [Needs(Need.Kernels)]
    public void Xen_itself_is_an_elf_file_in_gzip(string name)
    {
        using var image = BootImage.Open(DebianKernels.Find(name, "xen.gz"));
        Assert.Equal(ImageKind.Compressed, image.Kind);
        using Kernel kernel = image.Decompress();
        Assert.Equal(PayloadFormat.Gzip, kernel.Payload.Format);
        Assert.Equal(WordSize.Bits32, kernel.Elf.Word);
        Assert.Null(kernel.Relocations);
        Assert.DoesNotContain(kernel.BootWays, way => way is { Possible: true, Way: BootWay.Linux64 or BootWay.Linux32 or BootWay.XenPv });
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void Progress_is_told_and_cancellation_heard()
    {
        using var image = BootImage.Open(DebianKernels.Pae61);
        var told = new Told();
        using (Kernel kernel = image.Decompress(progress: told))
        {
            kernel.DecodeAll();
            Assert.Equal(kernel.Length, told.Most);
        }

        using var source = new CancellationTokenSource();
        using Kernel cancelled = image.Decompress(cancellation: source.Token);
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => cancelled.DecodeAll());
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void A_destination_that_is_too_short_is_told()
    {
        using var image = BootImage.Open(DebianKernels.Pae61);
        var exception = Assert.Throws<BootRequestException>(() => image.DecompressInto(new byte[1 << 20]));
        Assert.Contains("destination", exception.Message, StringComparison.Ordinal);
        using var compressed = BootImage.Open(PackingTool.Pack("6.1-686-pae", "bzip2", DecodedKernels.Bytes("6.1-686-pae")));
        Assert.Throws<BootRequestException>(() => compressed.DecompressInto(new byte[1 << 20]));
    }

    /// <summary>What is lost of a kernel that is cut off is no more than a block of its format.</summary>
    [Theory]
    [InlineData("gzip", 1)]
    [InlineData("bzip2", 1)]
    [InlineData("lzma", 1)]
    [InlineData("xz", 1)]
    [InlineData("lzo", 1)]
    [InlineData("lz4", 8)]
    [InlineData("zstd", 1)]
    [Needs(Need.Kernels)]
    public void A_kernel_that_is_cut_off_is_decoded_as_far_as_it_goes(string format, int lostMebibytes)
    {
        byte[] kernel = DecodedKernels.Bytes("6.1-686-pae");
        byte[] payload = PackingTool.Pack("6.1-686-pae", format, kernel);
        byte[] whole = PackedImage.Create(PackedImage.WithTrailer(payload, (uint)kernel.Length));
        foreach (double part in new[] { 0.3, 0.6, 0.95 })
        {
            int cut = (int)(payload.Length * part);
            using var image = BootImage.Open(whole.AsMemory(0, whole.Length - payload.Length + cut));
            using Kernel opened = image.Decompress();
            Assert.True(opened.Payload.IsCut);
            Assert.True(opened.Bytes.Read(0, opened.Length).SequenceEqual(kernel.AsSpan(0, opened.Length)));
            Assert.InRange(opened.Length, (int)(kernel.Length * (part - 0.2)) - (lostMebibytes << 20), kernel.Length);
            Assert.Throws<BootFormatException>(() => opened.DecodeAll());
        }
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void Limits_hold()
    {
        using var image = BootImage.Open(DebianKernels.Cloud61);
        Assert.Throws<BootFormatException>(() => image.Decompress(new Limits { MaximumOutput = 1 << 20 }));
    }

    [Fact]
    public void An_image_without_a_payload_is_its_own_kernel()
    {
        byte[] bytes = HeaderOnlyImage.Create();
        using var sample = BootImage.Open(bytes);
        KernelPayload payload = sample.FindPayload()!;
        Assert.Equal((PayloadOrigin.Image, PayloadFormat.None, 2048, 2048), (payload.Origin, payload.Format, payload.Offset, payload.Length));
        using Kernel kernel = sample.Decompress();
        Assert.False(kernel.IsElf);
        Assert.Equal(bytes[2048..], kernel.DecodeAll().ToArray());
        Assert.Equal([true, true, false, false], kernel.BootWays.Select(way => way.Possible));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Before_the_header_told_the_payload_is_searched_for(bool isOld, bool isElf)
    {
        byte[] kernel = isElf ? new TestElf().Add(new TestSegment(SegmentType.Load, new byte[5000])).Build() : new byte[100_000];
        if (!isElf)
            new Random(1).NextBytes(kernel);
        byte[] payload = PackedImage.Gzip(kernel);
        byte[] bytes = isOld ? TestImages.Old() : TestImages.ZImage(new ProtocolVersion(2, 0));
        Array.Resize(ref bytes, 0x40000);

        // A place that only looks like a payload comes first.
        byte[] lookalike = [0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7];
        lookalike.CopyTo(bytes, 0x1800);
        payload.CopyTo(bytes, 0x2003);
        Check(goesToTheEnd: true);
        BitConverter.GetBytes(payload.Length).CopyTo(bytes, 0x2003 - 4);
        Check(goesToTheEnd: false);

        void Check(bool goesToTheEnd)
        {
            using var image = BootImage.Open(bytes);
            KernelPayload found = image.FindPayload()!;
            Assert.Equal((0x2003, PayloadOrigin.Search, PayloadFormat.Gzip), (found.Offset, found.Origin, found.Format));
            Assert.Equal(goesToTheEnd ? bytes.Length - 0x2003 : payload.Length, found.Length);
            Assert.Null(image.FindPayload(search: false));
            using Kernel opened = image.Decompress();
            Assert.Equal(isElf, opened.IsElf);
            Assert.Equal(kernel, opened.DecodeAll().ToArray());
        }
    }

    [Fact]
    public void A_flood_of_magic_numbers_is_searched_in_time()
    {
        byte[] bytes = TestImages.Old();
        Array.Resize(ref bytes, 32 << 20);
        byte[] magic = [0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
        for (int at = 0x2000; at < bytes.Length - 16; at += 16)
            magic.CopyTo(bytes, at);
        using var image = BootImage.Open(bytes);
        Assert.Null(image.FindPayload());
    }

    private static string PathOf(string name) => DecodedKernels.Image(name);

    private sealed class Told : IProgress<long>
    {
        private readonly Lock _gate = new();
        private long _most;

        public long Most => _most;

        public void Report(long value)
        {
            lock (_gate)
                _most = Math.Max(_most, value);
        }
    }
}
