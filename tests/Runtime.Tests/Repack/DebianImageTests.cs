using System.IO.Hashing;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Repack;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Repack;

/// <summary>Debian's kernels repacked, and read back; that they boot is shown where kernels are booted.</summary>
[Needs(Need.Kernels)]
public sealed class DebianImageTests
{
    [Theory]
    [InlineData("bookworm-signed-amd64")]
    [InlineData("trixie-amd64")]
    [InlineData("sid-amd64")]
    public void A_signature_is_taken_off_and_the_digest_stays(string name)
    {
        string path = DebianKernels.Find(name, "vmlinuz");
        using var folder = new TemporaryFolder();
        using var image = BootImage.Open(path);
        BootRequestException refusal = Assert.Throws<BootRequestException>(() => new ImageRepacker().Repack(image));
        Assert.Contains("that it may be stripped", refusal.Message, StringComparison.Ordinal);
        byte[] stripped = new ImageRepacker { StripSignature = true }.Repack(image).ToArray();
        File.WriteAllBytes(folder.File("stripped"), stripped);

        // As pesign computes it, before and after; and sbverify finds no signature any more.
        Assert.Equal(Digest(path), Digest(folder.File("stripped")));
        ToolRun list = ToolRun.Start("sbverify", ["--list", folder.File("stripped")], folder.Path);
        Assert.Contains("No signature table present", list.Output + list.Errors, StringComparison.Ordinal);

        using var opened = BootImage.Open(stripped);
        Assert.Empty(opened.Signatures);
        Assert.Equal(image.Checksum, opened.Checksum);
        if (DebianKernels.IsBefore615(name))
            Assert.Equal(0xffffffff, Crc32.HashToUInt32(stripped));
        Assert.Equal(image.FindPayload()!.Bytes.ToArray(), opened.FindPayload()!.Bytes.ToArray());

        string Digest(string file) => ToolRun.Start("pesign", ["-h", "-i", file], folder.Path).Succeeded();
    }

    [Theory]
    [Needs(Need.Time)]
    [InlineData("6.1-cloud-amd64", "lz4 -9")]
    [InlineData("6.1-686-pae", "xz ")]
    public void The_embedded_archive_is_found_and_replaced(string name, string method)
    {
        string path = DebianKernels.Find(name, "vmlinuz");
        using var image = BootImage.Open(path);
        byte[] archive = Checks.CheckCases.Archive(("init", "#!/x"u8.ToArray()));
        RepackedImage repacked = new ImageRepacker { Initramfs = archive }.Repack(image);
        Assert.StartsWith(method, repacked.Packing!.Method, StringComparison.Ordinal);
        byte[] bytes = repacked.ToArray();
        using var opened = BootImage.Open(bytes);
        Assert.Equal(ChecksumState.Valid, opened.Checksum);
        byte[] before = RepackCases.KernelOf(File.ReadAllBytes(path));
        byte[] after = RepackCases.KernelOf(bytes);
        Assert.Equal(before.Length, after.Length);
        int at = after.AsSpan().IndexOf(archive);
        Assert.True(at > 0);
        Assert.Equal("070701"u8, before.AsSpan(at, 6));
        Assert.True(before.AsSpan(0, at).SequenceEqual(after.AsSpan(0, at)));
        Assert.True(before.AsSpan(at + 512).SequenceEqual(after.AsSpan(at + 512)));
    }
}
