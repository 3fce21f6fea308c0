namespace BootProtocol.Checks;

/// <summary>A file of an initial ramdisk.</summary>
/// <param name="Mode">Its kind and rights (c_mode).</param>
/// <param name="Link">Where it leads, if it is a symbolic link; null for all others.</param>
internal sealed record InitrdFile(uint Mode, string? Link)
{
    private const uint KindMask = 0xf000;
    private const uint LinkKind = 0xa000;
    private const uint RegularKind = 0x8000;
    private const uint FolderKind = 0x4000;
    private const uint MayBeExecuted = 0x49;

    /// <summary>Whether a mode is that of a symbolic link.</summary>
    public static bool IsLink(uint mode) => (mode & KindMask) == LinkKind;

    /// <summary>Whether it is a directory.</summary>
    public bool IsFolder => (Mode & KindMask) == FolderKind;

    /// <summary>Whether the kernel can run it: a regular file with the right of execution for somebody (root may then, too).</summary>
    public bool IsProgram => (Mode & KindMask) == RegularKind && (Mode & MayBeExecuted) != 0;
}
