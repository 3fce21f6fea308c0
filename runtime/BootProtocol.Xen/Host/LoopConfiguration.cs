using System.Runtime.InteropServices;

namespace BootProtocol.Xen.Host;

/// <summary>Linux's <c>struct loop_config</c>: what is not named here stays zero.</summary>
[StructLayout(LayoutKind.Explicit, Size = 304)]
internal struct LoopConfiguration
{
    /// <summary>LO_FLAGS_READ_ONLY.</summary>
    public const uint ReadOnly = 1;

    /// <summary>LO_FLAGS_AUTOCLEAR: it is free again once nobody has it open.</summary>
    public const uint FreeOnceClosed = 4;

    /// <summary>The number of the file.</summary>
    [FieldOffset(0)]
    public uint File;

    /// <summary>The flags, in the loop_info64 that begins at 8.</summary>
    [FieldOffset(60)]
    public uint Flags;
}
