using System.Buffers.Binary;
using BootProtocol.Checks;
using BootProtocol.Decompress;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Runtime.Tests.Kernels;
using BootProtocol.Runtime.Tests.Signatures;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Checks;

/// <summary>Rules on kernels of distributions, and what it takes them and tools to break.</summary>
[Needs(Need.Kernels)]
public sealed class KernelCheckTests : IDisposable
{
    private const int XloadFlags = 0x236;

    private static readonly CheckTarget[] _everywhere =
    [
        CheckTarget.Qemu, CheckTarget.Grub, CheckTarget.Kexec, CheckTarget.Uefi, CheckTarget.XenPvh, CheckTarget.XenPv, CheckTarget.CloudHypervisor,
    ];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Kernels => [.. DebianKernels.BzImages.Select(static row => row.Data), "kvm-host", "kvm-guest"];

    public void Dispose() => _folder.Dispose();

    /// <summary>Nothing but notes, for all that they are known to be started by (see "What starts" in README.md).</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void Kernels_of_distributions_break_no_rule(string name)
    {
        using var image = BootImage.Open(DebianKernels.Find(name, "vmlinuz"));
        bool isWide;
        using (Kernel kernel = image.Decompress())
            isWide = kernel.Elf.Word == WordSize.Bits64;
        var request = new ImageCheckRequest { Initrd = PackedImage.Gzip(CheckCases.Archive(("init", [0]))), CommandLine = "console=ttyS0" };
        CheckTarget[] targets = isWide ? _everywhere : [CheckTarget.Qemu, CheckTarget.Grub, CheckTarget.Kexec];
        foreach (CheckTarget target in targets)
        {
            ImageCheckResult result = ImageCheck.Run(image, request with { Target = target });
            string found = string.Join(", ", result.Findings.Where(static one => one.Rule.Severity != CheckSeverity.Note).Select(static one => one.Message));
            Assert.Equal($"{target}: ", $"{target}: {found}");
        }
    }

    /// <summary>A Debian kernel has the drivers of all disks in its ramdisk: without one it stops at its root.</summary>
    [Fact]
    public void A_kernel_without_its_ramdisk_stops_at_its_root()
    {
        using var image = BootImage.Open(DebianKernels.Amd64612);
        ImageCheckResult result = ImageCheck.Run(image, new ImageCheckRequest { Target = CheckTarget.Qemu, CommandLine = "root=/dev/vda1 console=ttyS0" });
        Assert.Equal("root-driver", result.Stopper!.Rule.Id);
    }

    [Fact]
    public void A_stub_without_a_way_to_a_ramdisk_is_found()
    {
        byte[] bytes = File.ReadAllBytes(DebianKernels.Cloud61);
        bytes[XloadFlags] &= 0xf3;
        int pe = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(0x3c));
        bytes[pe + 24 + 44] = 0;
        ImageCheckRequest request = CheckCases.With(CheckCases.Initrd) with { Target = CheckTarget.Uefi };
        Assert.Contains("efi-initrd", Find(bytes, request));
        Assert.DoesNotContain("efi-initrd", Find(File.ReadAllBytes(DebianKernels.Cloud61), request));
    }

    [Fact]
    public void Signatures_that_are_wrong_weak_or_old_are_found()
    {
        var request = new ImageCheckRequest { Target = CheckTarget.Uefi };
        string stub = DebianKernels.Find("systemd-stub", "linuxx64.efi.stub");
        using var authority = new TestAuthority(_folder);
        byte[] signed = File.ReadAllBytes(authority.Sign(stub, authority.Issue("Good")));
        string[] rules = ["signature-wrong", "signature-weak", "certificate-expired", "unsigned"];
        Assert.DoesNotContain(Find(signed, request), rules.Contains);
        signed[0x500] ^= 1;
        Assert.Contains("signature-wrong", Find(signed, request));
        Assert.Contains("signature-weak", Find(File.ReadAllBytes(authority.Sign(stub, authority.Issue("Short", bits: 1024))), request));
        Assert.Contains("certificate-expired", Find(File.ReadAllBytes(authority.Sign(stub, authority.Issue("Old", years: 2))), request));
    }

    [Fact]
    public void A_signed_unified_kernel_image_without_sbat_is_found()
    {
        using var authority = new TestAuthority(_folder);
        byte[] image = PeFile.Add(PeFile.Stub(), (".linux", CheckCases.Image));
        File.WriteAllBytes(_folder.File("unified"), image);
        var request = new ImageCheckRequest { Target = CheckTarget.Uefi };
        byte[] signed = File.ReadAllBytes(authority.Sign(_folder.File("unified"), authority.Issue("Signer")));
        Assert.Contains("sbat", Find(signed, request));
        File.WriteAllBytes(_folder.File("unified"), PeFile.Add(PeFile.Stub(), (".linux", CheckCases.Image), (".sbat", "sbat,1\nuki,1\n"u8.ToArray())));
        Assert.DoesNotContain("sbat", Find(File.ReadAllBytes(authority.Sign(_folder.File("unified"), authority.Issue("Other"))), request));
    }

    [Fact]
    public void A_kernel_of_zstd_has_a_note_for_xen()
    {
        var request = new ImageCheckRequest { Target = CheckTarget.XenPvh };
        Assert.Contains("xen-zstd", Find(File.ReadAllBytes(DebianKernels.Amd64612), request));
        Assert.DoesNotContain("xen-zstd", Find(File.ReadAllBytes(DebianKernels.Cloud61), request));
    }

    /// <summary>Ramdisks as tools pack them, with microcode in front or not.</summary>
    [Theory]
    [InlineData("gzip -9")]
    [InlineData("bzip2 -9")]
    [InlineData("xz --check=crc32")]
    [InlineData("xz --format=lzma")]
    [InlineData("lz4 -l")]
    [InlineData("lzop")]
    [InlineData("zstd -q")]
    public void Ramdisks_of_all_methods_are_read(string tool)
    {
        byte[] packed = Filter.Run($"{tool} -c", CheckCases.Initrd);
        byte[] both = [.. CheckCases.Archive(("kernel/x86/microcode/GenuineIntel.bin", new byte[100])), .. new byte[512], .. packed];
        foreach (byte[] initrd in (byte[][])[packed, both, [.. packed, .. new byte[300]]])
        {
            var contents = InitrdContents.Read(initrd);
            Assert.Null(contents.Fault);
            Assert.True(contents.Files.TryFind("/init", out InitrdFile? init) && init is { IsProgram: true });
            Assert.Equal(WordSize.Bits32, contents.ProgramWord);
            Assert.True(PayloadFormats.TryDetect(packed, out PayloadFormat format));
            Assert.Equal([format], contents.Formats);
        }

        Assert.NotNull(InitrdContents.Read(packed.AsMemory(..(packed.Length / 2))).Fault);
    }

    private static List<string> Find(byte[] bytes, ImageCheckRequest request)
    {
        using var image = BootImage.Open(bytes);
        return [.. ImageCheck.Run(image, request).Findings.Select(static finding => finding.Rule.Id)];
    }
}
