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
    private const int TypeOffset = 16;

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
