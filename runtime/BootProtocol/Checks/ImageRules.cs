using System.Collections.Immutable;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.LinuxX86;
using BootProtocol.Rules;
using BootProtocol.Specs;

namespace BootProtocol.Checks;

/// <summary>Rules about the image itself.</summary>
internal static class ImageRules
{
    private const string Protocol = "Documentation/arch/x86/boot.rst of Linux";
    private static readonly ProtocolVersion _firstWithInitSize = new(2, 10);
    private static readonly ProtocolVersion _firstWith64 = new(2, 12);

    /// <summary>The rules in their order.</summary>
    public static ImmutableArray<BoundRule> All { get; } =
    [
        new(
            new CheckRule(
                "image-whole", CheckSeverity.Error, [], "The file holds the whole image, and every image in it.",
                "Copy or download it again: its end is missing, or it was never a kernel.", $"{Protocol}, syssize and setup_sects"),
            Whole,
            FindsFaults: true),
        new(
            new CheckRule(
                "kernel-there", CheckSeverity.Error, [], "There is a kernel in the image, or it is a program for firmware.",
                "Take the kernel itself, or the unified kernel image that holds it.", $"{Protocol}, payload_offset"),
            static subject => subject.Kernel is null && !IsProgram(subject) ? "there is no kernel in it" : null),
        new(
            new CheckRule(
                "payload-intact", CheckSeverity.Error, [], "The kernel decompresses to its end, to the size that is stated.",
                "Copy or download the image again: its bytes were changed.", $"{Protocol}, payload_length; lib/decompress_*.c"),
            static subject =>
            {
                _ = subject.Kernel;
                return null;
            },
            FindsFaults: true),
        new(
            new CheckRule(
                "x86", CheckSeverity.Error, [], "The kernel is an ELF file for x86 that can be loaded: linked, with segments to load.",
                "Take the kernel itself, for this processor: not a module, an object or a memory dump.", "System V ABI, e_machine, e_type and p_type"),
            Processor),
        new(
            new CheckRule(
                "crc", CheckSeverity.Warning, [], "The CRC-32 at the end of the image is right.",
                "Copy or download it again; a tool that changes images has to write it anew.", "arch/x86/boot/tools/build.c of Linux up to 6.14"),
            static subject => subject.Image.Checksum == ChecksumState.Invalid ? "the CRC-32 at its end is not that of the image" : null),
        new(
            new CheckRule(
                "protocol-old", CheckSeverity.Note, [], "The image is of protocol 2.12 or later, as all since Linux 3.8.",
                "Some loaders start it by its own 16-bit code alone: take a newer kernel where they do not.", $"{Protocol}, version history"),
            static subject => subject.Image.IsLinux && (subject.Image.Protocol is not { } version || version < _firstWith64)
                ? $"it is of {(subject.Image.Protocol is { } old ? $"protocol {old}" : "a time before protocol 2.00")}"
                : null),
        new(
            new CheckRule(
                "alignment", CheckSeverity.Error, [], "kernel_alignment is a power of two, and pref_address a multiple of it.",
                "Build the image again: its header was changed.", $"{Protocol}, kernel_alignment and pref_address"),
            Alignment),
        new(
            new CheckRule(
                "pref-address", CheckSeverity.Error, [], "The kernel is linked for the physical address that pref_address gives.",
                "Build the image again: header and kernel are not of one build.", $"{Protocol}, pref_address; arch/x86/boot/compressed/misc.c"),
            PreferredAddress),
        new(
            new CheckRule(
                "init-size", CheckSeverity.Error, [], "init_size is no less than the memory that the kernel takes.",
                "Build the image again: a loader would put the ramdisk where the kernel unpacks itself.", $"{Protocol}, init_size"),
            InitSize),
    ];

    /// <summary>Firmware starts any program of EFI.</summary>
    private static bool IsProgram(CheckSubject subject) => subject.Target is null or CheckTarget.Uefi && subject.File.TryGetPe(out _);

    /// <summary>Headers that are broken are a finding of this rule; a payload that is broken is one of another.</summary>
    private static string? Processor(CheckSubject subject)
    {
        if (subject.Kernel is not { IsElf: true } kernel)
            return null;
        try
        {
            return LoadReason(subject, kernel.Elf);
        }
        catch (BootFormatException exception)
        {
            return exception.Message;
        }
    }

    private static string? LoadReason(CheckSubject subject, ElfFile elf)
    {
        if (elf.Header.Machine is not (ElfMachine.X8664 or ElfMachine.I386 or ElfMachine.IntelMcu))
            return $"it is one for another processor (e_machine {(int)elf.Header.Machine})";
        if (elf.Header.Type is not (ElfType.Executable or ElfType.Shared))
            return $"it is no file that can be loaded (e_type {(int)elf.Header.Type})";
        if (elf.LoadSegments.IsEmpty)
            return "it has no segment to load (PT_LOAD)";
        return elf.Kind == ElfFileKind.Program && HasMultiboot(subject) ? null : BootWays.GeneralReason(elf);
    }

    /// <summary>A loader of Multiboot takes segments as they are, whatever else the file says.</summary>
    private static bool HasMultiboot(CheckSubject subject)
    {
        ReadOnlySpan<byte> bytes = subject.Kernel!.DecodeAll().Span;
        return MultibootSearch.TryFind(bytes, out _, out _) || MultibootSearch.TryFind2(bytes, out _, out _);
    }

    private static string? Whole(CheckSubject subject)
    {
        for (BootImage? image = subject.File; image is not null; image = image.Inner)
            image.EnsureComplete();
        return null;
    }

    private static string? Alignment(CheckSubject subject)
    {
        if (!subject.HasHeader || subject.Header.KernelAlignment is not (> 0 and var alignment))
            return null;
        if (!uint.IsPow2(alignment))
            return $"kernel_alignment 0x{alignment:x} is no power of two";
        return subject.Header.PrefAddress is { } address && address.Value % alignment != 0
            ? $"pref_address {address} is no multiple of kernel_alignment 0x{alignment:x}"
            : null;
    }

    private static string? PreferredAddress(CheckSubject subject)
    {
        if (!subject.HasHeader || subject.Header.PrefAddress is not { Value: > 0 } address || subject.Elf is not { LoadSegments.IsEmpty: false } elf)
            return null;
        Paddr first = elf.LoadSegments.Min(static segment => segment.PhysicalAddress);
        return first == address ? null : $"pref_address is {address}, and the kernel is linked for {first}";
    }

    private static string? InitSize(CheckSubject subject)
    {
        if (!subject.HasHeader || subject.Header.Version < _firstWithInitSize || subject.Header.InitSize is not { } size
            || subject.Elf is not { LoadSegments.IsEmpty: false } elf)
        {
            return null;
        }

        ulong start = elf.LoadSegments.Min(static segment => segment.PhysicalAddress).Value;
        ulong need = elf.LoadSegments.Max(static segment => segment.PhysicalEnd).Value - start;
        return size < need ? FormattableString.Invariant($"init_size is {size} bytes, and the kernel takes {need}") : null;
    }
}
