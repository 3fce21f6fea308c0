using System.Collections.Immutable;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.LinuxX86;
using BootProtocol.Pe;

namespace BootProtocol.Checks;

/// <summary>Rules about what a loader, a monitor or firmware asks of an image.</summary>
internal static class LoaderRules
{
    private const string Protocol = "Documentation/arch/x86/boot.rst of Linux";
    private const string PeFormat = "Microsoft PE format";

    /// <summary>The first major version of Linux's EFI stub that asks the loader for its ramdisk (LoadFile2).</summary>
    private const int FirstStubWithLoadFile = 1;

    /// <summary>The rules in their order.</summary>
    public static ImmutableArray<BoundRule> All { get; } =
    [
        new(
            new CheckRule(
                "elf-file", CheckSeverity.Error, [CheckTarget.Firecracker], "The image is an ELF file that is not compressed.",
                "Take the kernel out: bootproto extract IMAGE -o vmlinux.", "Firecracker, docs/rootfs-and-kernel-setup.md"),
            static subject => subject.File.Kind == ImageKind.Elf ? null : "it is no plain ELF file"),
        new(
            new CheckRule(
                "zimage", CheckSeverity.Error, [CheckTarget.Kexec, CheckTarget.Uefi, CheckTarget.CloudHypervisor, CheckTarget.XenPvh],
                "The image is loaded high (a bzImage).", "Build a bzImage: a zImage starts by its 16-bit code below 1 MiB alone.",
                $"{Protocol}, loadflags LOADED_HIGH"),
            static subject => subject.Image.Kind is ImageKind.ZImage or ImageKind.Old ? "it is a zImage" : null),
        new(
            new CheckRule(
                "entry-64", CheckSeverity.Error, [CheckTarget.Kexec, CheckTarget.Uefi],
                "A 64-bit kernel has its 64-bit entry (XLF_KERNEL_64).", "Take a kernel of Linux 3.8 or later.", $"{Protocol}, xloadflags"),
            static subject => subject.HasHeader && subject.Elf is { Word: WordSize.Bits64 } && !subject.Header.Xloadflags.HasFlag(XloadFlags.Kernel64)
                ? "it is a 64-bit kernel without XLF_KERNEL_64"
                : null),
        new(
            new CheckRule(
                "relocatable", CheckSeverity.Error, [CheckTarget.Kexec], "The kernel runs where it is put (relocatable_kernel).",
                "Build it with CONFIG_RELOCATABLE: memory for a crash kernel lies somewhere else than it was linked for.",
                $"{Protocol}, relocatable_kernel; Documentation/admin-guide/kdump/kdump.rst"),
            static subject => subject.HasHeader && subject.Header.RelocatableKernel == 0
                ? "it runs at the address that it was linked for, alone"
                : null),
        new(
            new CheckRule(
                "above-4g", CheckSeverity.Warning, [CheckTarget.Kexec], "A 64-bit kernel may lie above 4 GiB (XLF_CAN_BE_LOADED_ABOVE_4G).",
                "Keep memory below 4 GiB for it: crashkernel=SIZE,low beside crashkernel=SIZE,high.",
                $"{Protocol}, xloadflags; Documentation/admin-guide/kdump/kdump.rst"),
            static subject => subject.HasHeader && subject.Elf is { Word: WordSize.Bits64 }
                && !subject.Header.Xloadflags.HasFlag(XloadFlags.CanBeLoadedAbove4G)
                ? "it has no XLF_CAN_BE_LOADED_ABOVE_4G"
                : null),
        new(
            new CheckRule(
                "efi-stub", CheckSeverity.Error, [CheckTarget.Uefi], "The image is an EFI program.",
                "Build the kernel with CONFIG_EFI_STUB, or start it by a loader such as GRUB.", "UEFI specification 2.10, 2.1.1"),
            static subject => subject.File.TryGetPe(out _) ? null : "it has no PE headers"),
        new(
            new CheckRule(
                "pe-sections", CheckSeverity.Error, [CheckTarget.Uefi], "The PE headers and the contents of all sections lie in the file.",
                "Build or download the image again.", $"{PeFormat}, \"Section Table\""),
            PeSections,
            FindsFaults: true),
        new(
            new CheckRule(
                "pe-machine", CheckSeverity.Warning, [CheckTarget.Uefi], "The program is one for 64-bit firmware.",
                "Take a 64-bit kernel, unless the firmware has 32 bits.", $"{PeFormat}, \"Machine Types\""),
            static subject => subject.File.TryGetPe(out PeView pe) && pe.Header.Machine != PeMachine.Amd64
                ? $"it is one for {pe.Header.Machine}"
                : null),
        new(
            new CheckRule(
                "efi-initrd", CheckSeverity.Warning, [CheckTarget.Uefi], "A loader has a way to give the EFI stub a ramdisk.",
                "Name it on the command line (initrd=FILE), or take a kernel of Linux 5.7 or later.",
                $"{Protocol}, handover_offset; drivers/firmware/efi/libstub of Linux"),
            EfiInitrd),
        new(
            new CheckRule(
                "nx-compat", CheckSeverity.Note, [CheckTarget.Uefi], "The program does without memory that is both writable and executable (NX_COMPAT).",
                "Firmware that insists on it needs Linux 6.6 or later.", "UEFI CA memory mitigation requirements, Microsoft, 2022"),
            static subject => subject.File.TryGetPe(out PeView pe) && pe.TryGetOptionalHeader64(out Pe32PlusOptionalHeader header)
                && !header.DllFlags.HasFlag(PeDllCharacteristics.NxCompatible)
                ? "it has no NX_COMPAT"
                : null),
        new(
            new CheckRule(
                "uki-uname", CheckSeverity.Warning, [], "The section .uname of a unified kernel image names its kernel.",
                "Build the image again: bootctl and updates take the version from there.", "UAPI Group, \"Unified Kernel Image\""),
            static subject => subject.File.UnifiedKernel?.Profiles[0].Find(".uname") is { } section && subject.Image.KernelVersion is { } version
                && version.Split(' ')[0] != section.Text.Trim()
                ? $".uname is {ReasonText.Quote(section.Text.Trim())}, and the kernel is {ReasonText.Quote(version.Split(' ')[0])}"
                : null),
    ];

    private static string? PeSections(CheckSubject subject)
    {
        if (!subject.File.TryGetPe(out PeView pe))
            return null;
        if (pe.Fault.IsError)
            throw pe.Fault.ToException();
        foreach (Pe.SectionHeader section in pe.Sections)
        {
            if (section.RawDataSize > 0 && (long)section.DataAddr + section.RawDataSize > subject.File.Bytes.Length)
                return FormattableString.Invariant($"{section.RawDataSize} bytes of a section at 0x{section.DataAddr:x} do not lie in the file");
        }

        return null;
    }

    private static string? EfiInitrd(CheckSubject subject)
    {
        if (subject.InitrdBytes.IsEmpty || subject.File.UnifiedKernel is not null || !subject.HasHeader || !subject.File.TryGetPe(out PeView pe))
            return null;
        int major = pe.TryGetOptionalHeader64(out Pe32PlusOptionalHeader wide) ? wide.ImageMajor
            : pe.TryGetOptionalHeader32(out Pe32OptionalHeader narrow) ? narrow.ImageMajor : 0;
        bool hasHandover = (subject.Header.Xloadflags & (XloadFlags.EfiHandover32 | XloadFlags.EfiHandover64)) != 0;
        return major >= FirstStubWithLoadFile || hasHandover ? null : "it has neither the handover entry nor LoadFile2 for its ramdisk";
    }
}
