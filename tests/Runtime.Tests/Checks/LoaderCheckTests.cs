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
        Assert.DoesNotContain("x86", Find(kernel, null));
        kernel[TypeOffset] = (byte)type;
        Assert.Contains("x86", Find(kernel, null));
    }

    [Fact]
    public void What_has_nothing_to_load_is_no_kernel() => Assert.Contains("x86", Find(new TestElf { Entry = 1 }.Build(), null));

    private static List<string> Find(byte[] bytes, CheckTarget? target)
    {
        using var image = BootImage.Open(bytes);
        return [.. ImageCheck.Run(image, new ImageCheckRequest { Target = target }).Findings.Select(static finding => finding.Rule.Id)];
    }
}
