namespace BootProtocol.Xen.Devices;

/// <summary>What a file is, as far as it matters for a disk.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Major">The number of a block device's driver.</param>
/// <param name="Minor">Its own number there.</param>
internal readonly record struct FileStatus(FileKind Kind, uint Major, uint Minor);
