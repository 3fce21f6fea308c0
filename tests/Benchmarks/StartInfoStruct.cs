using System.Runtime.InteropServices;

namespace BootProtocol.Benchmarks;

/// <summary>The 64-bit start_info as a blittable structure; the 32-bit one would be another.</summary>
[StructLayout(LayoutKind.Explicit, Size = 1168)]
internal readonly struct StartInfoStruct
{
    [FieldOffset(32)]
    public readonly ulong NrPages;

    [FieldOffset(40)]
    public readonly ulong SharedInfo;

    [FieldOffset(56)]
    public readonly ulong StoreMfn;

    [FieldOffset(88)]
    public readonly ulong PtBase;
}
