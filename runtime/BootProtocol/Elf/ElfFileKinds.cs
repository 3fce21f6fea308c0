using BootProtocol.Xen;

namespace BootProtocol.Elf;

/// <summary>Finds out what an ELF file is for.</summary>
internal static class ElfFileKinds
{
    private static readonly string[] _moduleSections = [".gnu.linkonce.this_module", ".modinfo"];

    /// <summary>The kind of a file. Sections, which stand at a file's end, are looked at only where the headers leave it open.</summary>
    public static ElfFileKind Of(ElfFile file)
    {
        switch (file.Header.Type)
        {
            case ElfType.Relocatable:
                return _moduleSections.Any(name => file.Sections.TryFind(name, out _)) ? ElfFileKind.KernelModule : ElfFileKind.Relocatable;
            case ElfType.Core:
                return ElfFileKind.Core;
            default:
                if ((!file.Segments.Faults.IsEmpty || file.Segments.Any(IsEmptyCode)) && HasCodeElsewhere(file))
                    return ElfFileKind.SeparateDebug;
                bool hasLoader = file.Segments.Any(static segment => segment.Type == SegmentType.Interpreter) || IsLibrary(file);
                return hasLoader && !IsGuest(file) ? ElfFileKind.Program : ElfFileKind.Executable;
        }
    }

    /// <summary>Why a file of a kind is nothing to start; null if it may be.</summary>
    public static string? Reason(ElfFileKind kind) => kind switch
    {
        ElfFileKind.Program => "it is a program or library of an operating system, no kernel",
        ElfFileKind.Relocatable => "it is a relocatable object file (ET_REL), no kernel",
        ElfFileKind.KernelModule => "it is a kernel module, no kernel",
        ElfFileKind.Core => "it is a core file (ET_CORE), no kernel",
        ElfFileKind.SeparateDebug => "it is separate debugging information: the bytes of its segments are in another file",
        _ => null,
    };

    /// <summary>A shared object that is linked dynamically and has no entry point.</summary>
    private static bool IsLibrary(ElfFile file) =>
        file.Header.Type == ElfType.Shared
        && file.Header.Entry.Value == 0
        && file.Segments.Any(static segment => segment.Type == SegmentType.Dynamic);

    /// <summary>Kernels of FreeBSD and others name an interpreter that nobody runs; a program has no notes of Xen.</summary>
    private static bool IsGuest(ElfFile file)
    {
        try
        {
            return file.Notes.HasNotes(XenNotes.Layout.Owner);
        }
        catch (BootFormatException)
        {
            return false;
        }
    }

    private static bool IsEmptyCode(Segment segment) =>
        segment is { Type: SegmentType.Load, FileSize: 0, MemorySize: > 0 } && segment.Flags.HasFlag(SegmentFlags.Execute);

    private static bool HasCodeElsewhere(ElfFile file)
    {
        foreach (Section section in file.Sections)
        {
            const SectionFlags Code = SectionFlags.Allocate | SectionFlags.Execute;
            if (section.Type == SectionType.NoBits && (section.Flags & Code) == Code)
                return true;
        }

        return false;
    }
}
