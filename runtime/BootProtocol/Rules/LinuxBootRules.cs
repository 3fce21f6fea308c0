using BootProtocol.Elf;

namespace BootProtocol.Rules;

/// <summary>Why a kernel cannot be started by Linux's own boot protocols.</summary>
internal static class LinuxBootRules
{
    /// <summary>Sections that Linux's linker script makes in every kernel, and that other kernels do not have.</summary>
    private static readonly string[] _sections = ["__ex_table", "__param", "__ksymtab"];

    /// <summary>Why not by any of them; null if there is no reason.</summary>
    public static string? GeneralReason(ElfFile kernel, bool hasLinuxHeader) => hasLinuxHeader || IsLinux(kernel)
        ? null
        : "not a Linux kernel: no Linux header, no note of Linux, and none of its sections and symbols";

    /// <summary>Why not by the 64-bit protocol.</summary>
    public static string? Reason64(ElfFile kernel) => kernel.Word == WordSize.Bits64 ? EntryReason(kernel) : "it is a 32-bit kernel";

    /// <summary>Why not by the 32-bit protocol.</summary>
    public static string? Reason32(ElfFile kernel, bool hasLinuxHeader)
    {
        if (kernel.Word == WordSize.Bits32)
            return EntryReason(kernel);
        return hasLinuxHeader ? null : "it is a 64-bit kernel without the 32-bit entry of a bzImage";
    }

    /// <summary>The entry point in a Linux ELF file is a physical address, somewhere in what is loaded.</summary>
    private static string? EntryReason(ElfFile kernel)
    {
        Paddr entry = new(kernel.Header.Entry.Value);
        foreach (Segment segment in kernel.LoadSegments)
        {
            if (segment.Contains(entry))
                return null;
        }

        return $"its entry point {entry} is not a physical address in one of its segments";
    }

    /// <summary>Symbols that are broken are as good as none: a kernel is started without them.</summary>
    private static bool HasBanner(ElfFile kernel)
    {
        try
        {
            return kernel.Symbols?.TryFind("linux_banner", out _) == true;
        }
        catch (BootFormatException)
        {
            return false;
        }
    }

    private static bool IsLinux(ElfFile kernel)
    {
        NoteTable notes = kernel.Notes;
        if (notes.HasNotes("Linux") || notes.Xen.GuestOs?.StartsWith("linux", StringComparison.Ordinal) == true)
            return true;
        foreach (string name in _sections)
        {
            if (kernel.Sections.TryFind(name, out _))
                return true;
        }

        return HasBanner(kernel);
    }
}
