using BootProtocol.Elf;
using BootProtocol.Images;

namespace BootProtocol.Cli.Inspection;

/// <summary>The words for kinds and states in reports and JSON.</summary>
internal static class KindNames
{
    /// <summary>The word for a kind of image.</summary>
    public static string Of(ImageKind kind) => kind switch
    {
        ImageKind.BzImage => "bzImage",
        ImageKind.ZImage => "zImage",
        ImageKind.Old => "old",
        ImageKind.Elf => "elf",
        ImageKind.Pe => "pe",
        ImageKind.UnifiedKernel => "uki",
        ImageKind.EfiZboot => "zboot",
        ImageKind.Compressed => "compressed",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>What a kind of image is, for people.</summary>
    public static string Describe(ImageKind kind) => kind switch
    {
        ImageKind.BzImage => "bzImage (Linux, loaded at 1 MiB)",
        ImageKind.ZImage => "zImage (Linux, loaded at 64 KiB)",
        ImageKind.Old => "Linux image without a header (before protocol 2.00), as far as a boot sector tells",
        ImageKind.Elf => "ELF file",
        ImageKind.Pe => "EFI program (PE)",
        ImageKind.UnifiedKernel => "unified kernel image (EFI program with a kernel in it)",
        ImageKind.EfiZboot => "EFI zboot image (compressed kernel for a processor other than x86)",
        ImageKind.Compressed => "compressed file",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>What an ELF file is, for people.</summary>
    public static string Describe(ElfFileKind kind) => kind switch
    {
        ElfFileKind.Executable => "ELF file",
        ElfFileKind.Program => "ELF file: a program or library of an operating system",
        ElfFileKind.Relocatable => "ELF file: a relocatable object",
        ElfFileKind.KernelModule => "ELF file: a kernel module",
        ElfFileKind.Core => "ELF file: a core file",
        ElfFileKind.SeparateDebug => "ELF file: separate debugging information",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>The word for the state of a checksum.</summary>
    public static string Of(ChecksumState state) => state switch
    {
        ChecksumState.Absent => "absent",
        ChecksumState.Valid => "valid",
        ChecksumState.Invalid => "invalid",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };
}
