namespace BootProtocol.Xen.Devices;

/// <summary>What a file is, as far as it matters for a disk.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Major">The number of a block device's driver.</param>
/// <param name="Minor">Its own number there.</param>
/// <param name="Home">Which file system an ordinary file is in.</param>
/// <param name="Inode">Its number there.</param>
internal readonly record struct FileStatus(FileKind Kind, uint Major, uint Minor, ulong Home = 0, ulong Inode = 0)
{
    /// <summary>Whether both names are of the same file, or of the same block device.</summary>
    public bool IsSame(FileStatus other) => Kind == other.Kind && (Kind == FileKind.Block
        ? (Major, Minor) == (other.Major, other.Minor)
        : (Home, Inode) == (other.Home, other.Inode));
}
