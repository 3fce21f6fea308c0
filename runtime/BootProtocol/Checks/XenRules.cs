using System.Collections.Immutable;
using BootProtocol.Decompress;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.LinuxX86;
using BootProtocol.Rules;

namespace BootProtocol.Checks;

/// <summary>Rules about guests of Xen, and about PVH elsewhere.</summary>
internal static class XenRules
{
    private const string Notes = "Xen, docs/misc/pvh.pandoc and xen/include/public/elfnote.h";

    /// <summary>The rules in their order.</summary>
    public static ImmutableArray<BoundRule> All { get; } =
    [
        new(
            new CheckRule(
                "pvh-entry", CheckSeverity.Error, [CheckTarget.XenPvh], "The kernel can be entered by PVH.",
                "Build it with CONFIG_PVH.", Notes),
            static subject => Reason(subject, BootWay.Pvh)),
        new(
            new CheckRule(
                "pvh-or-bzimage", CheckSeverity.Error, [CheckTarget.CloudHypervisor],
                "The image is an ELF file of 64 bits, not compressed, that can be entered by PVH, or a 64-bit bzImage.",
                "Build it with CONFIG_PVH; Cloud Hypervisor before its pull request 6200 takes no bzImage.",
                "Cloud Hypervisor, README.md, \"Building your Kernel\", and pull request 6200; linux-loader, src/loader/elf/mod.rs"),
            static subject => IsWideImage(subject) ? null : LoaderRules.ElfReason(subject) ?? Reason(subject, BootWay.Pvh)),
        new(
            new CheckRule(
                "xen-pv", CheckSeverity.Error, [CheckTarget.XenPv], "The kernel can be started paravirtualised.",
                "Build it with CONFIG_XEN_PV; 32-bit kernels have it up to Linux 5.8. Or start it as PVH.", "Xen, tools/libs/guest/xg_dom_core.c"),
            static subject => Reason(subject, BootWay.XenPv)),
        new(
            new CheckRule(
                "xen-zstd", CheckSeverity.Note, [CheckTarget.XenPv, CheckTarget.XenPvh], "Every supported Xen's tools can decompress the kernel.",
                "Take Xen 4.15 or later, or give it the kernel taken out: bootproto extract IMAGE -o vmlinux.", "Xen, CHANGELOG.md of 4.15"),
            static subject => subject.Kernel is { Payload.Format: PayloadFormat.Zstd }
                ? "it is packed by zstd, which Xen's tools before 4.15 do not take"
                : null),
    ];

    private static bool IsWideImage(CheckSubject subject) =>
        subject.File.Kind == ImageKind.BzImage && subject.Header.Xloadflags.HasFlag(XloadFlags.Kernel64);

    private static string? Reason(CheckSubject subject, BootWay way) => subject.Kernel is { } kernel
        ? kernel.BootWays.FirstOrDefault(check => check.Way == way)?.Reason
        : null;
}
