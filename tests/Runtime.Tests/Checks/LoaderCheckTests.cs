using BootProtocol.Checks;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Multiboot;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.Kernels;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Checks;

/// <summary>What loaders take, and what they do not.</summary>
public sealed class LoaderCheckTests
{
    private const int EncodingOffset = 5;
    private const int TypeOffset = 16;
    private const int EntrySizeOffset = 54;

    /// <summary>QEMU and GRUB start a kernel by a header of the one kind or the other.</summary>
    [Fact]
    public void Headers_decide_what_qemu_and_grub_start()
    {
        byte[] first = [.. CheckCases.Vmlinux(hasPvh: false)];
        _ = MultibootHeader.Build(first.AsSpan(0x1000)).Finish();
        byte[] unified = PeFile.Add(PeFile.Stub(), (".linux", CheckCases.Image));
        (byte[] Image, bool Qemu, bool Grub)[] cases =
        [
            (CheckCases.Image, true, true), (CheckCases.Vmlinux(), true, false), (CheckCases.Vmlinux(hasPvh: false), false, false),
            (first, true, true), (PackedImage.Gzip(first), false, true), (unified, false, false), (PeFile.Stub(), false, false),
        ];
        foreach ((byte[] image, bool qemu, bool grub) in cases)
        {
            Assert.Equal(!qemu, Find(image, CheckTarget.Qemu).Contains("qemu-entry"));
            Assert.Equal(!grub, Find(image, CheckTarget.Grub).Contains("grub-command"));
        }
    }

    /// <summary>Modules, objects and memory dumps are for x86, too, and no kernels.</summary>
    [Theory]
    [InlineData(ElfType.Relocatable)]
    [InlineData(ElfType.Core)]
    [InlineData(ElfType.None)]
    public void What_is_not_linked_is_no_kernel(ElfType type)
    {
        byte[] kernel = CheckCases.Vmlinux();
        Assert.DoesNotContain("x86", Find(kernel, new ImageCheckRequest()));
        kernel[TypeOffset] = (byte)type;
        Assert.Contains("x86", Find(kernel, new ImageCheckRequest()));
    }

    [Fact]
    public void What_has_nothing_to_load_is_no_kernel() => Assert.Contains("x86", Find(new TestElf { Entry = 1 }.Build(), new ImageCheckRequest()));

    /// <summary>Headers that cannot be read, a word size that its processor does not have, and files that others load: none is a kernel.</summary>
    [Fact]
    public void What_inspect_calls_no_kernel_for_x86_passes_no_check()
    {
        byte[] bigEndian = CheckCases.Vmlinux();
        bigEndian[EncodingOffset] = 2;
        byte[] segmentless = CheckCases.Vmlinux();
        segmentless[EntrySizeOffset] = 1;
        byte[] narrow = CheckCases.Vmlinux(word: WordSize.Bits32, machine: ElfMachine.X8664);
        byte[] program = CheckCases.Vmlinux(hasPvh: false, interpreter: "/lib64/ld-linux-x86-64.so.2");
        byte[][] kernels = [bigEndian, segmentless, narrow, program];
        foreach (byte[] kernel in kernels.Concat(kernels.Select(static one => PackedImage.Create(PackedImage.Gzip(one)))))
        {
            foreach (CheckTarget? target in new CheckTarget?[] { null, CheckTarget.Qemu, CheckTarget.Kexec, CheckTarget.XenPvh, CheckTarget.Firecracker })
                Assert.Contains("x86", Find(kernel, target));
        }

        byte[] broken = CheckCases.Image;
        broken[^200] ^= 0xff;
        Assert.DoesNotContain("x86", Find(broken, new ImageCheckRequest()));
    }

    /// <summary>Multiboot takes segments as they are; FreeBSD's kernels name an interpreter that is never run.</summary>
    [Fact]
    public void A_kernel_may_name_an_interpreter()
    {
        byte[] multiboot = CheckCases.Vmlinux(hasPvh: false, interpreter: "/red/herring");
        Assert.Contains("x86", Find(multiboot, CheckTarget.Grub));
        _ = MultibootHeader.Build(multiboot.AsSpan(0x1000)).Finish();
        Assert.DoesNotContain("x86", Find(multiboot, CheckTarget.Grub));
        byte[] guest = CheckCases.Vmlinux(interpreter: "/red/herring");
        Assert.Empty(Find(guest, CheckTarget.XenPvh));
        Assert.Empty(Find(guest, CheckTarget.Qemu));
    }

    /// <summary>Monitors in Rust load by one library, which has ELF files of 64 bits alone, and none that is compressed.</summary>
    [Fact]
    public void Monitors_in_Rust_take_elf_files_of_64_bits()
    {
        byte[] narrow = CheckCases.Vmlinux(word: WordSize.Bits32);
        byte[] packed = PackedImage.Create(PackedImage.Gzip(narrow));
        packed[0x236] = 0;
        PackedImage.SetChecksum(packed);
        foreach (byte[] kernel in (byte[][])[narrow, packed, PackedImage.Gzip(CheckCases.Vmlinux())])
        {
            Assert.Contains("elf-file", Find(kernel, CheckTarget.Firecracker));
            Assert.Contains("pvh-or-bzimage", Find(kernel, CheckTarget.CloudHypervisor));
        }

        Assert.DoesNotContain("elf-file", Find(CheckCases.Vmlinux(), CheckTarget.Firecracker));
        Assert.DoesNotContain("pvh-or-bzimage", Find(CheckCases.Vmlinux(), CheckTarget.CloudHypervisor));
        Assert.DoesNotContain("pvh-or-bzimage", Find(CheckCases.Image, CheckTarget.CloudHypervisor));
    }

    /// <summary>kexec-tools loads a bzImage that cannot be moved at its own address, and firmware enters a program by its PE headers.</summary>
    [Fact]
    public void Old_kernels_are_not_refused_by_kexec_and_firmware()
    {
        Assert.Equal(CheckSeverity.Warning, ImageCheck.Rules.Single(static rule => rule.Id == "relocatable").Severity);
        byte[] image = CheckCases.Image;
        image[0x236] = 0;
        PackedImage.SetChecksum(image);
        Assert.Contains("entry-64", Find(image, CheckTarget.Kexec));
        Assert.DoesNotContain("entry-64", Find(image, CheckTarget.Uefi));
    }

    /// <summary>A root file system may be named, or a ramdisk packed, in the kernel itself.</summary>
    [Fact]
    public void A_kernel_may_have_its_own_command_line_or_ramdisk()
    {
        var request = new ImageCheckRequest { CommandLine = "quiet" };
        Assert.Contains("root", Find(CheckCases.Vmlinux(), request));
        Assert.Contains("root", Find(CheckCases.Vmlinux(line: "a correct \"root=\" boot option, nfsroot=/x root=%s"), request));
        Assert.DoesNotContain("root", Find(CheckCases.Vmlinux(line: "ro root=/dev/sda1"), request));
        Assert.DoesNotContain("root", Find(CheckCases.Vmlinux(hasArchive: false, line: "070701 and 070702"), request));
    }

    /// <summary>A console that the monitor does not have shows nothing.</summary>
    [Theory]
    [InlineData("console=ttyS0", true, true)]
    [InlineData("console=tty0 console=ttyS1,115200", true, true)]
    [InlineData("earlyprintk=serial,ttyS0", true, true)]
    [InlineData("console=hvc0", false, true)]
    [InlineData("console=tty0", false, false)]
    [InlineData("earlyprintk=vga", false, false)]
    public void Consoles_are_those_of_the_monitor(string line, bool firecracker, bool cloudHypervisor)
    {
        foreach ((CheckTarget target, bool has) in new[] { (CheckTarget.Firecracker, firecracker), (CheckTarget.CloudHypervisor, cloudHypervisor) })
            Assert.Equal(!has, Find(CheckCases.Vmlinux(), new ImageCheckRequest { CommandLine = line, Target = target }).Contains("console"));
    }

    private static List<string> Find(byte[] bytes, CheckTarget? target) => Find(bytes, new ImageCheckRequest { Target = target });

    private static List<string> Find(byte[] bytes, ImageCheckRequest request)
    {
        using var image = BootImage.Open(bytes);
        return [.. ImageCheck.Run(image, request).Findings.Select(static finding => finding.Rule.Id)];
    }
}
