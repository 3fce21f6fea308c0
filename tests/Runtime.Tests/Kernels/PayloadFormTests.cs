using BootProtocol.Decompress;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Relocate;
using BootProtocol.Runtime.Tests.Cli;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Kernels;

/// <summary>Kernels of Debian, packed again by every tool.</summary>
[Needs(Need.Kernels)]
public sealed class PayloadFormTests
{
    public static TheoryData<string, string> All()
    {
        var data = new TheoryData<string, string>();
        string[] formats = [.. PackingTool.Formats, "none"];
        string[] larger = ["6.1-cloud-amd64", "6.12-amd64"];
        foreach (string format in formats)
            data.Add("6.1-686-pae", format);

        // The larger ones with what Debian and others pack kernels with.
        foreach (string format in new[] { "gzip", "xz", "zstd", "none" })
            data.Add(larger[data.Count % 2], format);

        return data;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Extracting_gives_what_was_packed(string name, string format)
    {
        using var folder = new TemporaryFolder();
        byte[] kernel = DecodedKernels.Bytes(name);
        byte[] payload = Payload(name, format, kernel);
        string path = folder.File("image");
        File.WriteAllBytes(path, PackedImage.Create(File.ReadAllBytes(DebianKernels.Find(name, "vmlinuz")), payload));

        _ = CliRun.Start("extract", path, "-o", folder.File("vmlinux")).Succeeded();
        Assert.True(kernel.AsSpan().SequenceEqual(File.ReadAllBytes(folder.File("vmlinux"))));
        _ = CliRun.Start("extract", path, "-o", folder.File("payload"), "--what", "payload").Succeeded();
        Assert.True(payload.AsSpan().SequenceEqual(File.ReadAllBytes(folder.File("payload"))));

        using var image = BootImage.Open(path);
        Assert.Equal(ChecksumState.Valid, image.Checksum);
        KernelPayload found = image.FindPayload()!;
        Assert.Equal(format, PayloadFormats.Name(found.Format));
        Assert.Equal(PayloadOrigin.Header, found.Origin);
        Assert.Equal(kernel.Length, found.DecompressedSize);

        byte[] destination = new byte[kernel.Length + 100];
        using Kernel into = image.DecompressInto(destination);
        Assert.Equal(kernel.Length, into.Length);
        Assert.True(kernel.AsSpan().SequenceEqual(destination.AsSpan(0, kernel.Length)));
        Assert.NotNull(into.Relocations?.Count(RelocationKind.Add32));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("bzip2")]
    [InlineData("lzma")]
    [InlineData("xz")]
    [InlineData("lzo")]
    [InlineData("lz4")]
    [InlineData("zstd")]
    public void A_compressed_vmlinux_is_an_image_itself(string format)
    {
        const string name = "6.1-686-pae";
        byte[] kernel = DecodedKernels.Bytes(name);
        using var image = BootImage.Open(PackingTool.Pack(name, format, kernel));
        Assert.Equal(ImageKind.Compressed, image.Kind);
        using Kernel opened = image.Decompress();
        Assert.Equal(PayloadOrigin.File, opened.Payload.Origin);
        Assert.True(kernel.AsSpan().SequenceEqual(opened.DecodeAll().Span));
        Assert.Equal("linux", opened.Notes.Xen.GuestOs);
        Assert.True(opened.Relocations?.Count(RelocationKind.Add32) > 100_000);
    }

    private static byte[] Payload(string name, string format, byte[] kernel) => format switch
    {
        "none" => kernel,
        "gzip" => PackingTool.Pack(name, format, kernel),
        _ => PackedImage.WithTrailer(PackingTool.Pack(name, format, kernel), (uint)kernel.Length),
    };
}
