using System.Collections.Immutable;
using System.Text;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.LinuxX86;
using BootProtocol.Pe;
using BootProtocol.Rules;

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
                "elf-file", CheckSeverity.Error, [CheckTarget.Firecracker], "The image is an ELF file of 64 bits that is not compressed.",
                "Take the kernel out: bootproto extract IMAGE -o vmlinux; kernels of 32 bits are not started.",
                "Firecracker, docs/rootfs-and-kernel-setup.md; linux-loader, src/loader/elf/mod.rs"),
            ElfReason),
        new(
            new CheckRule(
                "qemu-entry", CheckSeverity.Error, [CheckTarget.Qemu],
                "The file has a Linux header, or is an ELF file with an entry for PVH, or has a Multiboot header.",
                "Take the bzImage, or build the kernel with CONFIG_PVH; unified kernel images are started by firmware (--for uefi).",
                "QEMU, hw/i386/x86-common.c and hw/i386/multiboot.c"),
            static subject => subject.File.IsLinux || HasPvhEntry(subject) || MultibootSearch.TryFind(subject.File.Bytes, out _, out _)
                ? null
                : "it has no Linux header, no entry for PVH and no Multiboot header"),
        new(
            new CheckRule(
                "grub-command", CheckSeverity.Error, [CheckTarget.Grub],
                "The file has a Linux header, or a Multiboot header of version 1 or 2, as GRUB's commands linux, linux16, multiboot and multiboot2 ask for.",
                "Take the bzImage; unified kernel images and other EFI programs need firmware of EFI.",
                "GRUB, grub-core/loader/i386/linux.c, grub-core/loader/multiboot.c and grub-core/loader/multiboot_mbi2.c"),
            static subject => HasGrubHeader(subject) ? null : "it has neither a Linux header nor a Multiboot header"),
        new(
            new CheckRule(
                "zimage", CheckSeverity.Error, [CheckTarget.Kexec, CheckTarget.Uefi, CheckTarget.CloudHypervisor, CheckTarget.XenPvh],
                "The image is loaded high (a bzImage).", "Build a bzImage: a zImage starts by its 16-bit code below 1 MiB alone.",
                $"{Protocol}, loadflags LOADED_HIGH"),
            static subject => subject.Image.Kind is ImageKind.ZImage or ImageKind.Old ? "it is a zImage" : null),
        new(
            new CheckRule(
                "entry-64", CheckSeverity.Warning, [CheckTarget.Kexec],
                "A 64-bit kernel has its 64-bit entry (XLF_KERNEL_64): the running kernel's own loader (kexec -s) takes no other.",
                "Load it by kexec -c or bootproto kexec load, or take a kernel of Linux 3.8 or later.",
                $"{Protocol}, xloadflags; arch/x86/kernel/kexec-bzimage64.c of Linux"),
            static subject => subject.HasHeader && subject.Elf is { Word: WordSize.Bits64 } && !subject.Header.Xloadflags.HasFlag(XloadFlags.Kernel64)
                ? "it is a 64-bit kernel without XLF_KERNEL_64"
                : null),
        new(
            new CheckRule(
                "relocatable", CheckSeverity.Warning, [CheckTarget.Kexec], "The kernel runs where it is put (relocatable_kernel).",
                "Build it with CONFIG_RELOCATABLE: memory for a crash kernel lies somewhere else than it was linked for.",
                $"{Protocol}, relocatable_kernel; Documentation/admin-guide/kdump/kdump.rst"),
            static subject => subject.HasHeader && subject.Header.RelocatableKernel == 0
                ? "it runs at the address that it was linked for, alone"
                : null),
        new(
            new CheckRule(
                "above-4g", CheckSeverity.Warning, [CheckTarget.Kexec],
                "A 64-bit kernel may lie above 4 GiB (XLF_CAN_BE_LOADED_ABOVE_4G): the running kernel's own loader (kexec -s) takes no other.",
                "Load it by kexec -c or bootproto kexec load; for a panic, keep memory below 4 GiB: crashkernel=SIZE,low beside crashkernel=SIZE,high.",
                $"{Protocol}, xloadflags; arch/x86/kernel/kexec-bzimage64.c of Linux; Documentation/admin-guide/kdump/kdump.rst"),
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
                "pe-processor", CheckSeverity.Error, [CheckTarget.Uefi], "The program is one for x86, of 64 or 32 bits.",
                "Take the image for this processor, or download it again.", $"{PeFormat}, \"Machine Types\""),
            static subject => subject.File.TryGetPe(out PeView pe) && pe.Header.Machine is not (PeMachine.Amd64 or PeMachine.I386)
                ? $"it is one for {pe.Header.Machine}"
                : null),
        new(
            new CheckRule(
                "uki-kernel", CheckSeverity.Error, [CheckTarget.Uefi], "A unified kernel image has a kernel (.linux).",
                "Build the image again: ukify build --linux=KERNEL. An addon (.addon.efi) goes beside the image that it is for.",
                "UAPI Group, \"Unified Kernel Image\""),
            static subject => subject.File.TryGetPe(out PeView pe) && HasPartsAlone(pe) ? "it has parts of a unified kernel image, but no .linux" : null),
        new(
            new CheckRule(
                "pe-machine", CheckSeverity.Warning, [CheckTarget.Uefi], "The program is one for 64-bit firmware.",
                "Take a 64-bit kernel, unless the firmware has 32 bits.", $"{PeFormat}, \"Machine Types\""),
            static subject => subject.File.TryGetPe(out PeView pe) && pe.Header.Machine == PeMachine.I386
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

    /// <summary>Why a file is none that monitors in Rust load, by the library that they share; null if it is one.</summary>
    internal static string? ElfReason(CheckSubject subject) => subject switch
    {
        { File.Kind: not ImageKind.Elf } => "it is no plain ELF file",
        { Elf.Word: WordSize.Bits32 } => "it is an ELF file of 32 bits",
        _ => null,
    };

    private static bool HasPvhEntry(CheckSubject subject) => subject.File.Kind == ImageKind.Elf
        && subject.Kernel?.BootWays.Any(static check => check is { Way: BootWay.Pvh, Possible: true }) == true;

    /// <summary>GRUB decompresses the files that it reads.</summary>
    private static bool HasGrubHeader(CheckSubject subject)
    {
        BootImage file = subject.File;
        while (file is { Kind: ImageKind.Compressed, Inner: { } inner })
            file = inner;
        ReadOnlySpan<byte> bytes = file.Kind == ImageKind.Compressed && subject.Kernel is { } kernel ? kernel.DecodeAll().Span : file.Bytes;
        return file.IsLinux || MultibootSearch.TryFind(bytes, out _, out _) || MultibootSearch.TryFind2(bytes, out _, out _);
    }

    /// <summary>Whether it has sections that only unified kernel images have, and none of the kernel.</summary>
    private static bool HasPartsAlone(PeView pe)
    {
        bool hasPart = false;
        foreach (Pe.SectionHeader section in pe.Sections)
        {
            string name = Encoding.UTF8.GetString(section.Name.TrimEnd((byte)0));
            if (name == UnifiedKernelImage.KernelSection)
                return false;
            hasPart |= name is ".osrel" or ".cmdline" or ".initrd" or ".uname";
        }

        return hasPart;
    }

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
