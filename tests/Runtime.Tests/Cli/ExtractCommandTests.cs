using System.Text;
using BootProtocol.Images;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.Kernels;
using BootProtocol.Runtime.Tests.Images;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

[Needs(Need.Kernels)]
public sealed class ExtractCommandTests
{
    private const string Configuration = "CONFIG_X86=y\n# CONFIG_MODULES is not set\n";

    [Theory]
    [MemberData(nameof(DebianKernels.BzImages), MemberType = typeof(DebianKernels))]
    public void Parts_are_the_images_own_bytes(string name)
    {
        using var folder = new TemporaryFolder();
        string path = DebianKernels.Find(name, "vmlinuz");
        byte[] bytes = File.ReadAllBytes(path);
        byte[] kernel = DecodedKernels.Bytes(name);
        using var image = BootImage.Open(path);

        Assert.Equal(bytes[..image.SetupLength], Extract(folder, path, "setup"));
        int start = image.SetupLength + (int)image.SetupHeader.PayloadOffset!.Value;
        int length = (int)image.SetupHeader.PayloadLength!.Value;
        Assert.Equal(bytes[start..(start + length)], Extract(folder, path, "payload"));
        byte[] relocations = Extract(folder, path, "relocs");
        int end = (int)DecodedKernels.Open(name).EndOfFile;
        Assert.True(relocations.AsSpan().SequenceEqual(kernel.AsSpan(end)));
        Assert.Equal(0, BitConverter.ToInt32(relocations));
        Assert.Contains("has no embedded configuration", Fail(folder, path, "config"), StringComparison.Ordinal);
    }

    /// <summary>As another program takes the section out; what the running kernel shows is compared where kernels are booted.</summary>
    [Fact]
    public void Types_are_the_bytes_of_their_section()
    {
        using var folder = new TemporaryFolder();
        byte[] types = Extract(folder, DebianKernels.Cloud61, "btf");
        File.WriteAllBytes(folder.File("vmlinux"), DecodedKernels.Bytes("6.1-cloud-amd64"));
        _ = ToolRun.Start("objcopy", ["-O", "binary", "--only-section=.BTF", "vmlinux", "section"], folder.Path).Succeeded();
        Assert.True(types.AsSpan().SequenceEqual(File.ReadAllBytes(folder.File("section"))));
        using var other = new TemporaryFolder();
        Assert.Contains("has no types (CONFIG_DEBUG_INFO_BTF)", Fail(other, DebianKernels.Pae61, "btf"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_configuration_comes_as_text()
    {
        using var folder = new TemporaryFolder();
        byte[] text = Encoding.ASCII.GetBytes(Configuration);
        byte[] data = [.. "IKCFG_ST"u8, .. PackedImage.Gzip(text), .. "IKCFG_ED"u8];
        byte[] kernel = new TestElf().Add(new TestSegment(BootProtocol.Elf.SegmentType.Load, data)).Build();
        File.WriteAllBytes(folder.File("image"), PackedImage.Create(PackedImage.Gzip(kernel)));
        Assert.Equal(text, Extract(folder, folder.File("image"), "config"));
        Assert.Equal(kernel, Extract(folder, folder.File("image"), "vmlinux"));
        Assert.Contains("has no appended relocations", Fail(folder, folder.File("image"), "relocs"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_image_does_not_have_is_one_line()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("image"), HeaderOnlyImage.Create());
        Assert.Contains("has no packed kernel: it is its own kernel", Fail(folder, folder.File("image"), "vmlinux"), StringComparison.Ordinal);
        Assert.Contains("has no setup part", Fail(folder, DebianKernels.Grub64, "setup"), StringComparison.Ordinal);
        Assert.Contains("has no appended relocations", Fail(folder, DebianKernels.Grub64, "relocs"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_elf_file_is_its_own_vmlinux()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(File.ReadAllBytes(DebianKernels.Grub64), Extract(folder, DebianKernels.Grub64, "vmlinux"));
    }

    [Fact]
    public void The_file_appears_whole_or_not_at_all()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = File.ReadAllBytes(DebianKernels.Pae61);
        bytes[3 << 20] ^= 0x55;
        File.WriteAllBytes(folder.File("image"), bytes);
        folder.Write("result", "as it was");
        CliRun.Start("extract", folder.File("image"), "-o", folder.File("result")).Failed(1);
        Assert.Equal("as it was", File.ReadAllText(folder.File("result")));
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);

        // A link stays one, and what it leads to is replaced.
        File.CreateSymbolicLink(folder.File("link"), folder.File("result"));
        _ = CliRun.Start("extract", DebianKernels.Grub64, "-o", folder.File("link")).Succeeded();
        Assert.Equal(new FileInfo(DebianKernels.Grub64).Length, new FileInfo(folder.File("result")).Length);
        Assert.NotNull(new FileInfo(folder.File("link")).LinkTarget);
        Assert.Equal(3, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public void Where_nothing_can_be_written_is_one_line()
    {
        using var folder = new TemporaryFolder();
        string missing = folder.File("no", "such", "file");
        Assert.Contains("there is no such folder", CliRun.Start("extract", DebianKernels.Grub64, "-o", missing).Failed(1), StringComparison.Ordinal);
        Assert.Contains("is a directory", CliRun.Start("extract", DebianKernels.Grub64, "-o", folder.Path).Failed(1), StringComparison.Ordinal);
        CliRun.Start("extract", DebianKernels.Grub64).Failed(2);
        CliRun.Start("extract", DebianKernels.Grub64, "-o", "x", "--what", "everything").Failed(2);
        _ = CliRun.Start("extract", DebianKernels.Grub64, "-o", "/dev/null").Succeeded();
        Assert.True(File.Exists("/dev/null"));
    }

    private static byte[] Extract(TemporaryFolder folder, string path, string what)
    {
        _ = CliRun.Start("extract", path, "-o", folder.File(what), "--what", what).Succeeded();
        return File.ReadAllBytes(folder.File(what));
    }

    private static string Fail(TemporaryFolder folder, string path, string what)
    {
        string line = CliRun.Start("extract", path, "-o", folder.File(what), "--what", what).Failed(1);
        Assert.False(File.Exists(folder.File(what)));
        return line;
    }
}
