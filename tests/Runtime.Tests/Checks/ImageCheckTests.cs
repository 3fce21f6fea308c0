using BootProtocol.Checks;
using BootProtocol.Images;

namespace BootProtocol.Runtime.Tests.Checks;

/// <summary>Every rule, by an image that breaks it.</summary>
public sealed class ImageCheckTests
{
    /// <summary>Rules that need tools or kernels to be broken: <see cref="KernelCheckTests"/> has them.</summary>
    private static readonly string[] _others = ["efi-initrd", "signature-wrong", "signature-weak", "signature-kind", "certificate-expired", "sbat", "xen-zstd"];

    public static TheoryData<string> Rules => [.. CheckCases.All().Select(static one => one.Rule)];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Every_rule_finds_the_image_that_breaks_it(string rule)
    {
        CheckCase broken = CheckCases.All().Single(one => one.Rule == rule);
        using var image = BootImage.Open(broken.Image);
        ImageCheckResult result = ImageCheck.Run(image, broken.Request);
        CheckFinding finding = Assert.Single(result.Findings, one => one.Rule.Id == rule);
        Assert.DoesNotContain('\n', finding.Message);
        if (finding.Rule.Severity == CheckSeverity.Error)
            Assert.False(result.Boots);
    }

    /// <summary>The same rules find nothing in an image that is right, with what it is to be started with.</summary>
    [Fact]
    public void A_right_image_breaks_none()
    {
        using var image = BootImage.Open(CheckCases.Image);
        CheckTarget?[] targets = [null, CheckTarget.Qemu, CheckTarget.Grub, CheckTarget.Kexec, CheckTarget.XenPvh, CheckTarget.CloudHypervisor];
        foreach (CheckTarget? target in targets)
        {
            ImageCheckRequest request = CheckCases.With(CheckCases.Initrd) with { Target = target, CommandLine = "console=ttyS0" };
            Assert.Empty(ImageCheck.Run(image, request).Findings);
            Assert.Empty(ImageCheck.Run(image, new ImageCheckRequest { Target = target, CommandLine = "root=/dev/sda1 console=ttyS0" }).Findings);
        }

        using var plain = BootImage.Open(CheckCases.Vmlinux());
        Assert.Empty(ImageCheck.Run(plain, new ImageCheckRequest { Target = CheckTarget.Firecracker, CommandLine = "root=/dev/sda1 console=ttyS0" }).Findings);
    }

    [Fact]
    public void Every_rule_has_a_case_an_id_of_its_own_and_texts()
    {
        Assert.Equal(
            ImageCheck.Rules.Select(static rule => rule.Id).Order(StringComparer.Ordinal),
            Rules.Select(static row => row.Data).Concat(_others).Order(StringComparer.Ordinal));
        Assert.InRange(ImageCheck.Rules.Length, 20, 100);
        foreach (CheckRule rule in ImageCheck.Rules)
        {
            Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", rule.Id);
            Assert.EndsWith(".", rule.Text, StringComparison.Ordinal);
            Assert.EndsWith(".", rule.Help, StringComparison.Ordinal);
            Assert.NotEqual("", rule.Source);
        }
    }

    /// <summary>Of several faults, the one that shows first during a start is what stops it.</summary>
    [Fact]
    public void The_first_of_several_faults_is_what_stops_it()
    {
        using var image = BootImage.Open(CheckCases.Image);
        var request = new ImageCheckRequest { CommandLine = new string('x', 3000), Target = CheckTarget.XenPv };
        ImageCheckResult result = ImageCheck.Run(image, request);
        Assert.Equal(["xen-pv", "cmdline-length", "root"], result.Findings.Select(static finding => finding.Rule.Id));
        Assert.Equal("xen-pv", result.Stopper!.Rule.Id);
        Assert.Equal(CheckSeverity.Error, result.Worst);
    }

    /// <summary>Whatever is changed in an image, a check ends with findings and nothing else.</summary>
    [Fact]
    public void Changed_images_end_in_findings()
    {
        byte[] whole = CheckCases.Image;
        byte[] initrd = CheckCases.Initrd;
        var random = new Random(23);
        for (int i = 0; i < 400; i++)
        {
            byte[] changed = [.. whole];
            byte[] ramdisk = [.. initrd];
            for (int change = 0; change < 3; change++)
            {
                changed[random.Next(0x1f1, changed.Length)] ^= (byte)(1 << random.Next(8));
                ramdisk[random.Next(ramdisk.Length)] ^= (byte)(1 << random.Next(8));
            }

            try
            {
                using var image = BootImage.Open(changed);
                CheckTarget target = (CheckTarget)random.Next(8);
                Assert.NotNull(ImageCheck.Run(image, CheckCases.With(ramdisk) with { Target = target }));
            }
            catch (BootFormatException exception)
            {
                Assert.Equal("image", exception.Structure);
            }
        }
    }
}
