namespace BootProtocol.Images;

/// <summary>What kind of image a file is, as far as its own header shows.</summary>
/// <example><code>
/// Console.WriteLine(image.Kind is ImageKind.BzImage or ImageKind.ZImage ? "a Linux image" : $"{image.Kind}");
/// </code></example>
public enum ImageKind
{
    /// <summary>A Linux image whose protected-mode part is loaded at 1 MiB (LOADED_HIGH is set).</summary>
    BzImage,

    /// <summary>A Linux image whose protected-mode part is loaded at 64 KiB.</summary>
    ZImage,

    /// <summary>A Linux image from before boot protocol 2.00: a boot sector without a header.</summary>
    Old,

    /// <summary>An ELF file, such as vmlinux or a guest for Xen.</summary>
    Elf,

    /// <summary>An EFI program (PE) that is no Linux image itself, and holds none.</summary>
    Pe,

    /// <summary>A unified kernel image: an EFI program (PE) with a kernel, and what belongs to it, in its sections.</summary>
    UnifiedKernel,

    /// <summary>An EFI program that decompresses the kernel behind it (EFI zboot), as processors other than x86 have it.</summary>
    EfiZboot,

    /// <summary>A file of a compression tool, such as Debian's gzip of Xen; what is in it shows only when it is decoded.</summary>
    Compressed,
}
