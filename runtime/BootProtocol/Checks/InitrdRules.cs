using System.Collections.Immutable;
using BootProtocol.Decompress;
using BootProtocol.LinuxX86;

namespace BootProtocol.Checks;

/// <summary>Rules about an initial ramdisk.</summary>
internal static class InitrdRules
{
    private const string Format = "Documentation/driver-api/early-userspace/buffer-format.rst of Linux";

    private const ulong DefaultLimit = 0x37ffffff;

    /// <summary>The rules in their order.</summary>
    public static ImmutableArray<BoundRule> All { get; } =
    [
        new(
            new CheckRule(
                "initrd-room", CheckSeverity.Error, [], "The ramdisk fits below initrd_addr_max, unless kexec may put it above 4 GiB.",
                "Make it smaller: fewer modules, better compression.", "Documentation/arch/x86/boot.rst of Linux, initrd_addr_max"),
            static subject =>
            {
                // Loaders of kexec pass its whole address in boot_params to a kernel that takes one.
                if (!subject.HasHeader || (subject.Target == CheckTarget.Kexec && subject.Header.Xloadflags.HasFlag(XloadFlags.CanBeLoadedAbove4G)))
                    return null;
                ulong limit = subject.Header.InitrdAddrMax is var value and > 0 ? value : DefaultLimit;
                return (ulong)subject.InitrdBytes.Length > limit
                    ? FormattableString.Invariant($"it has {subject.InitrdBytes.Length} bytes, and has to lie below 0x{limit:x}")
                    : null;
            }),
        new(
            new CheckRule(
                "initrd-format", CheckSeverity.Error, [], "The ramdisk is archives of the form newc, packed or not.",
                "Make it by cpio -o -H newc; disks of a file system are taken by kernels with CONFIG_BLK_DEV_RAM alone.", Format),
            static subject => subject.Initrd is { IsUnknown: true } ? "the ramdisk is neither an archive nor compressed by a known method" : null),
        new(
            new CheckRule(
                "initrd-compression", CheckSeverity.Error, [], "The kernel can decompress the ramdisk.",
                "Compress it by another method, or build the kernel with CONFIG_RD_METHOD.", "init/initramfs.c and lib/decompress.c of Linux"),
            Compression),
        new(
            new CheckRule(
                "initrd-whole", CheckSeverity.Error, [], "The ramdisk unpacks to its end.",
                "Make or copy it again: the kernel says \"Initramfs unpacking failed\".", Format),
            static subject => subject.Initrd?.Fault),
        new(
            new CheckRule(
                "initrd-word", CheckSeverity.Error, [], "A 32-bit kernel has a ramdisk of 32-bit programs.",
                "Take the ramdisk that was made for this kernel.", "fs/binfmt_elf.c of Linux"),
            static subject => subject.Initrd?.ProgramWord == WordSize.Bits64 && subject.Elf is { Word: WordSize.Bits32 }
                ? "its programs have 64 bits, and the kernel has 32"
                : null),
        new(
            new CheckRule(
                "initrd-init", CheckSeverity.Error, [],
                "The ramdisk has the program that is to run first, and it can be executed, or root= names something else.",
                "Put it at /init, or name it by rdinit=, and give it the right of execution (chmod +x).",
                "Documentation/admin-guide/initrd.rst and init/main.c of Linux"),
            Init),
    ];

    private static string? Compression(CheckSubject subject)
    {
        foreach (PayloadFormat format in subject.Initrd?.Formats ?? [])
        {
            string option = $"RD_{PayloadFormats.Name(format).ToUpperInvariant()}";
            if (subject.Lacks(option) is { } reason)
                return $"the ramdisk is packed by {PayloadFormats.Name(format)}, which the kernel does not take: {reason}";
        }

        return null;
    }

    private static string? Init(CheckSubject subject)
    {
        if (subject.Initrd is not { Fault: null, IsUnknown: false, IsPartial: false } initrd)
            return null;
        string program = subject.Words.LastOrDefault(static word => word.StartsWith("rdinit=", StringComparison.Ordinal))?["rdinit=".Length..] ?? "/init";
        bool hasRoot = subject.Words.Any(static word => word.StartsWith("root=", StringComparison.Ordinal));
        if (!initrd.Files.TryFind(program, out InitrdFile? file))
            return null;
        if (file is null)
            return hasRoot ? null : $"there is no {ReasonText.Quote(program)} in the ramdisk, and no root= on the command line";
        return file.IsProgram ? null : $"{ReasonText.Quote(program)} in the ramdisk is no file that can be executed (its mode is {ModeText(file)})";
    }

    /// <summary>As tools write modes: in octal.</summary>
    private static string ModeText(InitrdFile file) => Convert.ToString((int)file.Mode, 8);
}
