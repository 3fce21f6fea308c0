using System.Runtime.InteropServices;

namespace BootProtocol.Xen.Host;

/// <summary>Linux's <c>struct statx</c>, as far as it is read here.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileFacts
{
    /// <summary>STATX_TYPE and STATX_INO: what is asked for.</summary>
    public const uint Wanted = 0x101;

    /// <summary>The bits of the mode that say what the file is (S_IFMT).</summary>
    public const ushort KindBits = 0xf000;

    /// <summary>S_IFREG.</summary>
    public const ushort Regular = 0x8000;

    /// <summary>S_IFBLK.</summary>
    public const ushort Block = 0x6000;

    /// <summary>The kind of file and its permissions.</summary>
    [FieldOffset(28)]
    public ushort Mode;

    /// <summary>The number of the file in its file system.</summary>
    [FieldOffset(32)]
    public ulong Inode;

    /// <summary>The number of a device's driver.</summary>
    [FieldOffset(128)]
    public uint Major;

    /// <summary>Its own number there.</summary>
    [FieldOffset(132)]
    public uint Minor;

    /// <summary>The driver's number of the device that the file's own file system is on.</summary>
    [FieldOffset(136)]
    public uint HomeMajor;

    /// <summary>The device's own number there.</summary>
    [FieldOffset(140)]
    public uint HomeMinor;
}
