namespace BootProtocol.Elf;

/// <summary>What an ELF file is for, as its headers show.</summary>
/// <example><code>
/// Console.WriteLine(kernel.Elf.Kind == ElfFileKind.Executable ? "a kernel" : $"no kernel: {kernel.Elf.Kind}");
/// </code></example>
public enum ElfFileKind
{
    /// <summary>Something that is loaded and entered: a kernel, or what is like one.</summary>
    Executable,

    /// <summary>
    /// A program or library of an operating system, which an interpreter loads (PT_INTERP) or another program uses. A kernel that names an
    /// interpreter, as FreeBSD's do, is none if it has notes of Xen.
    /// </summary>
    Program,

    /// <summary>Something that has yet to be linked (ET_REL).</summary>
    Relocatable,

    /// <summary>A module of Linux: relocatable, with a section <c>.gnu.linkonce.this_module</c> or <c>.modinfo</c>.</summary>
    KernelModule,

    /// <summary>A memory dump (ET_CORE).</summary>
    Core,

    /// <summary>
    /// Debugging information that was taken out of another file, whose headers it keeps: code is a section without bytes (SHT_NOBITS), and
    /// segments lie in the other file.
    /// </summary>
    SeparateDebug,
}
