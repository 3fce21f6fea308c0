namespace BootProtocol.Xen.Devices;

/// <summary>Kinds of file.</summary>
internal enum FileKind
{
    /// <summary>Nothing that can be a disk.</summary>
    Other,

    /// <summary>An ordinary file.</summary>
    Regular,

    /// <summary>A block device.</summary>
    Block,
}
