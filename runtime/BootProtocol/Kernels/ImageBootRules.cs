using System.Collections.Immutable;
using BootProtocol.Images;
using BootProtocol.LinuxX86;
using BootProtocol.Rules;

namespace BootProtocol.Kernels;

/// <summary>How an image is started whose kernel is no ELF file: by its own code, where the Linux boot protocol enters it.</summary>
internal static class ImageBootRules
{
    /// <summary>The first protocol that says how much of an image belongs into memory, which entering it there takes.</summary>
    private static readonly ProtocolVersion _firstWithSize = new(2, 4);

    /// <summary>Judges every way, in the usual order.</summary>
    public static ImmutableArray<BootWayCheck> Judge(KernelPayload payload)
    {
        BootImage image = payload.Image;
        string? general = GeneralReason(payload);
        const string NoElf = "it is no ELF file, which has the notes and the entry for that";
        return
        [
            new BootWayCheck(BootWay.Linux64, general ?? Reason64(image)),
            new BootWayCheck(BootWay.Linux32, general),
            new BootWayCheck(BootWay.Pvh, NoElf),
            new BootWayCheck(BootWay.XenPv, NoElf),
        ];
    }

    /// <summary>Why an image's own code cannot be entered at all; null if it can.</summary>
    public static string? GeneralReason(KernelPayload payload)
    {
        BootImage image = payload.Image;
        if (image.Kind == ImageKind.EfiZboot)
            return "it is an EFI zboot image, which firmware starts, for a processor other than x86";
        if (!image.HasSetupHeader)
            return "it has only a real-mode entry: a boot sector without a Linux header";
        SetupHeader header = image.SetupHeader;
        if (image.Kind == ImageKind.ZImage)
            return "it is a zImage, whose code is for 0x10000, where firmware and boot loader are";
        if (header.Code32Start.Value == 0)
            return "it has only a real-mode entry: its code32_start is 0";
        if (image.SetupLength >= image.ContentLength)
            return "it has only a real-mode entry: nothing follows its setup part";
        return image.Protocol < _firstWithSize && payload.Origin == PayloadOrigin.Image
            ? $"it has only a real-mode entry: protocol {image.Protocol}, and no kernel in it"
            : null;
    }

    private static string? Reason64(BootImage image) => image.SetupHeader.Xloadflags.HasFlag(XloadFlags.Kernel64)
        ? null
        : "its xloadflags have no XLF_KERNEL_64: it has no 64-bit entry";
}
